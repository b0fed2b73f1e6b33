"""All plans of one program together: each resource once, each state once, within Azure's limits."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from aks_communication_manager.arm import limits
from aks_communication_manager.arm.ids import ResourceId
from aks_communication_manager.arm.resource_types import ACTION_GROUP, IDENTITY
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.checking import Checks, Finding, find_duplicates
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import Path
from aks_communication_manager.plan.resources import (
    HealthAlert,
    Identity,
    Key,
    Plan,
    PlannedGroup,
    PlannedRule,
    ProcessingRule,
    Reference,
    Resource,
    ResourceGroup,
    RoleAssignment,
    Value,
)
from aks_communication_manager.text import format_path, listed, quoted

Plans = Mapping[Path, Plan]
"""Plans by path, such as ``("stacks", "production")``; the path of a single plan is empty."""

ESTATE: Checks[Plans] = Checks("plan")
"""Mistakes, each found at the later of two plans."""

WARNINGS: Checks[Plans] = Checks("warning")


def comparable(plan: Plan, stack: str, known: Mapping[Value, str]) -> Plan:
    """Convert a plan for comparison within a program: values known only to Terraform are equal within a stack only.

    `known`: values of tokens and references in the stack: an expression, or the id of another manager's resource.
    """
    mark = f"{stack}\0"

    def same(value: Value) -> str:
        text = known.get(value, str(value))
        # A name in an unknown subscription may be taken in another one too.
        return f"{mark}{text}" if ("${" in text or text == "none") and mark not in text else text

    def changed(resource: Resource) -> Resource:
        key = tuple(map(same, resource.key))
        if isinstance(resource, RoleAssignment) and resource.principal in known:
            key = ("reader", same(resource.principal), key[-1])
        if not isinstance(resource, PlannedRule):
            return replace(resource, key=key)
        return replace(
            resource,
            key=key,
            watched=tuple(
                scope if scope.arm else replace(scope, key=f"{mark}{scope.key}") for scope in resource.watched
            ),
            action_groups=tuple(
                group if isinstance(group, Reference) else same(group) for group in resource.action_groups
            ),
        )

    return replace(
        plan,
        resources=tuple(map(changed, plan.resources)),
        identity_key=plan.identity_key and tuple(map(same, plan.identity_key)),
        namespace=tuple(map(same, plan.namespace)),
    )


def arm_id(key: Key) -> str:
    """The id, in lower case, of an action group or an identity with this key."""
    kind, *where = key
    if len(where) == 1:  # it is the id of one that exists
        return where[0]
    subscription, group, name = where
    type_ = {"action group": ACTION_GROUP, "identity": IDENTITY}[kind].arm
    return str(ResourceId(subscription, group, type_, name)).lower()


_INSTEAD: Mapping[type[Resource], str] = {
    PlannedRule: "Give one of them another `name_prefix` or another resource group.",
    PlannedGroup: "Give one of them another name, or refer to the first by its id.",
    ProcessingRule: "Give one of them another `name_prefix` or another resource group, or set `resolved_messages: true`.",
    HealthAlert: "Give one of them another `name_prefix` or another resource group, or set `health_alert: false`.",
    Identity: "Give one of them another name with `identity: {name: …}`, or refer to the first by its id.",
    RoleAssignment: "Set `reader_scopes: []` in one of them: the identity has access already.",
    ResourceGroup: "Set `create: true` in one of them only.",
}


@ESTATE.add("ACM137")
def each_resource_is_made_once(plans: Plans) -> Iterator[Finding]:
    """Two stacks that create the same resource would overwrite each other, or fail at apply."""
    before: dict[Key, tuple[Path, Resource]] = {}
    for path, plan in plans.items():
        own = {resource.key: resource for resource in plan.all if all(resource.key)}
        for key, resource in own.items():
            first, other = before.setdefault(key, (path, resource))
            if other is not resource:
                adopted = isinstance(resource, PlannedRule) and resource.import_id and other.import_id
                fix = "Adopt it in one of them only." if adopted else _INSTEAD[type(resource)]
                yield path, f"{resource.title} is already created by {format_path(first)}", fix


_FEWER_RULES = (
    "Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
    "or use several stacks or managers, each with its own identity."
)


@ESTATE.add("ACM134")
def an_identity_has_so_many_rules(plans: Plans) -> Iterator[Finding]:
    """Azure Monitor takes 50 alert rules over Azure Resource Graph for one managed identity."""
    limit = limits.RULES_PER_IDENTITY
    for path, total, which, _ in _beyond(plans, _rules_by_identity, limit):
        problem = f"{total} alert rules would share one identity{which}; Azure takes at most {limit}"
        yield (*path, "identity"), problem, _FEWER_RULES


_FEWER = (
    "Watch resource groups or the subscription instead of clusters, or set `rules: shared` or `reader_scopes: [scope]`."
)


@ESTATE.add("ACM135")
def a_subscription_has_so_many_role_assignments(plans: Plans) -> Iterator[Finding]:
    """Azure takes 4,000 role assignments in one subscription (Azure RBAC limits)."""
    limit = limits.ROLE_ASSIGNMENTS
    for path, total, which, subscription in _beyond(plans, assignments, limit):
        problem = f"{total:,} role assignments would be created in subscription {subscription}{which}; Azure takes at most {limit:,} there"
        yield (*path, "reader_scopes"), problem, _FEWER


@WARNINGS.add("ACM150")
def few_role_assignments_are_left(plans: Plans) -> Iterator[Finding]:
    """Role assignments that others made count too, so the limit of 4,000 may be exceeded at apply."""
    limit = limits.ROLE_ASSIGNMENTS
    for path, total, subscription in _near(plans, assignments, limit):
        problem = f"{total:,} role assignments are created in subscription {subscription}, and Azure takes at most {limit:,} there"
        yield (*path, "reader_scopes"), f"{problem}, including all others.", _FEWER


@WARNINGS.add("ACM155")
def few_rules_of_an_identity_are_left(plans: Plans) -> Iterator[Finding]:
    """Alert rules that others made with the identity count too, so the limit of 50 may be exceeded at apply."""
    limit = limits.RULES_PER_IDENTITY
    for path, total, _ in _near(plans, _rules_by_identity, limit):
        problem = f"{total} alert rules share one identity, and Azure takes at most {limit}"
        yield (*path, "identity"), f"{problem}, including all others.", _FEWER_RULES


@WARNINGS.add("ACM152")
def resolved_messages_of_other_subscriptions_arrive(plans: Plans) -> Iterator[Finding]:
    """An alert processing rule covers its own subscription only, so people get Azure's message that an alert is resolved."""
    for path, plan in plans.items():
        if plan.uncovered:
            others = listed(dict.fromkeys(scope.subscription_id for scope in plan.uncovered))
            yield (
                (*path, "scopes"),
                f'Azure\'s "Resolved" messages cannot be suppressed for {len(plan.uncovered)} of them: '
                f"an alert processing rule matches resources of its own subscription only, and they are in {others}",
                "Watch them with a stack of their subscription, or set `resolved_messages: true` to accept these messages.",
            )


@WARNINGS.add("ACM153")
def no_two_plans_notify_the_same_people(plans: Plans) -> Iterator[Finding]:
    """Two stacks with the same receivers would send every notification twice."""
    at: dict[str, list[tuple[Path, PlannedRule]]] = defaultdict(list)
    below: dict[str, list[tuple[Path, PlannedRule]]] = defaultdict(list)
    people = {path: _notified(plan) for path, plan in plans.items()}
    for path, plan in plans.items():
        seen = set()
        watched = [(rule, scope, _around(scope)) for rule in plan.alert_rules for scope in rule.watched]
        for rule, scope, around in watched:
            for other_path, other in [*(taken for key in around for taken in at[key]), *below[scope.key]]:
                if (
                    other_path not in seen
                    and rule.notice == other.notice
                    and people[path][rule.action_groups] & people[other_path][other.action_groups]
                    and not (plan.allow_overlap or plans[other_path].allow_overlap)
                    and _same_events(rule, other)
                ):
                    seen.add(other_path)
                    yield (
                        (*path, "scopes"),
                        f"{quoted(scope)} is also watched by {format_path(other_path)} for {rule.notice.name}, "
                        "with the same receivers: every notification would be sent twice",
                        "Remove it from one of them, or set `allow_overlap: true`.",
                    )
        for rule, scope, around in watched:
            at[scope.key].append((path, rule))
            for key in around:
                below[key].append((path, rule))


def _around(scope: Scope) -> set[str]:
    """Keys of a scope, its resource group and its subscription."""
    return {arm.key for arm in scope.arm.enclosing} if scope.arm else {scope.key}


def _same_events(one: PlannedRule, other: PlannedRule) -> bool:
    """Whether some value of the dimension goes to both rules, routes considered."""
    only = [set(each.selection.only) for each in (one, other) if each.selection.only]
    excluded = {*one.selection.excluding, *other.selection.excluding}
    return not only or bool(set.intersection(*only) - excluded)


def _notified(plan: Plan) -> dict[tuple[Value, ...], frozenset[Hashable]]:
    """Ids and, of groups created here, receivers of the action groups of each rule."""
    made: dict[Value, frozenset[Hashable]] = {
        Reference(group.construct_id, "id"): frozenset(
            [arm_id(group.key), *(receiver.address_key for receiver in group.receivers)]
        )
        for group in plan.of(PlannedGroup)
    }
    return {
        groups: frozenset().union(*(made.get(group, [str(group).lower()]) for group in groups))
        for groups in {rule.action_groups for rule in plan.alert_rules}
    }


_Counted: TypeAlias = Callable[[Plan], Counter[Hashable]]


def _totals(plans: Plans, counted: _Counted) -> Iterator[tuple[Path, int, int, Hashable]]:
    """For each plan and key: the plan's own count, and the total so far."""
    total: Counter[Hashable] = Counter()
    for path, plan in plans.items():
        total += (own := counted(plan))
        yield from ((path, count, total[key], key) for key, count in own.items())


def _beyond(plans: Plans, counted: _Counted, limit: int) -> Iterator[tuple[Path, int, str, Hashable]]:
    """Totals above a limit, with a phrase that says whether earlier plans contribute."""
    for path, count, total, key in _totals(plans, counted):
        if count > limit:
            yield path, count, "", key
        elif total > limit:
            yield path, total, ", including those of earlier stacks or managers", key


def _near(plans: Plans, counted: _Counted, limit: int) -> Iterator[tuple[Path, int, Hashable]]:
    """Totals of at least 90 % of a limit, with the last plan that adds to each."""
    last = {key: (path, total) for path, _, total, key in _totals(plans, counted)}
    return ((path, total, key) for key, (path, total) in last.items() if 0.9 * limit <= total <= limit)


def assignments(plan: Plan) -> Counter[Hashable]:
    """The number of Reader assignments in each subscription."""
    return Counter(each.subscription for each in plan.of(RoleAssignment) if each.subscription)


def _rules_by_identity(plan: Plan) -> Counter[Hashable]:
    return Counter({arm_id(plan.identity_key): len(plan.alert_rules)}) if plan.identity_key else Counter()


BACKENDS: Checks[Mapping[Path, StackSettings]] = Checks("plan")
"""Checks of all stacks of a config, by path."""


@BACKENDS.add("ACM138")
def each_stack_has_a_state_of_its_own(stacks: Mapping[Path, StackSettings]) -> Iterator[Finding]:
    """Stacks with the same backend share one state, and each apply would destroy what the other made."""
    complete = (
        ((*path, "backend"), json.dumps([kind, arguments], default=dict, sort_keys=True), kind)
        for path, settings in stacks.items()
        for kind, arguments in (settings.backend or {}).items()
        if _names_state(kind, arguments)
    )
    fix = 'Write {stack}, which is replaced by the name of the stack, into the value that names the state, such as key: "{stack}.tfstate".'
    yield from find_duplicates(
        complete,
        lambda kind, first: f"the {kind} backend is that of {format_path(first[:-1])} too: both would share a state",
        fix,
    )


_STATE_NAMES = ("address", "key", "path", "prefix", "schema_name", "secret_suffix")
"""The argument that names the state within a backend. Without it the backend is partial, and init names it for each stack."""


def _names_state(kind: str, arguments: Mapping[str, Any]) -> bool:
    workspaces = arguments.get("workspaces")
    if isinstance(workspaces, Mapping):
        return "name" in workspaces
    if kind == "local":  # relative to the stack's own folder
        return str(arguments.get("path", "")).startswith(("/", ".."))
    return any(name in arguments for name in _STATE_NAMES)
