"""Missed maintenance: announced, and a day after its planned start nothing has begun. Stories, played over days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.kql.kql_table import GROUP, Record, cluster, hardened, run, stamp, upgrade
from tests.stand_in.records import NOT_SET, STARTED

pytestmark = pytest.mark.long  # many queries, each a third of a second to translate

PLANNED = datetime(2026, 6, 15, 22, 4, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DUE = PLANNED + DAY + HOUR


def announced(name="prod", planned=PLANNED, before=7 * DAY, event="K8sVersionUpgrade", maintenance="m-1", **changed):
    times = {"scheduledTime": stamp(planned), "startTime": NOT_SET, "lastUpdateTime": stamp(planned - before)}
    bag = upgrade(event, **{**times, "eventId": maintenance, **changed})
    return Record(f"{name}-{maintenance}-{before}-{bag.get('eventStatus')}", bag, cluster(name))


def reported(status, name="prod", after=HOUR, **changed):
    return announced(name, before=-after, eventStatus=status, **changed)


def missed(records, now=DUE, grouping="event", scopes=(GROUP,)):
    return run(hardened("missed-maintenance", scopes, grouping=grouping), records, now)


def test_a_missed_maintenance_is_named_with_family_cluster_and_time():
    assert missed([announced("Prod"), announced("Prod", before=DAY)]) == [
        {
            "family": "K8sVersionUpgrade",
            "plannedTime": "2026-06-15T22:04Z",
            "clusterName": "prod",
            "clusterId": cluster("prod").lower(),
            "eventName": "m-1",
        }
    ]


@pytest.mark.parametrize("status", ["Started", "Completed", "Canceled", "Cancelled", "cancelled", "Failed", "Paused"])
def test_any_record_that_it_began_or_ended_silences_it(status):
    assert missed([announced(), reported(status)]) == []


def test_a_started_record_need_not_name_the_family():
    started = {**STARTED, "eventId": "m-1"}
    assert missed([announced(), Record("started", started, cluster("prod"))]) == []


def test_a_maintenance_that_began_without_an_announcement_is_not_missed():
    assert missed([reported("Started")]) == []


@pytest.mark.parametrize("spelling", ["scheduled", "SCHEDULED"])
def test_an_announcement_counts_however_it_is_spelled(spelling):
    assert len(missed([announced(eventStatus=spelling)])) == 1


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"eventId": None}, 0),
        ({"eventId": ""}, 0),
        ({"eventStatus": None}, 0),
        ({"eventDetails": "maintenance"}, 0),
        ({"eventDetails": "maintenance", "description": "NodeOSUpgrade"}, 1),
        ({"eventDetails": {"type": "NodeOSUpgrade"}, "description": "K8sVersionUpgrade"}, 1),
        ({"scheduledTime": NOT_SET}, 0),
    ],
)
def test_what_counts_as_an_announcement(changed, found):
    rows = missed([announced(**changed)])
    assert len(rows) == found
    assert {row["family"] for row in rows} <= {"NodeOSUpgrade"}


def test_it_is_due_a_day_after_the_planned_start_and_for_the_look_back():
    moments = [PLANNED + DAY, PLANNED + DAY + MINUTE, PLANNED + DAY + 6 * HOUR, PLANNED + DAY + 6 * HOUR + MINUTE]
    assert [len(missed([announced()], now)) for now in moments] == [0, 1, 1, 0]


def test_an_announcement_counts_however_early_or_late_it_was_made():
    assert len(missed([announced(before=200 * DAY)])) == 1
    assert len(missed([announced(before=-2 * HOUR)])) == 1, "announced two hours after the planned start"


def test_a_postponed_maintenance_is_due_a_day_after_its_latest_date():
    moved = [announced(), announced(before=DAY, planned=PLANNED + 3 * DAY)]
    assert missed(moved) == []
    assert [row["plannedTime"] for row in missed(moved, DUE + 3 * DAY)] == ["2026-06-18T22:04Z"]


def test_one_brought_forward_is_reported_by_its_first_date():
    moved = [announced(), announced(before=3 * DAY, planned=PLANNED - 2 * DAY)]
    assert missed(moved, DUE - 2 * DAY) == []
    assert len(missed(moved)) == 1


def test_a_record_updated_in_place_is_as_good_as_a_new_one():
    in_place = announced(eventStatus="Completed")
    assert missed([in_place]) == []


def test_another_maintenance_of_the_cluster_does_not_hide_a_missed_one():
    found = [announced(), reported("Completed", maintenance="m-2"), announced(event="NodeOSUpgrade", maintenance="m-3")]
    assert sorted((row["family"], row["eventName"]) for row in missed(found)) == [
        ("K8sVersionUpgrade", "m-1"),
        ("NodeOSUpgrade", "m-3"),
    ]


def test_a_maintenance_of_another_cluster_is_another_one():
    assert [row["clusterName"] for row in missed([announced(), reported("Started", "test")])] == ["prod"]


def test_the_letter_case_of_an_id_makes_no_other_cluster():
    assert missed([announced("Prod"), reported("Started", "PROD")]) == []


def test_a_digest_names_all_clusters_missed_in_one_planned_hour():
    found = [
        announced("b", planned=PLANNED + 50 * MINUTE),
        announced("B", planned=PLANNED, maintenance="m-2"),
        announced("a"),
        announced("c"),
        announced("d", event="NodeOSUpgrade"),
    ]
    assert sorted(missed(found, PLANNED + DAY + 2 * HOUR, "digest"), key=repr) == [
        {"family": "K8sVersionUpgrade", "plannedTime": "2026-06-15T22:00Z", "events": 4, "clusters": "a, b, c"},
        {"family": "NodeOSUpgrade", "plannedTime": "2026-06-15T22:00Z", "events": 1, "clusters": "d"},
    ]


def test_a_digest_enters_the_window_and_leaves_it_whole():
    found = [announced("a", planned=PLANNED - 4 * MINUTE), announced("b", planned=PLANNED + 55 * MINUTE)]
    start = PLANNED - 4 * MINUTE
    seen = [
        [row["events"] for row in missed(found, now, "digest")]
        for now in (
            start + 25 * HOUR - MINUTE,
            start + 25 * HOUR,
            start + 32 * HOUR,
            start + 32 * HOUR + MINUTE,
        )
    ]
    assert seen == [[], [2], [2], []]
