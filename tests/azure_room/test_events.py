"""Scheduled events, read from Azure Resource Graph by a query that runs."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

import pytest

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.connection import connect
from aks_communication_manager.azure.failures import Throttled
from aks_communication_manager.azure.scheduled_events import as_json, explain_silence, scheduled_events
from aks_communication_manager.notices.record import Record
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.faults import too_many_requests
from tests.stand_in.records import STARTED, upgrade
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, SUBSCRIPTION

SCOPE = ArmId.parse(CLUSTER)
WHOLE = ArmId.parse(f"/subscriptions/{SUBSCRIPTION}")
ROW = {"id": f"{CLUSTER}/scheduledEvents/one", "name": "one"}


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
        azure.graph.publish(cluster, str(uuid5(NAMESPACE_URL, cluster)), upgrade())
    found = scheduled_events(arm, [SCOPE])
    assert sorted(name_of(event.cluster) for event in found) == ["PROD", "prod"]
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


def test_a_record_without_update_time_is_sorted_by_its_planned_time():
    found = Record({**ROW, "properties": STARTED})
    assert (found.time, found.planned) == (datetime(2024, 4, 16, 22, 17, 12, 103268, UTC),) * 2
    assert as_json(found) == {
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
    more = ", so Azure announces nothing: `aks-communication-manager preflight` says more."
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
