"""Monthly cost of a plan in USD, by the list prices of Azure Monitor in 2026: check them before you quote a figure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import timedelta

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.plan.resources import Identity, Plan, PlannedRule, RoleAssignment

_PRICES = (
    (timedelta(minutes=5), 1.50, 0.15),
    (timedelta(minutes=10), 1.00, 0.10),
    (timedelta.max, 0.50, 0.05),
)
"""Prices up to a frequency: of a rule, and of each further time series (combination of dimension values). Azure Monitor pricing."""

DIGEST_HOURS = 4
"""Hours over which the events of one maintenance are assumed to be spread, each with a digest: the shortest window that AKS takes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The resources of one plan that count towards a limit or a price, and the price."""

    rules: int
    identities: int
    role_assignments: int
    least: float
    """USD a month without any event."""
    most: float
    """USD a month if every event or digest is billed for the whole month, because each is a time series."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def outermost(scopes: Collection[Scope]) -> list[Scope]:
    """Scopes that no other scope contains."""
    return [each for each in scopes if not any(_contains(other, each) for other in scopes)]


def count_clusters(scope: Scope, listed: Collection[Scope], assumed: int) -> int:
    """Number of clusters in a scope: those listed in it, and at least `assumed` for a wide scope that is listed itself."""
    if scope.kind == "cluster":
        return 1
    inner = [each for each in listed if _contains(scope, each)]
    known = sum(count_clusters(each, inner, assumed) for each in outermost(inner))
    return max(known, assumed) if any(each.key == scope.key for each in listed) else known


def _contains(scope: Scope, other: Scope) -> bool:
    return bool(scope.key != other.key and scope.arm and other.arm and scope.arm.contains(other.arm))


def cost(plan: Plan, clusters: Callable[[Scope], int]) -> Cost:
    """The cost of a plan. `clusters` returns the number of clusters in a scope."""
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


def _events(rule: PlannedRule, clusters: Callable[[Scope], int]) -> int:
    """Events or digests that a rule reports in a month, of its route's values only, if none is missed."""
    watched = sum(map(clusters, rule.watched))
    if rule.is_digest:
        watched = min(watched, DIGEST_HOURS)
    reported = {*rule.values}
    return watched * sum(
        count for values, count in rule.notice.monthly_events if not values or not reported.isdisjoint(values)
    )
