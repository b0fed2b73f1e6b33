"""Whether an alert processing rule suppresses a notification: Azure Monitor, "Alert processing rules"."""

from __future__ import annotations

from aks_communication_manager.plan.alert_matching import FIELDS, OPERATORS, facts, matches
from aks_communication_manager.plan.resources import AlertRule, ProcessingRule


def unsupported_reason(rule: ProcessingRule) -> str:
    """Why the rule cannot be evaluated; empty where it can."""
    for condition in rule.conditions:
        if condition.operator not in OPERATORS:
            return f'its operator is "{condition.operator}"; one of {", ".join(OPERATORS)}'
        if condition.field not in FIELDS:
            return f"it filters by {condition.field}, which is not rehearsed: its suppression is left out"
    return ""


def suppresses(processing: ProcessingRule, rule: AlertRule, condition: str, resource: str) -> bool:
    """Whether the processing rule keeps an alert of this rule about this resource from notifying anybody."""
    known = facts(rule, condition, resource)
    return matches(processing.scopes, processing.conditions, known, (resource,)) == "yes"
