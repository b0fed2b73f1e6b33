"""Reasons and planned times: the dimensions that say why and when."""

from __future__ import annotations

import json
from functools import cache

import pytest

from tests.kql.kql_table import Record, hardened, run, upgrade
from tests.stand_in.records import NOT_SET

K8S = "K8sVersionUpgrade"
LONG = f"{K8S} " + "x" * 4000
REASONS = {
    "one line": ({"eventDetails": f"{K8S} failed: quota"}, f"{K8S} failed: quota"),
    "quotes": ({"eventDetails": f'{K8S}: "disk" isn\'t free'}, f'{K8S}: "disk" isn\'t free'),
    "newline": ({"eventDetails": f"{K8S} failed\nsecond"}, f"{K8S} failed"),
    "newline at the end": ({"eventDetails": f"{K8S} failed\n"}, f"{K8S} failed"),
    "return and newline": ({"eventDetails": f"{K8S} failed\r\nsecond"}, f"{K8S} failed"),
    "return": ({"eventDetails": f"{K8S} failed\rsecond\nthird"}, f"{K8S} failed"),
    "braces": ({"eventDetails": f"{K8S} ${{x}} %{{y}} {{z}} <scopes>"}, f"{K8S} ${{x}} %{{y}} {{z}} <scopes>"),
    "4,000 characters": ({"eventDetails": LONG}, LONG[:200]),
    "200 characters": ({"eventDetails": LONG[:200]}, LONG[:200]),
    "object": ({"eventDetails": {"type": K8S, "code": 7}}, f'{{"type":"{K8S}","code":7}}'),
    "JSON": ({"eventDetails": json.dumps({"type": K8S}, indent=2)}, f'{{"type":"{K8S}"}}'),
    "not quite JSON": ({"eventDetails": f"{{{K8S}\n}}"}, f"{{{K8S}"),
    "no details": ({"eventDetails": None, "description": f"{K8S} of the pool\nmore"}, f"{K8S} of the pool"),
    "details begin with a newline": ({"eventDetails": f"\n{K8S}", "description": "see details\r\n"}, "see details"),
    "nothing to say": ({"eventDetails": f"\n{K8S}", "description": "\r\n"}, "-"),
    "neither": ({"eventDetails": None, "description": None, "extra": K8S}, "-"),
    "other script": ({"eventDetails": f"{K8S} – “größer” 完了 🚀"}, f"{K8S} – “größer” 完了 🚀"),
}
STATUSES = {"Scheduled": False, "Started": False, "Completed": False, "Paused": False, "Failed": True, "failed": True,
            "Canceled": True, "Cancelled": True, "cancelled": True}  # fmt: skip
PLANNED = {
    "both": (
        {"scheduledTime": "2026-06-22T22:04:59.9999999Z", "startTime": "2026-06-22T21:00:00Z"},
        "2026-06-22T22:04Z",
    ),
    "the other way round": (
        {"startTime": "2026-06-22T22:04:00Z", "scheduledTime": "2026-06-21T22:00:00Z"},
        "2026-06-22T22:04Z",
    ),
    "nine digits": ({"scheduledTime": "2026-06-22T22:04:05.103268606Z", "startTime": NOT_SET}, "2026-06-22T22:04Z"),
    "only startTime": ({"scheduledTime": NOT_SET, "startTime": "2026-06-22T22:04:00Z"}, "2026-06-22T22:04Z"),
    "27 characters are a time": (
        {"scheduledTime": "2026-06-22T22:04:05.1032686+?", "startTime": NOT_SET},
        "2026-06-22T22:04Z",
    ),
    "27 characters of startTime": (
        {"scheduledTime": None, "startTime": "2026-06-22T22:04:05.1032686+?"},
        "2026-06-22T22:04Z",
    ),
    "not set": ({"scheduledTime": NOT_SET, "startTime": NOT_SET}, "-"),
    "null": ({"scheduledTime": None, "startTime": "soon"}, "-"),
}


@cache
def rows():
    records = [
        *(Record(f"reason {name}", upgrade(status="Failed", **bag)) for name, (bag, _) in REASONS.items()),
        *(Record(f"status {status}", upgrade(status=status)) for status in STATUSES),
        *(Record(f"planned {name}", upgrade(**bag)) for name, (bag, _) in PLANNED.items()),
    ]
    return {row["name"]: row for row in run(hardened(), records)}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_the_first_line_that_says_anything(name):
    assert rows()[f"reason {name}"]["reason"] == REASONS[name][1]


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_upgrade_that_ended_badly_has_a_reason(status):
    assert rows()[f"status {status}"]["reason"] == (f"{K8S} from 1.32.3 to 1.33.1" if STATUSES[status] else "-")


@pytest.mark.parametrize("name", PLANNED)
def test_the_planned_time_is_the_later_one_to_the_minute(name):
    assert rows()[f"planned {name}"]["plannedTime"] == PLANNED[name][1]


def test_no_dimension_is_ever_empty():
    dimensions = ("status", "clusterId", "clusterName", "eventName", "plannedTime", "reason")
    assert all(isinstance(row[name], str) and row[name] for row in rows().values() for name in dimensions)
