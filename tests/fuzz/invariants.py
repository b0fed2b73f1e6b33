"""What holds of every plan, worked out from the settings alone, in other ways than the planner's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from aks_communication_manager.arm import limits
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.config.action_group import CreatedActionGroup, ExistingActionGroup
from aks_communication_manager.config.route import Route
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.plan.resources import (
    Identity,
    Plan,
    PlannedGroup,
    PlannedRule,
    ProcessingRule,
    Reference,
    Resource,
    RoleAssignment,
    Value,
)
from aks_communication_manager.tokens import is_token
from tests.compiling import marker

UNKNOWN = "SomethingThatAzureMayAdd"


def broken(stack: CompiledStack) -> Iterator[str]:
    """What does not hold of a stack, as sentences."""
    plan, settings = stack.plan, stack.settings
    for what, counted in (
        ("key", Counter(resource.key for resource in plan.all if all(resource.key))),
        ("construct id", Counter(resource.construct_id for resource in plan.all)),
        ("logical id", Counter(_logical(resource.construct_id) for resource in plan.all)),
    ):
        yield from (f"{count} resources have the {what} {value}" for value, count in counted.items() if count > 1)
    yield from _references(plan)
    yield from _watched(plan, settings)
    yield from _readable(plan, settings)
    yield from _resolved(plan, settings)
    yield from _sizes(plan)


def broken_together(stacks: Sequence[CompiledStack]) -> Iterator[str]:
    """What does not hold between stacks: keys are unique, and a processing rule matches its own rules only."""
    owners: dict[object, str] = {}
    for stack in stacks:
        for resource in stack.plan.all:
            if all(resource.key) and owners.setdefault(resource.key, stack.name) != stack.name:
                yield f"{resource.key} is made by {owners[resource.key]} and {stack.name}"
    for stack in stacks:
        for processing in stack.plan.of(ProcessingRule):
            for other in stacks:
                for rule in other.plan.alert_rules:
                    if other is not stack and marker(processing).lower() in rule.description.lower():
                        yield f"the processing rule of {stack.name} matches {rule.name} of {other.name}"


def _logical(construct_id: str) -> str:
    """What cdktf leaves of a construct id in a logical id; its hash would still differ."""
    return "".join(char for char in construct_id if char.isalnum() or char in "-_")


def _values(resource: Resource) -> Iterator[Value]:
    for slots in type(resource).__mro__:
        for name in getattr(slots, "__slots__", ()):
            value = getattr(resource, name)
            yield from (
                each for each in (value if isinstance(value, tuple) else [value]) if isinstance(each, Reference)
            )


def _references(plan: Plan) -> Iterator[str]:
    known: set[str] = set()
    for resource in plan.all:
        for value in _values(resource):
            assert isinstance(value, Reference)
            if value.construct_id not in known:
                yield f"{resource.construct_id} refers to {value.construct_id}, which is not made before it"
        for construct_id in resource.depends_on if isinstance(resource, PlannedRule) else ():
            if construct_id not in known:
                yield f"{resource.construct_id} depends on {construct_id}, which is not made before it"
        known.add(resource.construct_id)
    for value in (plan.action_group, plan.identity, *plan.principals.values()):
        if isinstance(value, Reference) and value.construct_id not in known:
            yield f"the plan refers to {value.construct_id}, which is not made"


def _first(routes: Sequence[Route], notice: Notice, value: str) -> Route | None:
    """The route that an event goes, as docs/use/routes.md says it."""
    for route in routes:
        own = getattr(route, notice.routed_by) if notice.routed_by else ()
        if (notice.name in route.notices or (own and not route.notices)) and (not own or value in own):
            return route
    return None


def _watched(plan: Plan, settings: StackSettings) -> Iterator[str]:
    """Each event of each scope is for exactly one rule, with the severity and the people that it should have."""
    for rule in plan.alert_rules:
        if rule.notice.name not in settings.notices or not set(rule.watched) <= set(settings.scopes):
            yield f"nobody asks for {rule.construct_id}"
        if settings.rules != "shared" and len(rule.watched) != 1:
            yield f"{rule.construct_id} watches {len(rule.watched)} scopes"
    for name in settings.notices:
        notice = NOTICES[name]
        for scope in settings.scopes:
            rules = [rule for rule in plan.alert_rules if rule.notice == notice and scope in rule.watched]
            for value in (*notice.values, UNKNOWN):
                takes = [
                    rule
                    for rule in rules
                    if (value in rule.selection.only if rule.selection.only else value not in rule.selection.excluding)
                ]
                if len(takes) != 1:
                    yield f"{len(takes)} rules take {value} of {name} of {scope.key}"
                    continue
                yield from _as_routed(plan, settings, takes[0], _first(settings.routes, notice, value))


def _as_routed(plan: Plan, settings: StackSettings, rule: PlannedRule, route: Route | None) -> Iterator[str]:
    severity = settings.severity if route is None or route.severity is None else route.severity
    if rule.severity != severity:
        yield f"{rule.construct_id} has severity {rule.severity}, not {severity}"
    groups = [route.action_group if route and route.action_group else settings.action_group]
    if route and route.keep_default:
        groups.append(settings.action_group)
    if len(rule.action_groups) != len(groups):
        yield f"{rule.construct_id} notifies {rule.action_groups}, not {len(groups)} action groups"
    for group in groups:
        if isinstance(group, ExistingActionGroup) and group.id not in rule.action_groups:
            yield f"{rule.construct_id} notifies {rule.action_groups}, not {group.id}"
        if isinstance(group, CreatedActionGroup):
            made = [each for each in plan.of(PlannedGroup) if each.name.lower() == group.name.lower()]
            if [each.receivers for each in made] != [group.receivers]:
                yield f"the action group {group.name} is made {len(made)} times, or with other receivers"
            elif Reference(made[0].construct_id, "id") not in rule.action_groups:
                yield f"{rule.construct_id} notifies {rule.action_groups}, not {made[0].construct_id}"


def _readable(plan: Plan, settings: StackSettings) -> Iterator[str]:
    """Every identity can read every scope that its rules watch, and rules wait for what they need."""
    if settings.reader_scopes == ():
        if list(plan.of(RoleAssignment)):
            yield "there are role assignments, and none is wanted"
        return
    made = list(plan.of(RoleAssignment))
    for rule in plan.alert_rules:
        principal: Value | None = Reference(rule.construct_id, "identity[0].principal_id")
        if rule.identity_ids:
            identity = next(iter(plan.of(Identity)), None)
            principal = Reference(identity.construct_id, "principal_id") if identity else settings.identity.principal_id
        granted = [assignment for assignment in made if assignment.principal == principal]
        for scope in rule.watched:
            covering = [each for each in granted if _covers(each.scope, scope)]
            if not covering:
                yield f"the identity of {rule.construct_id} cannot read {scope.key}"
            elif rule.identity_ids and not {each.construct_id for each in covering} & set(rule.depends_on):
                yield f"{rule.construct_id} does not wait until it can read {scope.key}"


def _covers(granted: str, scope: Scope) -> bool:
    if is_token(granted) or scope.arm is None:
        # Of a scope that only Terraform knows, a given id may be around it.
        return granted in (scope.text, *scope.readers) or (scope.arm is None and not is_token(granted))
    return f"{scope.text}/".lower().startswith(f"{granted}/".lower())


def _resolved(plan: Plan, settings: StackSettings) -> Iterator[str]:
    """The "Resolved" messages of stateful rules, and of no other alerts, are suppressed."""
    stateful = [rule for rule in plan.alert_rules if rule.auto_mitigation_enabled]
    found = list(plan.of(ProcessingRule))
    if settings.resolved_messages or not stateful:
        if found:
            yield "there is a processing rule, and nothing for it to suppress"
        return
    uncovered = {scope.key for scope in plan.uncovered}
    if len(found) != 1 and not all(scope.key in uncovered for rule in stateful for scope in rule.watched):
        yield f"there are {len(found)} processing rules"
    for processing in found:
        for rule in stateful:
            if marker(processing) not in rule.description:
                yield f"the description of {rule.construct_id} lacks {marker(processing)}"
            [scope] = rule.scopes
            target = ArmId.parse(scope) if not is_token(scope) else None
            within = any(
                target and ArmId.parse(each).contains(target) for each in processing.scopes if not is_token(each)
            )
            tokens = {scope for scope in processing.scopes if is_token(scope)}
            known_later = bool(tokens & {scope, *rule.watched[0].readers})
            if not within and not known_later and rule.watched[0].key not in uncovered:
                yield f"the processing rule does not reach the alerts of {rule.construct_id}"
        if len({scope.lower() for scope in processing.scopes}) != len(processing.scopes):
            yield "the processing rule names a scope twice"


def _sizes(plan: Plan) -> Iterator[str]:
    for resource in plan.all:
        name = getattr(resource, "name", "")
        longest = 128 if isinstance(resource, Identity) else limits.RULE_NAME
        if not is_token(name) and len(name) > longest:
            yield f"the name {name} has {len(name)} characters"
    for rule in plan.alert_rules:
        if len(rule.dimensions) > 6 or len(set(rule.dimensions)) != len(rule.dimensions):
            yield f"{rule.construct_id} has the dimensions {rule.dimensions}"
        if len(rule.description) > limits.DESCRIPTION:
            yield f"the description of {rule.construct_id} has {len(rule.description)} characters"
        if len(rule.query.encode()) > limits.QUERY_BYTES:
            yield f"the query of {rule.construct_id} has {len(rule.query.encode())} bytes"
    for group in plan.of(PlannedGroup):
        if len(group.short_name.encode()) > limits.SHORT_NAME:
            yield f"the short name {group.short_name} is too long"
