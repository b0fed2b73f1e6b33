"""Digests: one row for all events of one status in one hour, executed at many moments."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from aks_communication_manager.kql.templates import Selection
from tests.kql.kql_table import GROUP, PROD, Record, cluster, hardened, run, stamp, upgrade
from tests.stand_in.records import NOT_SET

pytestmark = pytest.mark.long  # many queries, each a third of a second to translate

HOUR = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
SUBSCRIPTION = GROUP.rsplit("/", 2)[0]
LATER = HOUR + timedelta(hours=2)
PLANNED = "2026-06-22T22:04:00Z"
K8S = "K8sVersionUpgrade"


def event(name="aks-1", status="Scheduled", minute=10.0, group=GROUP, record="", **changed):
    bag = {"lastUpdateTime": stamp(HOUR + timedelta(minutes=minute)), "scheduledTime": PLANNED, "startTime": PLANNED}
    title = record or f"{name}-{status}-{minute}-{group[-8:]}"
    return Record(title, upgrade(status=status, **{**bag, **changed}), cluster(name, group))


def digests(records, now=LATER, scopes=(GROUP,), **changed):
    return run(hardened(scopes=scopes, grouping="digest", **changed), records, now)


def digest(records, now=LATER, **changed):
    [row] = digests(records, now, **changed)
    return row


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "aks-000"),
        (2, "aks-000, aks-001"),
        (21, ", ".join(f"aks-{number:03d}" for number in range(21))),
        (400, ", ".join(f"aks-{number:03d}" for number in range(400))[:2000] + " …"),
    ],
)
def test_a_digest_counts_and_names_its_clusters(count, text):
    found = [event(f"aks-{number:03d}", minute=number / 7) for number in range(count)]
    assert digest(found) == {
        "status": "Scheduled",
        "hour": "2026-06-15T09:00Z",
        "plannedTime": "2026-06-22T22:00Z",
        "events": count,
        "clusters": text,
    }


def test_the_text_is_cut_at_two_thousand_characters():
    found = [event("a" * 63, record=str(number), group=f"{GROUP}-{number:02d}") for number in range(26)]
    whole, cut = (digest([*found, event("b" * width)], scopes=[SUBSCRIPTION])["clusters"] for width in (43, 44))
    assert (len(whole), whole[-8:]) == (2000, "b@rg-aks")
    assert (len(cut), cut[-8:]) == (2002, "@rg-ak …")


def test_the_same_rows_in_any_order_give_the_same_text():
    found = [
        event(f"aks-{number}", status="Failed", minute=number, eventDetails=f"{K8S} {number % 3}")
        for number in range(40)
    ]
    texts = set()
    for seed in range(3):
        random.Random(seed).shuffle(found)
        texts.add(digest(found)["clusters"])
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("scopes", "text"),
    [
        ([PROD], "prod"),
        ([GROUP], "a.b, prod"),
        ([GROUP, f"{GROUP}-2"], "a.b@rg-aks, prod@rg-aks, prod@rg-aks-2"),
        ([SUBSCRIPTION], "a.b@rg-aks, prod@rg-aks, prod@rg-aks-2, x@providers"),
        (
            [SUBSCRIPTION, SUBSCRIPTION.replace("1", "2")],
            ", ".join(
                [
                    "a.b@rg-aks@11111111-1111-1111-1111-111111111111",
                    "prod@rg-aks-2@11111111-1111-1111-1111-111111111111",
                    "prod@rg-aks@11111111-1111-1111-1111-111111111111",
                    "prod@rg-aks@22222222-2222-2222-2222-222222222222",
                    "x@providers@11111111-1111-1111-1111-111111111111",
                ]
            ),
        ),
    ],
)
def test_a_cluster_is_named_as_far_as_the_rule_needs(scopes, text):
    found = [
        event("PROD", group=GROUP.replace("resourceGroups", "RESOURCEGROUPS")),
        event("a.b"),
        event("prod", group=f"{GROUP}-2"),
        event("x", group=f"{SUBSCRIPTION}/resourceGroups/Providers"),
        event("prod", group=GROUP.replace("1", "2")),
    ]
    assert digest(found, scopes=scopes)["clusters"] == text


def test_a_cluster_with_two_events_counts_twice_and_is_named_once():
    row = digest([event(minute=1), event(minute=59)])
    assert (row["events"], row["clusters"]) == (2, "aks-1")


def test_a_failure_shows_at_once_with_its_reason():
    reason = f"{K8S} failed, after (2) retries: " + "x" * 90
    row = digest([event(status="Failed", minute=10, eventDetails=f"{reason}\nmore")], HOUR + timedelta(minutes=11))
    assert (row["hour"], row["clusters"]) == ("2026-06-15T09:00Z", f"aks-1 ({reason[:60]})")


def test_a_failure_without_a_reason_has_the_name_alone():
    bag = {"eventDetails": None, "description": None, "extra": K8S}
    assert digest([event(status="Failed", **bag)])["clusters"] == "aks-1"


@pytest.mark.parametrize(
    ("status", "changed", "at_once"),
    [
        ("Scheduled", {}, False),
        ("Started", {}, False),
        ("Completed", {}, False),
        ("completed", {}, False),
        ("Failed", {}, True),
        ("FAILED", {}, True),
        ("Cancelled", {}, True),
        ("Paused", {}, True),
        ("Started", {"lastUpdateTime": NOT_SET, "startTime": stamp(HOUR + timedelta(minutes=10))}, True),
        ("Started", {"lastUpdateTime": None, "startTime": stamp(HOUR + timedelta(minutes=10))}, True),
    ],
)
def test_routine_events_wait_until_their_hour_is_over_for_15_minutes(status, changed, at_once):
    found = [event(status=status, **changed)]
    moments = (HOUR + timedelta(minutes=11), HOUR + timedelta(minutes=75) - timedelta(microseconds=1))
    assert [len(digests(found, now)) for now in moments] == [at_once, at_once]
    assert len(digests(found, HOUR + timedelta(minutes=75))) == 1


def test_a_record_without_any_time_is_in_no_digest():
    assert digests([event(lastUpdateTime=None, startTime=NOT_SET, scheduledTime="soon")]) == []


def test_all_rows_of_a_digest_leave_the_window_together():
    found = [event(f"aks-{minute}", minute=minute) for minute in (0, 1, 30, 59.9999)]
    last = HOUR + timedelta(hours=8)
    assert [row["events"] for row in digests(found, last)] == [4]
    assert digests(found, last + timedelta(microseconds=1)) == []


def test_hours_statuses_and_planned_hours_have_digests_of_their_own():
    found = [
        event(minute=59.99),
        event(minute=60),
        event(status="Started"),
        event("aks-2", scheduledTime="2026-06-22T23:00:00Z"),
        event("aks-3", scheduledTime="2026-06-22T22:59:59Z"),
        event("aks-4", scheduledTime=None, startTime=None),
    ]
    groups = [
        (row["status"], row["hour"][11:], row["plannedTime"], row["clusters"])
        for row in digests(found, LATER + timedelta(hours=1))
    ]
    assert sorted(groups) == [
        ("Scheduled", "09:00Z", "-", "aks-4"),
        ("Scheduled", "09:00Z", "2026-06-22T22:00Z", "aks-1, aks-3"),
        ("Scheduled", "09:00Z", "2026-06-22T23:00Z", "aks-2"),
        ("Scheduled", "10:00Z", "2026-06-22T22:00Z", "aks-1"),
        ("Started", "09:00Z", "2026-06-22T22:00Z", "aks-1"),
    ]


def test_a_late_event_changes_the_digest_of_its_hour_alone():
    found = [event("aks-1"), event("aks-2", minute=70), event("aks-3", status="Started")]
    now = HOUR + timedelta(hours=3)
    before = {tuple(row.values()) for row in digests(found, now)}
    after = {tuple(row.values()) for row in digests([*found, event("aks-9", minute=50)], now)}
    assert after - before == {("Scheduled", "2026-06-15T09:00Z", "2026-06-22T22:00Z", 2, "aks-1, aks-9")}
    assert len(before & after) == 2


def test_every_alert_of_a_night_is_news():
    chance = random.Random(0)
    visible = []
    for number in range(60):
        for status, offset in (("Started", 0), ("Completed", 40)):
            minute = chance.uniform(0, 300) + offset
            found = event(f"aks-{number:02d}", status, minute, record=f"{number}-{status}")
            visible.append((found, HOUR + timedelta(minutes=minute + chance.choice([0, 1, 5]))))
    fired, shown = [], set()
    for step in range(15 * 4):
        now = HOUR + step * timedelta(minutes=15)
        rows = {tuple(row.values()) for row in digests([each for each, since in visible if since <= now], now)}
        fired += sorted(rows - shown)
        shown = rows
    keys = [row[:3] for row in fired]
    assert len(keys) == len(set(keys)), "no event is later than 15 minutes, so no digest comes twice"
    assert sum(row[3] for row in fired) == len(visible)


def test_routes_select_what_a_digest_counts():
    found = [event(), event(status="Failed"), event(status="Canceled")]
    chosen = digests(found, selection=Selection(only=("Failed", "Canceled")))
    assert sorted(row["status"] for row in chosen) == ["Canceled", "Failed"]
    assert [row["status"] for row in digests(found, selection=Selection(excluding=("Failed", "Canceled")))] == [
        "Scheduled"
    ]


@pytest.mark.parametrize(("notice", "text"), [("cluster-auto-upgrade", "aks-1"), ("node-os-auto-upgrade", "aks-2")])
def test_each_family_has_its_own_digest(notice, text):
    found = [event("aks-1"), event("aks-2", eventDetails="NodeOSUpgrade")]
    assert digest(found, notice=notice)["clusters"] == text
