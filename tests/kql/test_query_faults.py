"""Records on which the documented query fails, with the result of both queries: one run of each, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from tests.kql.kql_table import (
    FREQUENCY,
    NOW,
    Record,
    cluster,
    documented,
    hardened,
    run,
    stamp,
    upgrade,
)
from tests.stand_in.records import END_OF_SUPPORT, NOT_SET

TEN_MINUTES_AGO = stamp(NOW - timedelta(minutes=10))


def last(key: str, bag: dict[str, Any]) -> dict[str, Any]:
    """The bag with that key moved to its end."""
    return {**{name: value for name, value in bag.items() if name != key}, key: bag[key]}


@dataclass(frozen=True)
class Fault:
    title: str
    properties: Any
    documented: str | None
    """The status that the documented query returns, None if it returns no row."""
    ours: str | None
    cluster: str = cluster("prod")


FAULTS = {
    "prod-2": Fault("a cluster whose name begins alike", upgrade(status="Failed"), "Failed", None, cluster("prod-2")),
    "production": Fault("another such name", upgrade(status="Failed"), "Failed", None, cluster("production")),
    "status-last": Fault("eventStatus as the last key", last("eventStatus", upgrade(status="Failed")), None, "Failed"),
    "time-last": Fault(
        "lastUpdateTime as the last key", last("lastUpdateTime", upgrade(status="Failed")), None, "Failed"
    ),
    "time-null": Fault(
        "lastUpdateTime null, startTime set",
        upgrade(status="Started", lastUpdateTime=None, startTime=TEN_MINUTES_AGO),
        None,
        "Started",
    ),
    "status-null": Fault("eventStatus null: no notice", upgrade(status=None), "ul", None),  # type: ignore[arg-type]
    "no-details": Fault(
        "the family named outside eventDetails, which is missing",
        upgrade(status="Failed", eventDetails=..., description="K8sVersionUpgrade"),
        None,
        "Failed",
    ),
    "both-named": Fault(
        "a node OS upgrade whose description names the other family",
        upgrade(event="NodeOSUpgrade", description="Runs beside K8sVersionUpgrade"),
        "Scheduled",
        None,
    ),
    "not-set": Fault(
        "lastUpdateTime not set, as in the published record of a started upgrade",
        upgrade(status="Started", lastUpdateTime=NOT_SET, startTime=TEN_MINUTES_AGO),
        None,
        "Started",
    ),
    "cancelled": Fault("the API's spelling of Canceled", upgrade(status="Cancelled"), "Cancelled", "Canceled"),
    "long-status": Fault(
        "a status of more than 50 characters",
        upgrade(status="ScheduledButWaitingForTheMaintenanceWindowToBeOpenedAgain"),
        None,
        "ScheduledButWaitingForTheMaintenanceWindowToBeOpenedAgain",
    ),
    "comma": Fault("a status with a comma", upgrade(status="Failed, retried"), "Faile", "Failed, retried"),
    "quoted-key": Fault(
        "a description that mentions eventStatus",
        upgrade(status="Failed", description="eventStatus follows, and more"),
        "llow",
        "Failed",
    ),
}


@cache
def statuses(query: str) -> dict[str, str]:
    records = [Record(name, fault.properties, fault.cluster) for name, fault in FAULTS.items()]
    return {row["name"]: row["status"] for row in run(query, records)}


@pytest.mark.parametrize("name", FAULTS)
def test_where_the_documented_query_fails_ours_is_right(name):
    fault = FAULTS[name]
    assert fault.documented != fault.ours, "then it is no fault"
    assert statuses(documented()).get(name) == fault.documented, f"documented: {fault.title}"
    assert statuses(hardened(look_back=FREQUENCY)).get(name) == fault.ours, f"ours: {fault.title}"


def test_a_node_os_upgrade_naming_the_other_family_reaches_its_own_rule():
    record = [Record("event", FAULTS["both-named"].properties)]
    assert run(documented("node-os-auto-upgrade"), record) == []
    assert [row["status"] for row in run(hardened("node-os-auto-upgrade", look_back=FREQUENCY), record)] == [
        "Scheduled"
    ]


def test_an_event_visible_after_its_window_is_lost_by_the_documented_query():
    event = [Record("late", upgrade(status="Failed", lastUpdateTime=stamp(NOW - timedelta(minutes=31))))]
    assert run(documented(), event) == []
    assert [row["name"] for row in run(hardened(), event)] == ["late"]


def test_end_of_support_is_never_seen_by_the_documented_queries():
    record = [Record("eol", {**END_OF_SUPPORT, "lastUpdateTime": TEN_MINUTES_AGO})]
    assert run(documented(), record) == run(documented("node-os-auto-upgrade"), record) == []
    rows = run(hardened("end-of-support", look_back=FREQUENCY), record)
    assert [row["description"] for row in rows] == ["KubernetesVersionEOLOneWeek"]


WELL_FORMED = [
    Record(
        f"{event}-{status}-{minutes}-{digits}",
        upgrade(event, status, lastUpdateTime=stamp(at, digits), eventDetails=details),
    )
    for event in ("K8sVersionUpgrade", "NodeOSUpgrade")
    for status in ("Scheduled", "Started", "Completed", "Canceled", "Failed")
    for minutes in (0, 1, 15, 29, 30, 31, 600)
    for digits in (0, 6, 7, 9)
    for at in [NOW - timedelta(minutes=minutes)]
    for details in [f"{event} from 1.32.3", {"type": event}][minutes % 2 :][:1]
    if minutes
]


@pytest.mark.parametrize("notice", ["cluster-auto-upgrade", "node-os-auto-upgrade"])
def test_both_agree_where_the_documented_query_works(notice):
    columns = ("name", "status", "eventTime", "upgradeType", "details", "properties")
    theirs = [tuple(row[name] for name in columns) for row in run(documented(notice), WELL_FORMED)]
    ours = [tuple(row[name] for name in columns) for row in run(hardened(notice, look_back=FREQUENCY), WELL_FORMED)]
    assert len(ours) == 5 * 4 * 4
    assert sorted(ours, key=repr) == sorted(theirs, key=repr)
