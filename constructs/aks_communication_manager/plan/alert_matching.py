"""Whether an alert processing rule matches an alert.

All conditions have to match, and the scopes are those of the affected resource, never of the alert rule: "Alert processing
rules" (Azure Monitor). Unknown properties of an alert may match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from aks_communication_manager.arm.id_parts import enclosing, group_id_of, name_of, type_of
from aks_communication_manager.plan.resources import AlertRule, Condition

Match = Literal["no", "perhaps", "yes"]

Facts: TypeAlias = Mapping[str, tuple[str, ...]]
"""Known properties of an alert, each in all its spellings, by azurerm's name of the field."""

OPERATORS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "Equals": lambda text, values: text in values,
    "NotEquals": lambda text, values: text in values,
    "Contains": lambda text, values: any(value in text for value in values),
    "DoesNotContain": lambda text, values: any(value in text for value in values),
}
_NEGATED = ("NotEquals", "DoesNotContain")

FIELDS = frozenset(
    {
        *("alert_rule_id", "alert_rule_name", "description", "monitor_condition", "monitor_service", "severity"),
        *("signal_type", "target_resource", "target_resource_group", "target_resource_type"),
    }
)
"""Fields that `facts` can contain."""


def facts(rule: AlertRule, monitor_condition: str, target: str | None) -> Facts:
    """Known properties of an alert of a rule. `target` is the resource it is about, None where it may be any."""
    known: dict[str, tuple[str, ...]] = {
        "alert_rule_id": (rule.id,),
        "alert_rule_name": (rule.name,),
        "description": (rule.description,),
        "monitor_condition": (monitor_condition,),
        "monitor_service": ("Log Alerts V2",),
        "severity": (f"Sev{rule.severity}",),
        "signal_type": ("Log",),
    }
    if target is not None:
        group = group_id_of(target)
        known |= {
            "target_resource": (target, name_of(target)),
            "target_resource_group": (group, name_of(group)),
            "target_resource_type": (type_of(target),),
        }
    return known


def matches(scopes: tuple[str, ...], conditions: Iterable[Condition], known: Facts, targets: Iterable[str]) -> Match:
    """Whether a processing rule matches an alert about any of the targets; "perhaps" where it does for some only."""
    match = _reaches(scopes, tuple(targets))
    for condition in conditions:
        if match == "no":
            return match
        match = _weaker(match, fits(condition, known))
    return match


def fits(condition: Condition, known: Facts) -> Match:
    """Whether one condition holds; "perhaps" for a field that is not known, or an operator that is new."""
    texts = known.get(condition.field)
    compare = OPERATORS.get(condition.operator)
    if texts is None or compare is None:
        return "perhaps"
    values = [value.lower() for value in condition.values]
    found = any(compare(text.lower(), values) for text in texts)
    return "yes" if found != (condition.operator in _NEGATED) else "no"


def _reaches(scopes: tuple[str, ...], targets: tuple[str, ...]) -> Match:
    """Whether the scopes contain the targets; "perhaps" where they contain some clusters of a wide target."""
    around = _in_lower_case(scopes)
    within = [not enclosing(target).isdisjoint(around) for target in targets]
    if within and all(within):
        return "yes"
    wider = {target.lower() for target in targets}
    return "perhaps" if any(within) or any(not enclosing(scope).isdisjoint(wider) for scope in around) else "no"


def _weaker(one: Match, other: Match) -> Match:
    return "no" if "no" in (one, other) else "perhaps" if "perhaps" in (one, other) else "yes"


@lru_cache(maxsize=64)
def _in_lower_case(scopes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(scope.lower().rstrip("/") for scope in scopes)
