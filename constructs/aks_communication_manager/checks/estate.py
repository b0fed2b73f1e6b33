"""What all plans of one program make together: each thing once, and no more than Azure takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping

from aks_communication_manager.checks.registry import ESTATE
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.domain import limits
from aks_communication_manager.errors import Mistake, Path
from aks_communication_manager.plan.resources import (
    ActionGroup,
    AlertRule,
    Identity,
    Key,
    Plan,
    Resource,
    ResourceGroup,
    RoleAssignment,
)

Plans = Mapping[Path, Plan]
"""The plans by what makes them, such as ``("stacks", "production")``; empty for a single one."""

_INSTEAD: Mapping[type[Resource], str] = {
    AlertRule: "Give one of them another `name_prefix` or another resource group.",
    ActionGroup: "Give one of them another name, or refer to the first by its id.",
    Identity: "Give one of them another name with `identity: {name: …}`, or refer to the first by its id.",
    RoleAssignment: "Set `reader_scopes: []` in one of them: the identity has access already.",
    ResourceGroup: "Set `create: true` in one of them only.",
}


@ESTATE("ACM137")
def each_resource_is_made_once(plans: Plans, made: Mapping[Key, str]) -> Iterator[Finding]:
    """`made`: what the program has created so far, and by whom."""
    before = dict(made)
    for path, plan in plans.items():
        for key, resource in {resource.key: resource for resource in plan.all if resource.key}.items():
            if key in before:
                yield path, f"{resource.title} is already created by {before[key]}", _INSTEAD[type(resource)]
        before |= {resource.key: ".".join(map(str, path)) for resource in plan.all if resource.key not in before}


@ESTATE("ACM134")
def an_identity_has_so_many_rules(plans: Plans) -> Iterator[Finding]:
    for path, count, others, _ in _totals(plans, _rules_by_identity):
        if count + others > limits.RULES_PER_IDENTITY:
            which = ", including those of earlier stacks" if count <= limits.RULES_PER_IDENTITY else ""
            total = count + others if which else count
            yield (
                (*path, "identity"),
                f"{total} alert rules would share one identity{which}; Azure takes at most {limits.RULES_PER_IDENTITY}",
                "Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
                "or use several stacks or managers, each with its own identity.",
            )


_FEWER = (
    "Watch resource groups or the subscription instead of clusters, or set `rules: shared` or `reader_scopes: [scope]`."
)


@ESTATE("ACM135")
def a_subscription_has_so_many_role_assignments(plans: Plans) -> Iterator[Finding]:
    for path, count, others, subscription in _totals(plans, assignments):
        if count + others > limits.ROLE_ASSIGNMENTS:
            which = ", including those of earlier stacks" if count <= limits.ROLE_ASSIGNMENTS else ""
            yield (
                (*path, "reader_scopes"),
                f"{count + others if which else count:,} role assignments would be created in subscription {subscription}{which}; "
                f"Azure takes at most {limits.ROLE_ASSIGNMENTS:,} there",
                _FEWER,
            )


def warnings(plans: Plans) -> Iterator[Mistake]:
    """Limits that are near: others may have used up the rest."""
    totals = sum((assignments(plan) for plan in plans.values()), Counter[Hashable]())
    for subscription, count in totals.items():
        if 0.9 * limits.ROLE_ASSIGNMENTS <= count <= limits.ROLE_ASSIGNMENTS:
            yield Mistake(
                "ACM150",
                (),
                f"{count:,} role assignments are created in subscription {subscription}, and Azure takes at most "
                f"{limits.ROLE_ASSIGNMENTS:,} there, including all others.",
                _FEWER,
            )


def _totals(plans: Plans, counted: Callable[[Plan], Counter[Hashable]]) -> Iterator[tuple[Path, int, int, Hashable]]:
    """Who has how many of what is counted, how many others had before, and of what."""
    before: Counter[Hashable] = Counter()
    for path, plan in plans.items():
        own = counted(plan)
        yield from ((path, count, before[key], key) for key, count in own.items())
        before += own


def assignments(plan: Plan) -> Counter[Hashable]:
    """How many Reader assignments are made in each subscription."""
    return Counter(each.subscription for each in plan.of(RoleAssignment) if each.subscription)


def _rules_by_identity(plan: Plan) -> Counter[Hashable]:
    return Counter({plan.identity_key: len(plan.alert_rules)}) if plan.identity_key else Counter()
