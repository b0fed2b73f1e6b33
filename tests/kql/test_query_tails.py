"""Windows, limits and groups of digests and of missed maintenance, each at its edge, with few queries to translate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.kql.kql_table import GROUP, PROD, Record, cluster, hardened, run, stamp, upgrade
from tests.stand_in.records import NOT_SET

TICK, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 6, 15, 9, tzinfo=UTC)
PLANNED = datetime(2026, 6, 15, 22, 4, tzinfo=UTC)
DIGEST = hardened(scopes=(GROUP,), grouping="digest")
MISSED = {grouping: hardened("missed-maintenance", (GROUP,), grouping=grouping) for grouping in ("event", "digest")}


def event(name, status, minute=10, **changed):
    times = {"lastUpdateTime": stamp(START + minute * MINUTE), "scheduledTime": stamp(PLANNED), "startTime": NOT_SET}
    return Record(f"{name}-{status}-{minute}", upgrade(status=status, **{**times, **changed}), cluster(name))


def announced(maintenance, name="prod", **changed):
    times = {"scheduledTime": stamp(PLANNED), "startTime": NOT_SET, "lastUpdateTime": stamp(PLANNED - DAY)}
    bag = upgrade(**{**times, "eventId": maintenance, **changed})
    return Record(f"{name}-{maintenance}-{bag.get('eventStatus')}", bag, cluster(name))


def digests(records, now):
    rows = run(DIGEST, records, now)
    return sorted((row["status"], row["hour"], row["plannedTime"], row["events"], row["clusters"]) for row in rows)


def missed(records, now, grouping="event"):
    return sorted(run(MISSED[grouping], records, now), key=repr)


def test_a_digest_holds_routine_statuses_for_75_minutes_and_no_others():
    found = [
        *(event("a", status) for status in ("Scheduled", "Started", "Completed", "Canceled", "Failed", "Paused")),
        event("b", "Started", lastUpdateTime=NOT_SET, scheduledTime=NOT_SET, startTime=stamp(START)),
    ]
    early = digests(found, START + 75 * MINUTE - TICK)
    assert [row[0] for row in early] == ["Canceled", "Failed", "Paused", "Started"]
    assert [row[0] for row in digests(found, START + 75 * MINUTE)] == [
        *("Canceled", "Completed", "Failed", "Paused", "Scheduled", "Started", "Started")
    ]


def test_a_digest_stays_in_the_window_for_the_look_back_and_two_hours():
    found = [event("a", "Started", minute=0), event("b", "Started", minute=59)]
    row = ("Started", "2026-06-15T09:00Z", "2026-06-15T22:00Z", 2, "a, b")
    assert digests(found, START + 8 * HOUR) == [row]
    assert digests(found, START + 8 * HOUR + TICK) == []


def test_a_digest_cuts_reasons_at_60_characters_and_names_at_2000():
    long = [event(f"c{number:02d}{'x' * 60}", "Started") for number in range(30)]  # 1,948 characters with commas
    fits, cut = ([*long, event("z" * width, "Started")] for width in (50, 51))
    failed = event("a", "Failed", eventDetails="K8sVersionUpgrade " + "x" * 90)
    plain = event(
        "b", "Canceled", eventDetails=None, description=None, extra="K8sVersionUpgrade", scheduledTime=NOT_SET
    )
    rows = digests([*fits, failed, plain], START + 2 * HOUR)
    assert rows[0] == ("Canceled", "2026-06-15T09:00Z", "-", 1, "b")
    assert rows[1][4] == f"a (K8sVersionUpgrade {'x' * 42})"
    assert (rows[2][3], len(rows[2][4]), rows[2][4][-1]) == (31, 2000, "z")
    assert digests(cut, START + 2 * HOUR)[0][4].removesuffix(" …") == rows[2][4]


def test_a_missed_maintenance_is_reported_for_the_look_back_after_one_day():
    moments = [PLANNED + DAY, PLANNED + DAY + TICK, PLANNED + DAY + 6 * HOUR, PLANNED + DAY + 6 * HOUR + TICK]
    assert [len(missed([announced("m-1")], now)) for now in moments] == [0, 1, 1, 0]


def test_a_postponed_maintenance_counts_from_its_latest_date():
    later = Record("later", announced("m-1", scheduledTime=stamp(PLANNED + 3 * DAY)).properties, cluster("prod"))
    found = [announced("m-1"), later]
    assert missed(found, PLANNED + DAY + HOUR) == []
    assert [row["plannedTime"] for row in missed(found, PLANNED + 4 * DAY + HOUR)] == ["2026-06-18T22:04Z"]


def test_a_missed_digest_is_visible_from_25_to_32_hours():
    found = [announced("m-1", "a"), announced("m-2", "B"), announced("m-3", "b")]
    hour = PLANNED.replace(minute=0)
    row = {"family": "K8sVersionUpgrade", "plannedTime": "2026-06-15T22:00Z", "events": 3, "clusters": "a, b"}
    moments = [hour + 25 * HOUR - TICK, hour + 25 * HOUR, hour + 32 * HOUR, hour + 32 * HOUR + TICK]
    assert [missed(found, now, "digest") for now in moments] == [[], [row], [row], []]


@pytest.mark.parametrize("status", ["Started", "Completed", "Canceled", "Failed", "Paused"])
def test_a_maintenance_with_any_other_status_is_not_missed(status):
    begun = announced("m-1", eventStatus=status, eventDetails="says no family", scheduledTime=NOT_SET)
    assert missed([announced("m-1"), begun], PLANNED + DAY + HOUR) == []


def test_a_missed_maintenance_needs_an_id_a_status_and_a_family():
    found = [
        announced("", eventId=""),
        announced("m-2", eventStatus=None),
        announced("m-3", eventDetails="other"),
        announced("m-4", eventDetails="other", description="NodeOSUpgrade"),
        announced("m-5", eventDetails="NodeOSUpgrade", description="K8sVersionUpgrade"),
        announced("m-6", eventDetails="other", description="K8sVersionUpgrade"),
        announced("m-7", eventStatus="scheduled"),
        announced("m-7", eventStatus=None),
    ]
    assert missed(found, PLANNED + DAY + HOUR) == [
        {
            "family": family,
            "plannedTime": "2026-06-15T22:04Z",
            "clusterName": "prod",
            "clusterId": PROD.lower(),
            "eventName": name,
        }
        for family, name in (
            ("K8sVersionUpgrade", "m-6"),
            ("K8sVersionUpgrade", "m-7"),
            ("NodeOSUpgrade", "m-4"),
            ("NodeOSUpgrade", "m-5"),
        )
    ]


def test_a_digest_of_a_subscription_names_the_resource_group():
    subscription = GROUP.partition("/resourceGroups/")[0]
    other = Record("other", event("a", "Failed").properties, cluster("A", f"{subscription}/resourcegroups/RG-2"))
    found = [event("a", "Started"), event("b", "Started", 20)]
    rows = run(hardened(scopes=(subscription,), grouping="digest"), [*found, other], START + 2 * HOUR)
    names = sorted((row["status"], row["clusters"].partition(" (")[0]) for row in rows)
    assert names == [("Failed", "a@rg-2"), ("Started", "a@rg-aks, b@rg-aks")]
