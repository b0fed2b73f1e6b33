"""The construct: alert rules, action groups, identity and Reader assignments, as Terraform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial, wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.estate import Plans, arm_id, comparable
from aks_communication_manager.compiler import check_arguments, compile_arguments
from aks_communication_manager.config.action_group import ActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.options import Arguments
from aks_communication_manager.config.route import Route
from aks_communication_manager.errors import Mistake, invalid
from aks_communication_manager.plan import resources as planned
from aks_communication_manager.plan.resources import Plan, Reference, Value
from aks_communication_manager.terraform.bindings import Bindings, Construct, bindings_of, require_one_framework
from aks_communication_manager.terraform.expressions import Resolve, addresses, with_scopes
from aks_communication_manager.terraform.writer import Writer
from aks_communication_manager.text import quoted

if TYPE_CHECKING:
    from aks_communication_manager.terraform.bindings import (
        MonitorActionGroup,
        MonitorActivityLogAlert,
        MonitorAlertProcessingRuleSuppression,
        MonitorScheduledQueryRulesAlertV2,
        RoleAssignment,
        TerraformResource,
        UserAssignedIdentity,
    )

P = ParamSpec("P")


def reports_wrong_names(init: Callable[P, None]) -> Callable[P, None]:
    """Report unknown and missing arguments as mistakes, with all others, where Python stops at the first."""
    options = Arguments.model_fields
    required = {name for name, field in options.items() if field.is_required()}

    @wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        given = {name: value for name, value in kwargs.items() if name not in ("scope", "id")}
        if given.keys() - options or required - given.keys():
            # The second argument is the construct around it, whose stack resolves tokens.
            scope: Any = args[1] if len(args) > 1 else kwargs["scope"]
            check_arguments(_given(given, partial(bindings_of(scope).resolve, scope=scope)))
        init(*args, **kwargs)

    return checked


class PlannedManager(Construct):
    """A plan as Terraform. Getters return copies: what is made is fixed when the construct is."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        plan: Plan,
        *,
        warnings: Iterable[Mistake] = (),
        outside: Mapping[str, TerraformResource] | None = None,
        known: Mapping[Value, str] | None = None,
    ) -> None:
        """Make all resources of a plan. `outside` has those of the stack that it refers to, `known` what its tokens are there."""
        super().__init__(scope, id)
        self._bindings = bindings_of(scope)
        for warning in warnings:
            self._bindings.Annotations.of(self).add_warning(str(warning))
        self._plan = plan
        self._writer = Writer(self, self._bindings, outside or {})
        self._writer.write(plan)
        self._path, self._stack = self.node.path, self._bindings.TerraformStack.of(self).node.path
        self._known = known or {}
        managers_of(scope).append(self)

    @property
    def plan(self) -> Plan:
        """Everything that is made, as values."""
        return self._plan

    @property
    def alert_rules(self) -> tuple[MonitorScheduledQueryRulesAlertV2, ...]:
        """Every alert rule: by notice, then by route (the default last), then by scope."""
        return self._made(planned.AlertRule)

    @property
    def role_assignments(self) -> tuple[RoleAssignment, ...]:
        """Every Reader assignment."""
        return self._made(planned.RoleAssignment)

    @property
    def action_group_id(self) -> str:
        """The ARM id of the action group, also where it exists already. A token where it is made here."""
        return self._attribute(self._plan.action_group)

    @property
    def action_group(self) -> MonitorActionGroup | None:
        """The action group that was made, or None."""
        value = self._plan.action_group
        return self._writer.made[value.construct_id] if isinstance(value, Reference) else None  # type: ignore[return-value]

    @property
    def action_groups(self) -> tuple[MonitorActionGroup, ...]:
        """Every action group that was made, for routes too."""
        return self._made(planned.PlannedGroup)

    @property
    def identity(self) -> UserAssignedIdentity | None:
        """The user-assigned identity that was made, or None."""
        return next(iter(self._made(planned.Identity)), None)

    @property
    def processing_rule(self) -> MonitorAlertProcessingRuleSuppression | None:
        """The alert processing rule that suppresses "Resolved", or None."""
        return next(iter(self._made(planned.ProcessingRule)), None)

    @property
    def health_alert(self) -> MonitorActivityLogAlert | None:
        """The activity log alert about alert rules that stop working, or None."""
        return next(iter(self._made(planned.HealthAlert)), None)

    def alert_rule(
        self, *, scope: str, notice: str, route: Route | int | None = None
    ) -> MonitorScheduledQueryRulesAlertV2:
        """The alert rule over a scope for a notice. Its place in `alert_rules` moves when scopes change.

        `scope`: as in `scopes`, in any letter case, or the same token. `route`: the `Route` or its place in `routes`;
        None for what goes the default way. Raises `InvalidArgument`, with what there is.
        """
        [wanted] = [key.lower() for key in (addresses([scope], self._resolve).values() or [scope])]
        place = self._plan.routes.index(route) if isinstance(route, Route) and route in self._plan.routes else route
        for rule in self._plan.alert_rules:
            keys = {key for watched in rule.watched for key in (watched.key.lower(), f"${{{watched.key}}}".lower())}
            if wanted in keys and rule.notice.name == notice and rule.route == place:
                return self._writer.made[rule.construct_id]  # type: ignore[return-value]
        there = [
            f"scope={_named(rule.watched)}, notice={rule.notice.name}"
            + (f", route={rule.route}" if rule.route is not None else "")
            for rule in self._plan.alert_rules
        ]
        asked = f"scope={quoted(scope)}, notice={notice}" + ("" if route is None else f", route={route!r}")
        raise invalid(
            "ACM054", f"there is no alert rule for {asked}", "There are\n" + "\n".join(f"  {each}" for each in there)
        )

    @property
    def alert_rule_ids(self) -> dict[str, str]:
        """The ARM id of every alert rule, by its construct id."""
        return {
            rule.construct_id: self._attribute(Reference(rule.construct_id, "id")) for rule in self._plan.alert_rules
        }

    @property
    def principal_ids(self) -> dict[str, str]:
        """The object id of every identity that reads: by the construct id of its rule, or under ``identity`` for one of all."""
        return {name: self._attribute(value) for name, value in self._plan.principals.items()}

    def outputs(self) -> dict[str, Any]:
        """Rule ids, action group id and principal ids, as expressions for outputs of the same stack."""
        value = self._writer.value
        return {
            "alert_rule_ids": {
                rule.construct_id: value(Reference(rule.construct_id, "id")) for rule in self._plan.alert_rules
            },
            "action_group_id": value(self._plan.action_group),
            "principal_ids": {name: value(principal) for name, principal in self._plan.principals.items()},
        }

    @cached_property
    def _compared(self) -> Plan:
        """The plan as it is compared with those of other managers of the program."""
        read = self._plan.principals.values()
        made: dict[Value, str] = {each: self._writer.value(each) for each in read if isinstance(each, Reference)}
        return comparable(self._plan, self._stack, {**self._known, **made})

    def _ids(self) -> dict[Value, str]:
        """The ids of what others of the stack can refer to, as far as they are known, by the expressions for them."""
        kinds = (planned.PlannedGroup, planned.Identity)
        return {
            self._writer.value(Reference(each.construct_id, "id")): arm_id(each.key)
            for each in self._compared.resources
            if isinstance(each, kinds)
        }

    def _resolve(self, text: str) -> str:
        return self._bindings.resolve(text, self)

    def _made(self, kind: type[planned.Resource]) -> tuple[Any, ...]:
        return tuple(self._writer.made[resource.construct_id] for resource in self._plan.of(kind))

    def _attribute(self, value: Value) -> str:
        """A token that other stacks can use too."""
        if isinstance(value, Reference):
            return self._writer.made[value.construct_id].get_string_attribute(value.attribute)
        return self._writer.value(value)


class CommunicationManager(PlannedManager):
    """Notifies people of AKS maintenance before it happens: one alert rule for each scope and notice, and all it needs.

    The caller's stack has the provider and the backend. Created resources are reachable, so that what is not foreseen
    here can be overridden.
    """

    @reports_wrong_names
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        scopes: Sequence[str],
        resource_group_name: str,
        location: str,
        action_group: ActionGroup,
        notices: Sequence[str] = ("cluster-auto-upgrade", "node-os-auto-upgrade"),
        query: Literal["hardened", "documented"] = "hardened",
        queries: Mapping[str, str] | None = None,
        evaluation_frequency: str = "PT30M",
        delivery: Literal["stateful", "stateless"] | None = None,
        look_back: str | None = None,
        resolved_messages: bool = False,
        ingestion_delay: str | None = None,
        overlap: str | None = None,
        severity: int = 3,
        rules: Literal["per-scope", "shared"] = "per-scope",
        identity: Identity | None = None,
        reader_scopes: Sequence[str] | None = None,
        routes: Sequence[Route] = (),
        name_prefix: str = "",
        custom_properties: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        allow_overlap: bool = False,
        adopt: Sequence[Adoption | Mapping[str, str]] = (),
    ) -> None:
        """Make all resources.

        Args:
            scope: The stack, or a construct in one.
            id: Unique among its siblings. Changing it replaces all resources.
            scopes: ARM ids of clusters, resource groups and subscriptions whose clusters are watched; or tokens, each
                of which is taken for the id of a cluster.
            resource_group_name: Where alert rules, action group and identity are made. It exists, or is a token.
            location: Azure region of the alert rules and the identity, such as ``westeurope``.
            action_group: Who is notified.
            notices: Of what: ``cluster-auto-upgrade``, ``node-os-auto-upgrade``, ``end-of-support``. Default: the first two.
            query: ``hardened`` (default), or ``documented``: what Microsoft's how-to shows, with its faults.
            queries: The team's own: path of a .kql file by notice. Default: ours.
            evaluation_frequency: ISO 8601, from ``PT5M`` to ``P1D``. Default: ``PT30M``, the documented figure. ``PT15M``
                costs the same.
            delivery: ``stateful`` or ``stateless``, for all rules (docs/delivery.md). Default: stateful for a rule that
                watches one cluster, stateless for all others and with the documented query.
            look_back: ISO 8601: how late an event may show up and still be reported by a stateful rule. Default: ``PT6H``
                or twice the frequency, whichever is longer.
            resolved_messages: Whether people also get the message with which Azure resolves the alert of a stateful
                rule. Default: no, an alert processing rule suppresses it.
            ingestion_delay: ISO 8601: how late an event may show up and still be reported by a stateless rule; each
                notice may come that much later. Default: ``PT15M``.
            overlap: ISO 8601: by how much two windows of a stateless rule overlap. Default: ``PT1M``.
            severity: 0 (critical) to 4 (verbose). Default: 3, informational.
            rules: ``per-scope`` (default), or ``shared``: one rule for each notice over all scopes.
            identity: Default: system-assigned, one for each rule.
            reader_scopes: Where the identity becomes Reader: ``scope``, ``resource-group``, ``subscription``, or ids.
                Default: resource group and subscription for a cluster, as documented; the scope itself for a wide one.
                An empty list says that an existing identity may read already.
            routes: Another severity or action group for some of what happens; first match wins. Default: none.
            name_prefix: In front of every rule's name. Default: empty.
            custom_properties: Sent with every notification, beside cluster, scope and notice. Default: none more.
            tags: On every resource that takes tags. Default: none.
            allow_overlap: Whether a cluster may be watched by two scopes, which sends every notification twice. Default: no.
            adopt: What was made by hand and is taken over with import blocks. Default: nothing.

        Raises:
            InvalidArgument: With every mistake in the arguments. Nothing is made then.
        """
        bindings = bindings_of(scope)
        resolve = partial(bindings.resolve, scope=scope)
        given = _given(
            {
                "scopes": scopes,
                "resource_group_name": resource_group_name,
                "location": location,
                "action_group": action_group,
                "notices": notices,
                "query": query,
                "queries": queries,
                "evaluation_frequency": evaluation_frequency,
                "delivery": delivery,
                "look_back": look_back,
                "resolved_messages": resolved_messages,
                "ingestion_delay": ingestion_delay,
                "overlap": overlap,
                "severity": severity,
                "rules": rules,
                "identity": identity,
                "reader_scopes": reader_scopes,
                "routes": routes,
                "name_prefix": name_prefix,
                "custom_properties": custom_properties,
                "tags": tags,
                "allow_overlap": allow_overlap,
                "adopt": adopt,
            },
            resolve,
        )
        subscription_id = _subscription_of(scope, bindings)
        stack = bindings.TerraformStack.of(scope).node.path
        tokens = addresses([*given.values(), subscription_id], resolve)
        managers = managers_of(scope)
        ids = {text: id_ for each in managers if each._stack == stack for text, id_ in each._ids().items()}
        known = ids | {token: ids.get(text, text) for token, text in tokens.items()}
        plan, warnings = compile_arguments(
            given,
            subscription_id=subscription_id,
            addresses=tokens,
            others=plans_of(managers),
            comparable=partial(comparable, stack=stack, known=known),
            label=f"{scope.node.path}/{id}",
        )
        super().__init__(scope, id, plan, warnings=warnings, known=known)


def _given(arguments: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """The arguments without None, which means the default, and with tokens of `scopes` as scopes."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if "scopes" in given:
        given["scopes"] = with_scopes(given["scopes"], resolve)
    return given


def _named(scopes: Sequence[Scope]) -> str:
    return scopes[0].key if len(scopes) == 1 else f"any of {len(scopes)}"


class _Managers(Construct):
    """The managers of a program, as a child of its app: the list lives as long as the app does."""

    ID = "aks-communication-manager: managers"

    def __init__(self, app: Any) -> None:
        super().__init__(app, self.ID)
        self.all: list[PlannedManager] = []


def managers_of(scope: Construct) -> list[PlannedManager]:
    """All managers of the program so far."""
    app = scope.node.root
    found: Any = app.node.try_find_child(_Managers.ID) or _Managers(app)
    managers: list[PlannedManager] = found.all
    return managers


def plans_of(managers: Iterable[PlannedManager]) -> Plans:
    """Their plans as they are compared, by their paths."""
    return {(each._path,): each._compared for each in managers}


def _subscription_of(scope: Construct, bindings: Bindings) -> str | None:
    """The subscription of the stack's provider, where it is made already and says which."""
    stack = bindings.TerraformStack.of(scope)
    children = stack.node.children
    require_one_framework([stack, *children])
    # Nearly always it is a child; the whole tree costs a reference for each of its resources.
    provider = bindings.default_provider(children) or bindings.default_provider(stack.node.find_all())
    return provider.subscription_id_input if provider else None
