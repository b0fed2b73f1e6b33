"""From options to the plan: names, queries, texts, and what refers to what. No framework, no provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aks_communication_manager.arm.id_parts import subscription_of
from aks_communication_manager.arm.ids import ResourceId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import action_group as config
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.options import SHARED, Options
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql import templates
from aks_communication_manager.plan.descriptions import HEALTH_ALERT, RESOLVED_RULE, custom_properties, description
from aks_communication_manager.plan.reader_scopes import Reader, ReaderScopes
from aks_communication_manager.plan.resources import (
    Condition,
    Dimension,
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
from aks_communication_manager.plan.rule_outlines import (
    RuleOutline,
    dimensions,
    look_back_of,
    planned_rules,
    uses_documented_query,
)
from aks_communication_manager.tokens import address, is_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the resources of a manager are made."""

    subscription_id: str | None
    """None or a token where it is not known: names then say nothing of subscriptions."""
    resource_group: str
    location: str
    create: bool = False
    """Whether the stack around the manager makes the resource group."""


def plan(
    options: Options,
    place: Place,
    addresses: Mapping[str, str] | None = None,
    *,
    label: str = "",
) -> Plan:
    """Everything that these options ask for.

    `addresses` has what each token in them resolves to, such as ``${azurerm_kubernetes_cluster.prod.id}``. `label`
    distinguishes the manager from an earlier one of its namespace (see `Plan.namespace`).
    """
    return _Planner(options, place, addresses or {}, label).plan()


def readable(construct_id: str) -> str:
    """The construct id such that words stay apart in the logical id, from which cdktf removes these characters."""
    return re.sub(r"[@+.]", r"-\g<0>", construct_id)


def _plain(prefix: str) -> str:
    """The prefix with what the name of an alert processing rule may hold; an alert rule takes nearly everything."""
    return prefix if is_token(prefix) else re.sub(r"[^A-Za-z0-9_-]+", "-", prefix).lstrip("-_")


def _unknown(key: str, only_terraform_knows: bool) -> str:
    """A part of a key: as an expression where it means something else in another stack."""
    return f"${{{key}}}" if only_terraform_knows else key


class _Planner:
    def __init__(self, options: Options, place: Place, addresses: Mapping[str, str], label: str) -> None:
        self._options = options
        self._prefix = _plain(options.name_prefix)
        self._suffix = f"-{_plain(label)}" if label else ""
        self._place = place
        self._addresses = addresses
        self._resources: dict[str, Resource] = {}
        known = place.subscription_id is not None and not is_token(place.subscription_id)
        self._own_subscription = str(place.subscription_id).lower() if known else None
        self._where = (self._same(str(place.subscription_id)), self._same(place.resource_group))
        self._group: Value = Reference("resource-group", "name") if place.create else place.resource_group
        self._rules_by_hand = {
            (entry.notice, self._scope_key(entry.scope)): entry.rule for entry in options.adopt if entry.rule
        }
        groups = (entry.action_group for entry in options.adopt if entry.action_group)
        self._group_by_hand = next((group for group in groups if self._is_own(group.subscription_id)), None)
        self._readers_by_hand = {
            (*self._owner(entry.notice, self._scope_key(entry.scope)), entry.role_assignment.scope.key): (
                entry.role_assignment
            )
            for entry in options.adopt
            if entry.role_assignment
        }
        self._reader_scopes = ReaderScopes(options, self._address)

    def plan(self) -> Plan:
        options = self._options
        action_group = self._action_group(options.action_group, "action-group")
        identity, identity_key, principal = self._identity()
        principals: dict[str, Value] = {"identity": principal} if principal else {}
        for rule in planned_rules(options):
            rule_id = self._alert_rule(rule, action_group, identity, principal)
            if identity is None:
                principals[rule_id] = Reference(rule_id, "identity[0].principal_id")
        uncovered = self._processing_rule()
        if options.has_health_alert:
            self._health_alert(action_group)
        return Plan(
            resource_group=self._resource_group(),
            resources=tuple(self._resources.values()),
            action_group=action_group,
            identity=identity,
            identity_key=identity_key,
            principals=FrozenMap(principals),
            routes=options.routes,
            allow_overlap=options.allow_overlap,
            uncovered=uncovered,
            subscription_id=self._place.subscription_id,
            namespace=(*self._where, self._same(self._prefix)),
        )

    def _same(self, text: str) -> str:
        """One text for all spellings of a name, and for all tokens of one value."""
        return self._addresses.get(text) or address(text) if is_token(text) else text.lower()

    def _is_own(self, subscription_id: str) -> bool:
        """Whether it is, or may be, the manager's own subscription."""
        return self._own_subscription in (None, subscription_id.lower())

    def _address(self, text: str) -> str:
        """What construct ids call a text that may be a token."""
        return self._same(text).removeprefix("${").removesuffix("}") if is_token(text) else text

    def _add(self, resource: Resource) -> None:
        place = resource.construct_id
        while place in self._resources:  # two rules of one name: both have to be there for a check to report them
            place += "@"
        self._resources[place] = resource

    def _id(self, kind: type[Resource], name: str, by_hand: ResourceId | None = None) -> str:
        """The ARM id of a resource of the manager; empty where its subscription is not known."""
        if by_hand or self._place.subscription_id is None:
            return str(by_hand or "")
        return str(ResourceId(self._place.subscription_id, self._place.resource_group, kind.resource_type.arm, name))

    def _resource_group(self) -> ResourceGroup | None:
        if not self._place.create:
            return None
        name = self._place.resource_group
        return ResourceGroup(
            construct_id="resource-group",
            key=("resource group", *self._where),
            name=name,
            location=self._place.location,
            tags=self._options.tags,
        )

    def _action_group(self, group: config.ActionGroup, construct_id: str = "") -> Value:
        """The id of an action group, which is made where it is first asked for."""
        if isinstance(group, config.ExistingActionGroup):
            return group.id
        assert isinstance(group, config.CreatedActionGroup)
        key = ("action group", *self._where, self._same(group.name))
        made = next((resource for resource in self._resources.values() if resource.key == key), None)
        if made is None:
            by_hand = self._group_by_hand if construct_id else None
            name, resource_group = group.name, self._group
            if by_hand:  # in the letter case of the id: another one would replace the group
                name = by_hand.name
                if by_hand.resource_group != self._place.resource_group:
                    resource_group = by_hand.resource_group
            made = PlannedGroup(
                construct_id=construct_id or readable(f"action-group-{self._address(group.name).lower()}"),
                key=key,
                id=self._id(PlannedGroup, name, by_hand),
                import_id=by_hand,
                name=name,
                short_name=group.short_name,
                resource_group=resource_group,
                receivers=group.receivers,
                tags=self._options.tags,
            )
            self._add(made)
        return Reference(made.construct_id, "id")

    def _action_groups(self, route: Route | None, default: Value) -> tuple[Value, ...]:
        if route is None or route.action_group is None:
            return (default,)
        return (self._action_group(route.action_group), *([default] if route.keep_default else []))

    def _identity(self) -> tuple[Value | None, Key | None, Value | None]:
        """Id, key and principal of the identity that all rules share, as far as there are any."""
        given = self._options.identity
        if given.kind == "user-assigned":
            name = str(given.name)
            key = ("identity", *self._where, self._same(name))
            self._add(
                Identity(
                    construct_id="identity",
                    key=key,
                    id=self._id(Identity, name),
                    name=name,
                    resource_group=self._group,
                    location=self._place.location,
                    tags=self._options.tags,
                )
            )
            return Reference("identity", "id"), key, Reference("identity", "principal_id")
        if given.kind == "existing":
            # Azure writes it in lower case, and another letter case would replace every assignment at each apply.
            principal = given.principal_id and (
                given.principal_id if is_token(given.principal_id) else given.principal_id.lower()
            )
            return given.id, ("identity", self._same(str(given.id))), principal
        return None, None, None

    def _alert_rule(
        self, outline: RuleOutline, action_group: Value, identity: Value | None, principal: Value | None
    ) -> str:
        """Add one rule, after the assignments of a shared identity, before those of its own. Returns its construct id."""
        options = self._options
        notice, share, group = outline.notice, outline.share, outline.scopes
        own_query = options.queries.get(notice.name)
        documented = uses_documented_query(options, notice)
        template = own_query.text if own_query else templates.load(notice.name, options.query, outline.grouping)
        shared = options.rules == SHARED
        form, label = ("-shared", "-shared") if shared else self._forms(group[0])
        construct_id = readable(f"{notice.name}{label}{share.suffix}")
        route = None if share.route is None else options.routes[share.route]
        owner = None if share.suffix or shared else (notice.name, group[0].key)
        by_hand = self._rules_by_hand.get(owner) if owner else None
        name = f"{options.name_prefix}{notice.name}{form}{share.suffix}"
        resource_group = self._group
        same_name = f"{self._same(options.name_prefix)}{notice.name}{label}{share.suffix}".lower()
        key = (*self._where, _unknown(same_name, not shared and group[0].arm is None))
        if by_hand:
            name, resource_group = by_hand.name, by_hand.resource_group
            key = (self._where[0], resource_group.lower(), name.lower())
        columns = dimensions(
            notice,
            outline.grouping,
            one_cluster=not shared and group[0].kind == "cluster",
            documented=documented,
            own=own_query.text if own_query else None,
        )
        readers = self._reader_scopes.of(group)
        waits = [
            self._assign(f"reader-{readable(reader.label)}", reader, principal, "the alert rules")
            for reader in readers
            if principal
        ]
        rule = PlannedRule(
            construct_id=construct_id,
            key=("alert rule", *key),
            id=self._id(PlannedRule, name, by_hand),
            import_id=by_hand,
            name=name,
            resource_group=resource_group,
            location=self._place.location,
            scopes=(self._home() if shared else group[0].text,),
            watched=group,
            notice=notice,
            route=share.route,
            selection=share.selection,
            query=templates.render(
                template,
                scopes=group,
                look_back=options.evaluation_frequency if documented else look_back_of(options),
                selection=share.selection,
                dimension=notice.dimension,
            ),
            severity=options.severity if route is None or route.severity is None else route.severity,
            evaluation_frequency=options.evaluation_frequency,
            auto_mitigation_enabled=not documented,
            dimensions=tuple(map(Dimension, columns)),
            description=f"{description(notice, group, share.selection, columns)} Managed as {self._marker}.",
            custom_properties=custom_properties(notice, group, options.custom_properties),
            action_groups=self._action_groups(route, action_group),
            identity_type="SystemAssigned" if identity is None else "UserAssigned",
            identity_ids=() if identity is None else (identity,),
            depends_on=tuple(waits),
            tags=options.tags,
        )
        self._add(rule)
        if identity is None:
            own = Reference(construct_id, "identity[0].principal_id")
            for reader in readers:
                self._assign(
                    f"{construct_id}-reader-{readable(reader.label)}", reader, own, f"alert rule {name}", owner
                )
        return construct_id

    @property
    def _marker(self) -> str:
        """What the descriptions of this manager's rules contain. The brackets keep it from being a part of another's."""
        subscription = "" if self._place.subscription_id is None else f"@{self._place.subscription_id}"
        return f"[{self._options.name_prefix}aks-notices{self._suffix}@{self._place.resource_group}{subscription}]"

    def _own(self, kind: str) -> tuple[str, str]:
        """Name of the one resource of its kind that the manager has, and the name as it is compared with others."""
        rest = f"aks-notices-{kind}{self._suffix}"
        return f"{self._prefix}{rest}", f"{self._same(self._prefix)}{rest}".lower()

    def _processing_rule(self) -> tuple[Scope, ...]:
        """Add the rule that suppresses "Resolved". Returns the scopes that it cannot cover."""
        options = self._options
        rules = (rule for rule in self._resources.values() if isinstance(rule, PlannedRule))
        stateful = [rule for rule in rules if rule.auto_mitigation_enabled]
        if options.resolved_messages or not stateful:
            return ()
        covered: dict[str, str] = {}
        uncovered: dict[str, Scope] = {}
        for rule in stateful:
            scope = rule.watched[0]
            if options.rules == SHARED:
                covered[rule.scopes[0].lower()] = rule.scopes[0]
            elif scope.arm is None:
                covered[f"{scope.key}-resource-group"] = scope.readers[0]
            elif self._is_own(scope.subscription_id):
                arm = scope.arm.up_to("resource-group")
                covered.setdefault(arm.key, str(arm))
            else:
                uncovered[scope.key] = scope
        if covered:
            name, same_name = self._own("resolved")
            self._add(
                ProcessingRule(
                    construct_id="resolved",
                    key=("alert processing rule", *self._where, same_name),
                    id=self._id(ProcessingRule, name),
                    name=name,
                    resource_group=self._group,
                    scopes=tuple(covered.values()),
                    conditions=(
                        Condition("description", "Contains", (self._marker,)),
                        Condition("monitor_condition", "Equals", ("Resolved",)),
                    ),
                    description=RESOLVED_RULE,
                    tags=options.tags,
                )
            )
        return tuple(uncovered.values())

    def _health_alert(self, action_group: Value) -> None:
        """Add the alert about alert rules that stop working."""
        name, same_name = self._own("health")
        self._add(
            HealthAlert(
                construct_id="health",
                key=("activity log alert", *self._where, same_name),
                id=self._id(HealthAlert, name),
                name=name,
                resource_group=self._group,
                scope=self._home(),
                action_group=action_group,
                description=HEALTH_ALERT,
                tags=self._options.tags,
            )
        )

    def _owner(self, notice: str | None = None, scope: str | None = None) -> tuple[str | None, str | None]:
        """The rule that a Reader assignment belongs to, or none where all rules share one identity."""
        return (None, None) if self._options.identity.is_shared else (notice, scope)

    def _scope_key(self, scope: Scope | str | None) -> str | None:
        return scope.key if isinstance(scope, Scope) else scope and self._address(scope)

    def _assign(
        self, construct_id: str, reader: Reader, principal: Value, who: str, owner: tuple[str, str] | None = None
    ) -> str:
        """Make an identity Reader, once for each scope. Returns the construct id."""
        if construct_id not in self._resources:
            known = self._same(principal) if isinstance(principal, str) else ""
            self._add(
                RoleAssignment(
                    construct_id=construct_id,
                    key=("reader", known, _unknown(reader.key, is_token(reader.text))),
                    import_id=self._readers_by_hand.get((*self._owner(*owner or ()), reader.key)),
                    scope=reader.text,
                    principal=principal,
                    description=f"Lets {who} read AKS events.",
                    subscription=None if is_token(reader.text) else subscription_of(reader.key),
                )
            )
        return construct_id

    def _home(self) -> str:
        """The subscription: the scope of a shared rule, so that adding a cluster replaces nothing, and of the health alert."""
        known = (scope.subscription_id for scope in self._options.scopes if scope.arm)
        return f"/subscriptions/{self._place.subscription_id or next(known, '')}"

    def _forms(self, scope: Scope) -> tuple[str, str]:
        """What follows the notice: in the rule's name as given, in the construct id in lower case (a token by its address)."""
        cluster = f"-{scope.cluster}" if scope.cluster else ""
        elsewhere = scope.arm and scope.resource_group and not self._is_own(scope.subscription_id)
        other = f"@{scope.subscription_id}" if elsewhere else ""
        form = f"{cluster}@{scope.resource_group or scope.subscription_id}{other}"
        return form, form.lower() if scope.arm else f"-{scope.label}"
