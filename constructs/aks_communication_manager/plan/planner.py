"""Plan the resources of a manager: queries, texts and references. No framework, no provider."""

from __future__ import annotations

from collections.abc import Mapping

from aks_communication_manager.arm.id_parts import subscription_of
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import action_group as config
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.options import SHARED, Options
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql import templates
from aks_communication_manager.plan.descriptions import HEALTH_ALERT, RESOLVED_RULE, custom_properties, description
from aks_communication_manager.plan.names import Names, Place, readable, unknown
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
from aks_communication_manager.tokens import is_token


def plan(
    options: Options,
    place: Place,
    addresses: Mapping[str, str] | None = None,
    *,
    label: str = "",
) -> Plan:
    """Plan all resources of a manager.

    `addresses` has what each token in them resolves to, such as ``${azurerm_kubernetes_cluster.prod.id}``. `label`
    distinguishes the manager from an earlier one of its namespace (see `Plan.namespace`).
    """
    return _Planner(options, place, addresses or {}, label).plan()


class _Planner:
    def __init__(self, options: Options, place: Place, addresses: Mapping[str, str], label: str) -> None:
        self._options = options
        self._place = place
        self._names = Names(options.name_prefix, place, addresses, label)
        self._resources: dict[str, Resource] = {}
        self._group: Value = Reference("resource-group", "name") if place.create else place.resource_group
        self._rules_by_hand = {
            (entry.notice, self._scope_key(entry.scope)): entry.rule for entry in options.adopt if entry.rule
        }
        groups = (entry.action_group for entry in options.adopt if entry.action_group)
        self._group_by_hand = next((group for group in groups if self._names.is_own(group.subscription_id)), None)
        self._readers_by_hand = {
            (*self._owner(entry.notice, self._scope_key(entry.scope)), entry.role_assignment.scope.key): (
                entry.role_assignment
            )
            for entry in options.adopt
            if entry.role_assignment
        }
        self._reader_scopes = ReaderScopes(options, self._names.address)

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
            namespace=self._names.namespace,
        )

    def _add(self, resource: Resource) -> None:
        place = resource.construct_id
        while place in self._resources:  # two rules of one name: both have to be there for a check to report them
            place += "@"
        self._resources[place] = resource

    def _resource_group(self) -> ResourceGroup | None:
        if not self._place.create:
            return None
        name = self._place.resource_group
        return ResourceGroup(
            construct_id="resource-group",
            key=("resource group", *self._names.where),
            name=name,
            location=self._place.location,
            tags=self._options.tags,
        )

    def _action_group(self, group: config.ActionGroup, construct_id: str = "") -> Value:
        """The id of an action group, which is planned at its first use."""
        if isinstance(group, config.ExistingActionGroup):
            return group.id
        assert isinstance(group, config.CreatedActionGroup)
        key = ("action group", *self._names.where, self._names.same(group.name))
        made = next((resource for resource in self._resources.values() if resource.key == key), None)
        if made is None:
            by_hand = self._group_by_hand if construct_id else None
            name, resource_group = group.name, self._group
            if by_hand:  # in the letter case of the id: another one would replace the group
                name = by_hand.name
                if by_hand.resource_group != self._place.resource_group:
                    resource_group = by_hand.resource_group
            made = PlannedGroup(
                construct_id=construct_id or readable(f"action-group-{self._names.address(group.name).lower()}"),
                key=key,
                id=self._names.arm_id(PlannedGroup, name, by_hand),
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
        """Id, key and principal of the identity that all rules share; each None where every rule has its own."""
        given = self._options.identity
        if given.kind == "user-assigned":
            name = str(given.name)
            key = ("identity", *self._names.where, self._names.same(name))
            self._add(
                Identity(
                    construct_id="identity",
                    key=key,
                    id=self._names.arm_id(Identity, name),
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
            return given.id, ("identity", self._names.same(str(given.id))), principal
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
        form, label = ("-shared", "-shared") if shared else self._names.of_scope(group[0])
        construct_id = readable(f"{notice.name}{label}{share.suffix}")
        route = None if share.route is None else options.routes[share.route]
        owner = None if share.suffix or shared else (notice.name, group[0].key)
        by_hand = self._rules_by_hand.get(owner) if owner else None
        name = f"{options.name_prefix}{notice.name}{form}{share.suffix}"
        resource_group = self._group
        same_name = f"{self._names.same(options.name_prefix)}{notice.name}{label}{share.suffix}".lower()
        key = (*self._names.where, unknown(same_name, not shared and group[0].arm is None))
        if by_hand:
            name, resource_group = by_hand.name, by_hand.resource_group
            key = (self._names.where[0], resource_group.lower(), name.lower())
        columns = dimensions(
            notice,
            outline.grouping,
            one_cluster=not shared and group[0].kind == "cluster",
            documented=documented,
            own=own_query.text if own_query else None,
        )
        readers = self._reader_scopes.for_rule(group)
        waits = [
            self._assign(f"reader-{readable(reader.label)}", reader, principal, "the alert rules")
            for reader in readers
            if principal
        ]
        rule = PlannedRule(
            construct_id=construct_id,
            key=("alert rule", *key),
            id=self._names.arm_id(PlannedRule, name, by_hand),
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
            description=f"{description(notice, group, share.selection, columns)} Managed as {self._names.marker}.",
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
            elif self._names.is_own(scope.subscription_id):
                arm = scope.arm.up_to("resource-group")
                covered.setdefault(arm.key, str(arm))
            else:
                uncovered[scope.key] = scope
        if covered:
            name, same_name = self._names.own("resolved")
            self._add(
                ProcessingRule(
                    construct_id="resolved",
                    key=("alert processing rule", *self._names.where, same_name),
                    id=self._names.arm_id(ProcessingRule, name),
                    name=name,
                    resource_group=self._group,
                    scopes=tuple(covered.values()),
                    conditions=(
                        Condition("description", "Contains", (self._names.marker,)),
                        Condition("monitor_condition", "Equals", ("Resolved",)),
                    ),
                    description=RESOLVED_RULE,
                    tags=options.tags,
                )
            )
        return tuple(uncovered.values())

    def _health_alert(self, action_group: Value) -> None:
        """Add the alert about alert rules that stop working."""
        name, same_name = self._names.own("health")
        self._add(
            HealthAlert(
                construct_id="health",
                key=("activity log alert", *self._names.where, same_name),
                id=self._names.arm_id(HealthAlert, name),
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
        return scope.key if isinstance(scope, Scope) else scope and self._names.address(scope)

    def _assign(
        self, construct_id: str, reader: Reader, principal: Value, who: str, owner: tuple[str, str] | None = None
    ) -> str:
        """Make an identity Reader, once for each scope. Returns the construct id."""
        if construct_id not in self._resources:
            known = self._names.same(principal) if isinstance(principal, str) else ""
            self._add(
                RoleAssignment(
                    construct_id=construct_id,
                    key=("reader", known, unknown(reader.key, is_token(reader.text))),
                    import_id=self._readers_by_hand.get((*self._owner(*owner or ()), reader.key)),
                    scope=reader.text,
                    principal=principal,
                    description=f"Lets {who} read AKS events.",
                    subscription=None if is_token(reader.text) else subscription_of(reader.key),
                )
            )
        return construct_id

    def _home(self) -> str:
        """Scope of shared rules and the health alert: the subscription, so that adding a cluster replaces nothing."""
        known = (scope.subscription_id for scope in self._options.scopes if scope.arm)
        return f"/subscriptions/{self._place.subscription_id or next(known, '')}"
