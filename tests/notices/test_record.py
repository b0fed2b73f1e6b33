"""What the reader of records reads, and what the writer writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.record import NOT_SET, Record, read_time, stamp, write
from tests.stand_in.records import END_OF_SUPPORT, STARTED, upgrade
from tests.stand_in.samples import CLUSTER

TIME = datetime(2026, 6, 15, 10, tzinfo=UTC)


def read(bag: Any) -> Record:
    return Record({"id": f"{CLUSTER}/scheduledEvents/one", "name": "one", "properties": bag})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-04-16T22:17:12.103268606Z", datetime(2024, 4, 16, 22, 17, 12, 103268, UTC)),
        ("2024-04-16T22:17:12.1032686Z", datetime(2024, 4, 16, 22, 17, 12, 103268, UTC)),
        ("2024-04-16T22:17:12.1032686??", datetime(2024, 4, 16, 22, 17, 12, 103268, UTC)),
        ("2024-04-16T22:17:12.1Z", datetime(2024, 4, 16, 22, 17, 12, 100000, UTC)),
        ("2024-04-16T22:17:12Z", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("2024-04-16T22:17Z", datetime(2024, 4, 16, 22, 17, tzinfo=UTC)),
        ("2024-04-16 22:17", datetime(2024, 4, 16, 22, 17, tzinfo=UTC)),
        (" 2024-04-16T22:17:12Z\n", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("2024-04-16", datetime(2024, 4, 16, tzinfo=UTC)),
        ("2024-04-17T00:17:12+02:00", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("2024-04-16T22:17:12", datetime(2024, 4, 16, 22, 17, 12, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        *(
            (text, None)
            for text in (
                *(
                    NOT_SET,
                    "0001-01-01T00:00:00+14:00",
                    "1969-12-31T23:59:59Z",
                    "9999-12-31T23:59:59-14:00",
                    "",
                    "soon",
                ),
                *(
                    "2026-02-30T00:00:00Z",
                    "2026-02-03T25:00:00Z",
                    "2026-02-03T10:00:00+25:00",
                    "٢٠٢٦-٠١-٠١",
                    "5",
                    "\x00",
                ),
            )
        ),
    ],
)
def test_times_with_any_digits_and_offset(text, moment):
    assert read_time(text) == moment


def test_a_time_is_written_in_utc_with_seven_digits():
    there = datetime(2026, 1, 1, 1, 2, 3, 4, timezone(timedelta(hours=2)))
    assert stamp(there) == "2025-12-31T23:02:03.0000040Z"
    assert stamp(None) == NOT_SET
    assert read_time(stamp(there)) == there


@pytest.mark.parametrize(
    ("bag", "notices"),
    [
        (upgrade("NodeOSUpgrade"), ("node-os-auto-upgrade",)),
        (upgrade(eventDetails={"type": "K8sVersionUpgrade"}), ("cluster-auto-upgrade",)),
        (upgrade(eventDetails="", description="a nodeosupgrade"), ("node-os-auto-upgrade",)),
        (upgrade(eventDetails="K8sVersionUpgrade", description="after a NodeOSUpgrade"), ("cluster-auto-upgrade",)),
        (upgrade(eventDetails="K8sVersionUpgrade and NodeOSUpgrade"), ("cluster-auto-upgrade", "node-os-auto-upgrade")),
        (upgrade(eventStatus=None), ()),
        (END_OF_SUPPORT, ("end-of-support",)),
        (END_OF_SUPPORT | {"eventSource": "EOLNotfication"}, ("end-of-support",)),
        (END_OF_SUPPORT | {"description": "KubernetesVersionEOLToday"}, ("end-of-support",)),
        (END_OF_SUPPORT | {"description": ""}, ()),
        (END_OF_SUPPORT | {"eventDetails": "K8sVersionUpgrade"}, ("cluster-auto-upgrade", "end-of-support")),
        (STARTED, ()),
        (None, ()),
        ([], ()),
    ],
)
def test_the_notices_are_those_whose_queries_report_the_record(bag, notices):
    assert read(bag).notices == notices
    assert read(bag).families == tuple(NOTICES[name].family for name in notices)


@pytest.mark.parametrize(
    ("written", "status"),
    [("Cancelled", "Canceled"), ("canceled", "Canceled"), ("failed", "failed"), (7, "7"), (None, ""), (..., "")],
)
def test_a_status_is_spelled_as_in_notifications(written, status):
    assert read(upgrade(eventStatus=written)).status == status


def test_a_stage_takes_the_place_of_the_status():
    found = read(END_OF_SUPPORT)
    assert (found.status, found.stage, found.stage_or_status) == ("Scheduled", *["KubernetesVersionEOLOneWeek"] * 2)
    assert (read(upgrade()).stage, read(upgrade()).stage_or_status) == ("", "Scheduled")


@pytest.mark.parametrize(
    ("scheduled", "started", "planned"),
    [
        ("2026-06-22T00:00:00Z", "2026-06-23T00:00:00Z", 23),
        ("2026-06-23T00:00:00Z", "2026-06-22T00:00:00Z", 23),
        ("2026-06-22T00:00:00Z", NOT_SET, 22),
        (NOT_SET, None, None),
        (..., ..., None),
        ("soon", "2026-06-22T00:00:00.0000000Z", 22),
    ],
)
def test_the_planned_start_is_the_later_time_that_is_set(scheduled, started, planned):
    found = read(upgrade(scheduledTime=scheduled, startTime=started)).planned
    assert (found and found.day) == planned


@pytest.mark.parametrize(
    ("status", "details", "description", "reason"),
    [
        ("Failed", "a\r\nb", "c", "a"),
        ("Cancelled", "a\nb", "c", "a"),
        ("failed", "\na", "b\nc", "b"),
        ("Failed", "", "", "-"),
        ("Failed", None, None, "-"),
        ("Failed", "x" * 300, "", "x" * 200),
        ("Failed", {"code": "Drain", "message": 'a "b"\n'}, "", '{"code":"Drain","message":"a \\"b\\"\\n"}'),
        ("Failed", '{"code": "Drain"}', "", '{"code":"Drain"}'),
        ("Failed", '"drain" failed', "", '"drain" failed'),
        ("Failed", "NaN", "", "NaN"),
        ("Started", "a", "b", "-"),
    ],
)
def test_a_reason_is_the_first_line_of_what_ended_badly(status, details, description, reason):
    assert read(upgrade(status=status, eventDetails=details, description=description)).reason == reason


def test_the_time_is_the_first_of_three_that_is_set():
    times = {"lastUpdateTime": "2026-06-15T10:00:00Z", "startTime": "2026-06-16", "scheduledTime": "2026-06-17"}
    for day, key in ((15, "lastUpdateTime"), (16, "startTime"), (17, "scheduledTime")):
        found = read(upgrade(**times)).time
        assert found
        assert found.day == day
        times[key] = NOT_SET
    assert read(upgrade(**times)).time is None


@pytest.mark.parametrize(
    ("id_", "cluster"),
    [
        (f"{CLUSTER}/scheduledEvents/one", CLUSTER),
        (f"{CLUSTER}/x", CLUSTER),
        (CLUSTER, ""),
        (
            CLUSTER.replace("managedClusters", "MANAGEDCLUSTERS") + "/x/y",
            CLUSTER.replace("managedClusters", "MANAGEDCLUSTERS"),
        ),
        ("/subscriptions/a/resourceGroups/managedClusters/providers/x/y/z", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_the_cluster_is_what_the_record_lies_below(id_, cluster):
    assert Record({"id": id_}).cluster == cluster


def test_a_record_of_an_upgrade_is_written_and_read_again():
    made = write(CLUSTER, "node-os-auto-upgrade", "Started", "one", scheduled=TIME, updated=TIME, event_id="two")
    assert (made.id, made.name, made.cluster) == (f"{CLUSTER}/scheduledEvents/one", "one", CLUSTER)
    assert (made.notices, made.status, made.time, made.planned) == (("node-os-auto-upgrade",), "Started", TIME, TIME)
    assert (made.properties["eventId"], made.properties["startTime"]) == ("two", NOT_SET)


def test_a_record_of_end_of_support_has_the_keys_of_the_published_one():
    stage = "KubernetesVersionEOLOneWeek"
    made = write(CLUSTER, "end-of-support", stage, "one", scheduled=TIME, details=END_OF_SUPPORT["eventDetails"])
    assert made.properties.keys() == END_OF_SUPPORT.keys() | {"resources", "resourceType"}
    assert (made.notices, made.stage, made.planned) == (("end-of-support",), stage, TIME)
    timed = write(CLUSTER, "end-of-support", stage, "one", scheduled=TIME, updated=TIME - timedelta(days=7))
    assert (timed.time, timed.planned) == (TIME - timedelta(days=7), TIME)


def nested(levels: int) -> Any:
    value: Any = "K8sVersionUpgrade"
    for _ in range(levels):
        value = [value]
    return value


ODD = {
    "nested": nested(100_000),
    "digits": 10**5000,
    "surrogate": "\ud800",
    "nan": float("nan"),
    "key": {"\ud800": 1},
    "bool": True,
    "list": ["a"],
    "bag": {},
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("key", ["eventStatus", "eventDetails", "description", "eventSource", "lastUpdateTime"])
def test_no_value_of_a_field_raises(key, odd):
    found = read(upgrade(**{key: ODD[odd]}))
    for name in ("notices", "status", "stage", "reason", "time", "planned", "description", "cluster"):
        getattr(found, name)
