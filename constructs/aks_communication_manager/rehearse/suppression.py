"""Whether an alert processing rule suppresses a notification: Azure Monitor, "Alert processing rules"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from aks_communication_manager.arm.id_parts import enclosing, group_id_of, type_of
from aks_communication_manager.plan.resources import AlertRule, Condition, ProcessingRule

_OPERATORS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "Equals": lambda value, values: value in values,
    "NotEquals": lambda value, values: value not in values,
    "Contains": lambda value, values: any(one in value for one in values),
    "DoesNotContain": lambda value, values: not any(one in value for one in values),
}


def unsupported_reason(rule: ProcessingRule) -> str:
    """Why the rule cannot be evaluated; empty where it can."""
    for condition in rule.conditions:
        if condition.operator not in _OPERATORS:
            return f'its operator is "{condition.operator}"; one of {", ".join(_OPERATORS)}'
        if condition.field not in _FIELDS:
            return f"it filters by {condition.field}, which is not rehearsed: its suppression is left out"
    return ""


def suppresses(processing: ProcessingRule, rule: AlertRule, condition: str, resource: str) -> bool:
    """Whether the processing rule keeps an alert of this rule from notifying anybody.

    Its scope is compared with the resource that the alert is about, never with the alert rule.
    """
    return not enclosing(resource).isdisjoint(_in_lower_case(processing.scopes)) and all(
        _holds(one, rule, condition, resource) for one in processing.conditions
    )


@lru_cache(maxsize=64)
def _in_lower_case(scopes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(scope.lower().rstrip("/") for scope in scopes)


def _holds(condition: Condition, rule: AlertRule, monitor_condition: str, resource: str) -> bool:
    value = _FIELDS[condition.field](rule, monitor_condition, resource).lower()
    return _OPERATORS[condition.operator](value, [one.lower() for one in condition.values])


_FIELDS: Mapping[str, Callable[[AlertRule, str, str], str]] = {
    "alert_rule_id": lambda rule, condition, resource: rule.id,
    "alert_rule_name": lambda rule, condition, resource: rule.name,
    "description": lambda rule, condition, resource: rule.description,
    "monitor_condition": lambda rule, condition, resource: condition,
    "monitor_service": lambda rule, condition, resource: "Log Alerts V2",
    "severity": lambda rule, condition, resource: f"Sev{rule.severity}",
    "signal_type": lambda rule, condition, resource: "Log",
    "target_resource": lambda rule, condition, resource: resource,
    "target_resource_group": lambda rule, condition, resource: group_id_of(resource),
    "target_resource_type": lambda rule, condition, resource: type_of(resource),
}
