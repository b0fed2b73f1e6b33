"""Resource health of alert rules: the causes that Azure reports, their meaning and the remedy.

Source: "Monitor the health of log search alert rules".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from aks_communication_manager.azure.answers import Health
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.findings import Finding, attention, wrong
from aks_communication_manager.plan.resources import PlannedRule

SLOWEST_FREQUENCY = timedelta(minutes=15)
"""Azure reports the health of alert rules up to this evaluation frequency."""

CAUSES = (
    ("unauthorized", "its identity may not run the query: make it Reader of what the rule watches", True),
    (
        "dimension combinations",
        "its rows have more combinations of dimension values than Azure evaluates: set `grouping: digest`",
        False,
    ),
    ("active alerts limit", "it has more open alerts than Azure keeps: set `grouping: digest`", False),
    (
        "throttled",
        "Azure limits the queries of its identity: use a slower `evaluation_frequency` or fewer rules",
        False,
    ),
    ("semantic", "its query is not valid: apply the stack, or correct your own query", True),
    ("syntax", "its query is not valid: apply the stack, or correct your own query", True),
    (
        "disabled",
        "it is disabled, as Azure does after a week of failures: correct their cause, then apply the stack",
        True,
    ),
)
"""Words that identify a cause, its explanation, and whether an apply can correct it."""


def check_health(arm: Arm, rule: PlannedRule, deploy: str) -> Iterator[Finding]:
    """Report a rule that is not available according to Azure, or of unknown health."""
    if rule.evaluation_frequency > SLOWEST_FREQUENCY:
        return
    health = arm.find(f"{rule.id}/providers/Microsoft.ResourceHealth/availabilityStatuses/current", Health)
    if health is None:
        yield attention(rule.name, "health", "this login may not read the rule's health")
        return
    if health.availability_state == "Available":
        return
    if health.availability_state == "Unknown":
        yield attention(rule.name, "health", "Azure does not know whether it works, as in the first minutes of a rule")
        return
    said = " ".join(filter(None, (health.reason_type, health.detailed_status, health.summary)))
    meaning, remedy = next(
        ((meaning, deploy if by_apply else "") for words, meaning, by_apply in CAUSES if words in said.lower()),
        ("", ""),
    )
    reason = (health.summary or health.reason_type or "no reason").rstrip(".")
    text = f"Azure reports {health.availability_state}: {reason}"
    yield wrong(rule.name, "health", f"{text}; {meaning}" if meaning else text, remedy)
