"""Scheduled events, read from Azure Resource Graph by a query that runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, connect
from aks_communication_manager.azure.failures import Throttled
from aks_communication_manager.azure.scheduled_events import explain_silence, read_event, read_time, scheduled_events
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.faults import too_many_requests
from tests.stand_in.records import END_OF_SUPPORT, STARTED, upgrade
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, SUBSCRIPTION

SCOPE = ArmId.parse(CLUSTER)
WHOLE = ArmId.parse(f"/subscriptions/{SUBSCRIPTION}")
ROW = {"id": f"{CLUSTER}/scheduledEvents/one", "name": "one"}


def read(**changed: Any) -> Any:
    return read_event({**ROW, "properties": upgrade(**changed)})


def test_events_come_newest_first_with_notice_status_and_planned_time(azure: AzureEndpoint, arm: Arm):
    planned = "2026-06-22T22:00:00.1234567Z"
    azure.graph.publish(
        CLUSTER,
        "old",
        upgrade("NodeOSUpgrade", "Cancelled", lastUpdateTime="2026-06-14T10:00:00Z", scheduledTime=planned),
    )
    azure.graph.publish(CLUSTER, "new", upgrade(lastUpdateTime="2026-06-15T10:00:00.123456789Z", scheduledTime=planned))
    azure.graph.publish(CLUSTER, "never", {})
    assert [(event.name, event.notices, event.status, event.planned) for event in scheduled_events(arm, [SCOPE])] == [
        ("new", ("cluster-auto-upgrade",), "Scheduled", datetime(2026, 6, 22, 22, 0, 0, 123456, UTC)),
        ("old", ("node-os-auto-upgrade",), "Canceled", datetime(2026, 6, 22, 22, 0, 0, 123456, UTC)),
        ("never", (), "", None),
    ]


def test_other_clusters_are_left_out_and_spellings_do_not_matter(azure: AzureEndpoint, arm: Arm):
    for cluster in (CLUSTER, f"{CLUSTER}-2", CLUSTER.replace("resourceGroups", "resourcegroups").upper()):
        azure.seed_cluster(cluster)
        azure.graph.publish(cluster, cluster, upgrade())
    found = scheduled_events(arm, [SCOPE])
    assert sorted(event.cluster.cluster or "" for event in found) == ["PROD", "prod"]
    assert len(scheduled_events(arm, [ArmId.parse(CLUSTER_GROUP)])) == 3
    assert len(scheduled_events(arm, [WHOLE])) == 3
    assert scheduled_events(arm, [ArmId.parse(GROUP)]) == []


def test_more_than_a_thousand_events_come_in_pages(azure: AzureEndpoint):
    for number in range(2500):
        azure.graph.publish(CLUSTER, f"{number:04}", upgrade())
    lines: list[str] = []
    with connect(lines.append) as arm:
        found = scheduled_events(arm, [WHOLE])
    assert sorted(event.name for event in found) == [f"{number:04}" for number in range(2500)]
    assert lines == ["Events: 1,000 of 2,500", "Events: 2,000 of 2,500", "Events: 2,500 of 2,500"]


def test_a_throttled_query_ends_with_one_line(azure: AzureEndpoint, arm: Arm):
    azure.fail("POST", "ResourceGraph", too_many_requests(300), times=None)
    with pytest.raises(Throttled, match="wait 300 seconds"):
        scheduled_events(arm, [SCOPE])


# One record


@pytest.mark.parametrize(
    ("scheduled", "started", "planned"),
    [
        ("2026-06-22T00:00:00Z", "2026-06-23T00:00:00Z", 23),
        ("2026-06-23T00:00:00Z", "2026-06-22T00:00:00Z", 23),
        ("2026-06-22T00:00:00Z", "0001-01-01T00:00:00.0000000Z", 22),
        ("0001-01-01T00:00:00.0000000Z", None, None),
        (..., ..., None),
        ("soon", "2026-06-22T00:00:00.0000000Z", 22),
    ],
)
def test_the_planned_time_is_the_later_one_that_is_set(scheduled: Any, started: Any, planned: int | None):
    found = read(scheduledTime=scheduled, startTime=started).planned
    assert (found and found.day) == planned


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-04-16T22:17:12.103268606Z", datetime(2024, 4, 16, 22, 17, 12, 103268, UTC)),
        ("2024-04-16T22:17:12.1032686Z", datetime(2024, 4, 16, 22, 17, 12, 103268, UTC)),
        ("2024-04-16T22:17:12Z", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("2024-04-17T00:17:12+02:00", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("2024-04-16T22:17:12", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00.0000000Z", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_times_have_any_number_of_digits_and_year_one_is_none(text: Any, moment: datetime | None):
    assert read_time(text) == moment


@pytest.mark.parametrize(
    ("bag", "notices"),
    [
        (upgrade("NodeOSUpgrade"), ("node-os-auto-upgrade",)),
        (upgrade(eventDetails={"type": "K8sVersionUpgrade"}), ("cluster-auto-upgrade",)),
        (upgrade(eventDetails="", description="a nodeosupgrade"), ("node-os-auto-upgrade",)),
        (upgrade(eventDetails="K8sVersionUpgrade", description="after a NodeOSUpgrade"), ("cluster-auto-upgrade",)),
        (upgrade(eventDetails="K8sVersionUpgrade and NodeOSUpgrade"), ("cluster-auto-upgrade", "node-os-auto-upgrade")),
        (END_OF_SUPPORT, ("end-of-support",)),
        ({**END_OF_SUPPORT, "eventSource": "EOLNotfication"}, ("end-of-support",)),
        (STARTED, ()),
        (None, ()),
    ],
)
def test_the_notice_is_the_one_whose_rule_reports_the_event(bag: Any, notices: tuple[str, ...]):
    assert read_event({**ROW, "properties": bag}).notices == notices


def test_a_published_record_without_an_update_time_is_ordered_by_when_it_was_planned():
    found = read_event({**ROW, "properties": STARTED})
    assert (found.time, found.planned) == (read_time(STARTED["scheduledTime"]),) * 2
    assert found.as_json() == {
        "name": "one",
        "cluster": CLUSTER,
        "notices": [],
        "status": "Started",
        "description": "ScheduledEvents",
        "time": "2024-04-16T22:17:12Z",
        "planned": "2024-04-16T22:17:12Z",
    }


# Nothing at all


def test_silence_without_rights_is_explained(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(GROUP, "Owner")]
    assert explain_silence(arm, [SCOPE]) == (
        "Azure Resource Graph shows this login no cluster in these scopes: there is none, or the login may not read them "
        "(the role Reader is enough)."
    )


def test_silence_without_a_channel_is_explained(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(CLUSTER, channel="none", node_os_channel="None")
    more = ", so Azure upgrades and announces nothing: `aks-communication-manager preflight` says more."
    assert explain_silence(arm, [SCOPE]) == f"The cluster has no auto-upgrade channel{more}"
    azure.seed_cluster(f"{CLUSTER}-2", channel=None, node_os_channel="Unmanaged")
    assert explain_silence(arm, [WHOLE]) == f"None of the 2 clusters has an auto-upgrade channel{more}"


def test_silence_because_nothing_is_planned_is_explained(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(f"{CLUSTER}-2", channel=None, node_os_channel=None)
    assert explain_silence(arm, [SCOPE]) == (
        "Nothing is planned for the cluster: Azure announces an upgrade a week before it starts, and deletes records of "
        "past ones after a while."
    )
    assert explain_silence(arm, [WHOLE]).startswith("Nothing is planned for the 2 clusters: ")
