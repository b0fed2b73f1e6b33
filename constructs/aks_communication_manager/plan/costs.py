"""What a plan costs a month, in USD, by the list prices of Azure Monitor in 2026: check them before you quote a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aks_communication_manager.plan.resources import Identity, Plan, PlannedRule, RoleAssignment

_PRICES = (
    (timedelta(minutes=5), 1.50, 0.15),
    (timedelta(minutes=10), 1.00, 0.10),
    (timedelta.max, 0.50, 0.05),
)
"""Up to this frequency: a rule, and each further time series (combination of dimension values). Azure Monitor pricing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The resources of one plan that count towards a limit or a price, and the price."""

    rules: int
    identities: int
    role_assignments: int
    least: float
    """USD a month without any event."""
    most: float
    """USD a month if every event is billed as a time series for the whole month, as it is one of its own."""


def cost(plan: Plan, clusters: int) -> Cost:
    """The cost of a plan. `clusters` is how many clusters each resource group and subscription has."""
    own_identities = sum(not rule.identity_ids for rule in plan.alert_rules)
    least = most = 0.0
    for rule in plan.alert_rules:
        price, further = next(
            (price, further) for up_to, price, further in _PRICES if rule.evaluation_frequency <= up_to
        )
        least += price
        most += price + further * max(0, _events(rule, clusters) - 1)
    return Cost(
        rules=len(plan.alert_rules),
        identities=own_identities or sum(1 for _ in plan.of(Identity)) or (plan.identity is not None),
        role_assignments=sum(1 for _ in plan.of(RoleAssignment)),
        least=least,
        most=most,
    )


def _events(rule: PlannedRule, clusters: int) -> int:
    """The events of a month that the rule reports, where none is missing: those of its route's values only."""
    watched = sum(1 if scope.kind == "cluster" else clusters for scope in rule.watched)
    only, excluding = rule.selection.only, rule.selection.excluding
    reported = {value for value in only or rule.notice.values if value not in excluding}
    return watched * sum(
        count for values, count in rule.notice.monthly_events if not values or not reported.isdisjoint(values)
    )
