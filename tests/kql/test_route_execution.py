"""Routes by what the rules' queries return: no event falls between two routes, and none is sent twice."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aks_communication_manager import InvalidArgument, Route
from tests.compiling import planned
from tests.kql.kql_table import PROD, Record, run, upgrade

pytestmark = pytest.mark.long

NOTICES = ["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"]
STATUSES = ("Scheduled", "Started", "Completed", "Canceled", "Failed")
STAGES = ("KubernetesVersionEOLTwoWeeks", "KubernetesVersionEOLOneWeek", "KubernetesVersionOutOfSupport")
SPELLINGS = [
    *STATUSES,
    "Cancelled",
    "Paused",
    "RolledBack",
    "Failed ",
    "In Progress",
    'odd"status',
    *(status.upper() for status in STATUSES),
    *(status.lower() for status in STATUSES),
    "cANCELLED",
]
RECORDS = [
    Record(f"{event}-{index}", upgrade(event, status))
    for event in ("K8sVersionUpgrade", "NodeOSUpgrade")
    for index, status in enumerate(SPELLINGS)
] + [
    Record(f"EOLNotification-{index}", upgrade(..., description=stage, eventSource="EOLNotification"))
    for index, stage in enumerate([*STAGES, *(stage.lower() for stage in STAGES), "KubernetesVersionEOLTomorrow"])
]

SOME = st.lists(st.sampled_from([*STATUSES, "cancelled"]), max_size=3, unique=True)
ROUTES = st.lists(
    st.fixed_dictionaries(
        {"severity": st.integers(0, 4)},
        optional={
            "statuses": SOME,
            "stages": st.lists(st.sampled_from(STAGES), max_size=2, unique=True),
            "notices": st.lists(
                st.sampled_from(["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"]),
                max_size=2,
                unique=True,
            ),
        },
    ),
    min_size=1,
    max_size=4,
)


def rules(routes):
    """The rules for these routes, as far as they are no mistake: a route that is one is left out."""
    kept = []
    for values in routes:
        try:
            planned(scopes=[PROD], notices=NOTICES, routes=[*kept, Route(**values)])
        except InvalidArgument:
            continue
        kept.append(Route(**values))
    return planned(scopes=[PROD], notices=NOTICES, routes=kept).alert_rules, kept


@settings(
    max_examples=2,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(routes=ROUTES)
def test_every_event_reaches_exactly_one_rule_with_any_routes(routes):
    made, _ = rules(routes)
    reached = [row["name"] for rule in made for row in run(rule.query, RECORDS)]
    assert sorted(reached) == sorted(record.name for record in RECORDS)


def test_the_first_matching_route_gets_the_event_else_the_default():
    made, kept = rules(
        [
            {"statuses": ["Failed", "Canceled"], "severity": 1},
            {"notices": ["node-os-auto-upgrade"], "statuses": ["Scheduled", "Failed"], "severity": 4},
            {"stages": ["KubernetesVersionOutOfSupport"], "severity": 0},
        ]
    )
    assert len(kept) == 3
    severity = {row["name"]: rule.severity for rule in made for row in run(rule.query, RECORDS)}
    for event in ("K8sVersionUpgrade", "NodeOSUpgrade"):
        for index, status in enumerate(SPELLINGS):
            by_route = {"failed": 1, "canceled": 1, "cancelled": 1}
            if event == "NodeOSUpgrade":
                by_route["scheduled"] = 4
            assert severity[f"{event}-{index}"] == by_route.get(status.lower(), 3), status
    assert [severity[f"EOLNotification-{index}"] for index in range(7)] == [3, 3, 0, 3, 3, 0, 3]
