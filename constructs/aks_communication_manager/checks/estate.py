"""What all plans of one program make together: each thing once, and no more than Azure takes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping

from aks_communication_manager.checks.registry import ESTATE
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.domain import limits
from aks_communication_manager.domain.scope import Scope
from aks_communication_manager.errors import Mistake, Path, listed, quoted, written
from aks_communication_manager.plan.resources import (
    ActionGroup,
    AlertRule,
    Identity,
    Key,
    Plan,
    ProcessingRule,
    Reference,
    Resource,
    ResourceGroup,
    RoleAssignment,
)

Plans = Mapping[Path, Plan]
"""The plans by what makes them, such as ``("stacks", "production")``; empty for a single one."""

_INSTEAD: Mapping[type[Resource], str] = {
    AlertRule: "Give one of them another `name_prefix` or another resource group.",
    ActionGroup: "Give one of them another name, or refer to the first by its id.",
    ProcessingRule: "Give one of them another `name_prefix` or another resource group, or set `resolved_messages: true`.",
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


_FEWER_RULES = (
    "Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
    "or use several stacks or managers, each with its own identity."
)


@ESTATE("ACM134")
def an_identity_has_so_many_rules(plans: Plans) -> Iterator[Finding]:
    for path, count, others, _ in _totals(plans, _rules_by_identity):
        if count + others > limits.RULES_PER_IDENTITY:
            which = ", including those of earlier stacks" if count <= limits.RULES_PER_IDENTITY else ""
            total = count + others if which else count
            yield (
                (*path, "identity"),
                f"{total} alert rules would share one identity{which}; Azure takes at most {limits.RULES_PER_IDENTITY}",
                _FEWER_RULES,
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
    """What is not a mistake, but worth knowing before the first alert, or the first silence."""
    yield from _near_the_limit(plans)
    for path, plan in plans.items():
        yield from _uncovered(path, plan)
    yield from _notified_twice(plans)


def _near_the_limit(plans: Plans) -> Iterator[Mistake]:
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

    rules = sum((_rules_by_identity(plan) for plan in plans.values()), Counter[Hashable]())
    for count in rules.values():
        if 0.9 * limits.RULES_PER_IDENTITY <= count <= limits.RULES_PER_IDENTITY:
            yield Mistake(
                "ACM155",
                (),
                f"{count} alert rules share one identity, and Azure takes at most {limits.RULES_PER_IDENTITY}, including all others.",
                _FEWER_RULES,
            )


def _uncovered(path: Path, plan: Plan) -> Iterator[Mistake]:
    if plan.uncovered:
        others = listed(dict.fromkeys(scope.subscription_id for scope in plan.uncovered))
        yield Mistake(
            "ACM152",
            (*path, "scopes"),
            f'Azure\'s "Resolved" messages cannot be suppressed for {len(plan.uncovered)} of them: '
            f"an alert processing rule matches resources of its own subscription only, and they are in {others}",
            "Watch them with a stack of their subscription, or set `resolved_messages: true` to accept these messages.",
        )


def _notified_twice(plans: Plans) -> Iterator[Mistake]:
    """People whom two managers notify of the same events of the same cluster."""
    at: dict[str, list[tuple[Path, AlertRule]]] = defaultdict(list)
    below: dict[str, list[tuple[Path, AlertRule]]] = defaultdict(list)
    people = {id(rule): _notified(plan, rule) for plan in plans.values() for rule in plan.alert_rules}
    for path, plan in plans.items():
        seen = set()
        watched = [(rule, scope, _around(scope)) for rule in plan.alert_rules for scope in rule.watched]
        for rule, scope, around in watched:
            for other_path, other in [*(taken for key in around for taken in at[key]), *below[scope.key]]:
                if (
                    other_path not in seen
                    and rule.notice == other.notice
                    and people[id(rule)] & people[id(other)]
                    and not (plan.allow_overlap or plans[other_path].allow_overlap)
                    and _same_events(rule, other)
                ):
                    seen.add(other_path)
                    yield Mistake(
                        "ACM153",
                        (*path, "scopes"),
                        f"{quoted(scope)} is also watched by {written(other_path)} for {rule.notice.name}, "
                        "with the same receivers: every notification would be sent twice",
                        "Remove it from one of them, or set `allow_overlap: true`.",
                    )
        for rule, scope, around in watched:
            at[scope.key].append((path, rule))
            for key in around:
                below[key].append((path, rule))


def _around(scope: Scope) -> set[str]:
    """The keys of a scope and of what it lies in."""
    if scope.arm is None:
        return {scope.key}
    return {scope.key, scope.arm.up_to("resource-group").key, scope.arm.up_to("subscription").key}


def _same_events(one: AlertRule, other: AlertRule) -> bool:
    """Whether some value of the dimension goes to both rules, routes considered."""
    mine, theirs = one.selection, other.selection
    if mine.only and theirs.only:
        return bool(set(mine.only) & set(theirs.only))
    if mine.only or theirs.only:
        only, excluding = (mine.only, theirs.excluding) if mine.only else (theirs.only, mine.excluding)
        return bool(set(only) - set(excluding))
    return True


def _notified(plan: Plan, rule: AlertRule) -> frozenset[Hashable]:
    """The action group of a rule, and where it is created here the receivers too."""
    if not isinstance(rule.action_group, Reference):
        return frozenset([rule.action_group.lower()])
    group = next(group for group in plan.of(ActionGroup) if group.construct_id == rule.action_group.construct_id)
    return frozenset([group.key, *(receiver.model_copy(update={"name": ""}) for receiver in group.receivers)])


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
