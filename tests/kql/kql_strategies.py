"""Random records, and what a query should return of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.notices.catalog import NOTICES
from tests.kql.kql_table import FREQUENCY, GROUP, LOOK_BACK, NOW, TYPE, Record, cluster, stamp
from tests.stand_in.records import NOT_SET

OTHER_SUBSCRIPTION = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-aks"
GROUPS = (GROUP, GROUP.replace("resourceGroups", "resourcegroups"), GROUP + "-2", OTHER_SUBSCRIPTION)
NAMES = ("prod", "Prod", "prod-2", "production", "pro", "scheduledEvents")
SCOPES = (
    *(cluster(name, group) for group in GROUPS[2:] for name in NAMES),
    *(cluster(name) for name in NAMES[2:]),
    GROUP,
    GROUP + "-2",
    GROUP.rsplit("/", 2)[0],
)
SCOPE_SETS = st.builds(
    lambda first, others: [first, *others],
    st.sampled_from([cluster("prod"), cluster("PROD", GROUPS[1])]),
    st.lists(st.sampled_from(SCOPES), max_size=3, unique_by=str.lower),
)
NASTY = ['"', "\\", '\\"', "'", "\n", "\r\n", "//", '" or true //', "```", "~~~", "<scopes>", "| take 1", "${x}", "%{x}",
         "\u2028", "\x00", "\x85", "é", "🚀", "\t", "h@\"", ";"]  # fmt: skip
"""Texts that could end a literal, a comment or a line, or that Terraform or we ourselves would fill in."""

WORDS = ("K8sVersionUpgrade", "NodeOSUpgrade", "k8sversionupgrade")

_edges = [NOW - timedelta(days=2), NOW - LOOK_BACK, NOW - FREQUENCY, NOW, NOW + timedelta(days=1)]
_steps = st.sampled_from([timedelta(seconds=s, microseconds=m) for s in (-3600, -60, -1, 0, 1, 60) for m in (-1, 0, 1)])
_moments = st.builds(lambda edge, step: edge + step, st.sampled_from(_edges), _steps)
_inside = st.integers(1, 21_599).map(lambda seconds: NOW - LOOK_BACK + timedelta(seconds=seconds))
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", " %Y-%m-%dT%H:%M:%SZ ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S+00:00",
          "%Y-%m-%dT%H:%M:%S.1+02:00", "%Y-%m-%dT%H:%M:%S-11:30")  # fmt: skip
_times = st.one_of(
    st.builds(stamp, _inside, st.sampled_from((0, 7))),
    st.builds(stamp, _inside | _moments, st.sampled_from((6, 7, 9))),
    st.builds(lambda moment: stamp(moment, 9)[:-1] + "?", _moments),  # understood up to its 27th character
    st.builds(lambda moment, form: moment.strftime(form), _inside, st.sampled_from(_FORMS)),
    st.sampled_from(
        [NOT_SET, None, "", "soon", 0, "0001-01-01T00:00:00Z", "2026-06-31T00:00:00Z", "2026-06-15T25:00:00Z"]
    ),
)
_texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f"{word} to 1.33.1, “größer” – 完了"),
    st.sampled_from(["", None, "Start to upgrade security vhd", "KubernetesVersionEOLOneWeek", 'a "quoted", text\n']),
)
_details = st.one_of(
    _texts,
    st.sampled_from([{"type": word, "from": "1.32.3"} for word in WORDS]),
    st.sampled_from([json.dumps({"type": word}) for word in WORDS]),
    st.sampled_from(
        ["first line\r\nNodeOSUpgrade", "\n", '"drain" failed: K8sVersionUpgrade\n', "x" * 300 + "NodeOSUpgrade"]
    ),
    st.sampled_from([" and ".join(WORDS), {"kubernetesVersion": "1.32.3", "daysUntilEOL": 5}, [WORDS[0]], 7]),
)
_statuses = ("Scheduled", "Started", "Completed", "Failed", "failed", "Canceled", "Cancelled", "cancelled", "Paused")
_keys = st.fixed_dictionaries(
    {
        "eventStatus": st.sampled_from((*_statuses, None, "")),
        "eventDetails": _details,
        "lastUpdateTime": _times,
        "startTime": _times,
        "scheduledTime": _times,
        "description": _texts,
        "eventSource": st.sampled_from(["AutoUpgrader", "AutoUprader", "EOLNotification", "eolnotification", None]),
        "resources": st.just([cluster("prod")]),
        "extra": _texts,
    }
)
# Most keys are there most of the time: a record that lacks several is no notice, whatever else it has.
_missing = st.sets(
    st.sampled_from(["eventStatus", "lastUpdateTime", "startTime", "eventDetails", "description", "extra"])
)
_bags = st.builds(
    lambda bag, without: {key: value for key, value in bag.items() if key not in without},
    _keys,
    st.just(set()) | _missing,
)


def _written(bag: dict[str, Any], order: int, spaced: bool) -> str:
    keys = sorted(bag, key=lambda key: hash((order, key.encode()[0], len(key))))
    return json.dumps({key: bag[key] for key in keys}, separators=(", ", ": ") if spaced else (",", ":"))


_properties = st.one_of(
    *[st.builds(_written, _bags, st.integers(0, 7), st.booleans())] * 4, st.sampled_from([None, "[]", '"text"', "3"])
)


def records(size: int) -> st.SearchStrategy[list[Record]]:
    """Lists of up to that many records, each with a name of its own."""
    row = st.tuples(
        st.sampled_from(("prod", "prod", "prod", *NAMES)),
        st.sampled_from((GROUP, GROUP, *GROUPS)),
        st.sampled_from((TYPE, TYPE, TYPE, TYPE.title(), "microsoft.containerservice/managedclusters")),
        _properties,
    )
    return st.lists(row, min_size=size // 2, max_size=size).map(
        lambda rows: [
            Record(f"event-{number}", properties, cluster(name, group), type)
            for number, (name, group, type, properties) in enumerate(rows)
        ]
    )


def is_untimed(record: Record) -> bool:
    """Whether neither lastUpdateTime nor startTime can be read."""
    return not (record.read.updated or record.read.started)


def expected(notice: str, scopes: Sequence[str], found: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """By its name, what the hardened query should return of each record: what the reader of records reads in it."""
    result = {}
    for record in found:
        read = record.read
        inside = any(record.id.lower().startswith(f"{scope}/".lower()) for scope in scopes)
        stays = notice == "end-of-support" and is_untimed(record)
        due = stays or (read.time and read.time >= NOW - LOOK_BACK)
        if record.type.lower() != TYPE or not inside or not due or notice not in read.notices:
            continue
        result[record.name] = {
            "eventTime": read.time,
            NOTICES[notice].dimension: read.stage if notice == "end-of-support" else read.status,
            "plannedTime": f"{read.planned:%Y-%m-%dT%H:%MZ}" if read.planned else "-",
            "clusterId": read.cluster.lower(),
            "clusterName": name_of(read.cluster),
            "reason": read.reason,
        }
    return result
