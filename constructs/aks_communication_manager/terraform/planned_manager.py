"""The construct for a plan, and the list of all managers of a program, which are compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aks_communication_manager.checks.estate import Plans, arm_id, comparable
from aks_communication_manager.config.route import Route
from aks_communication_manager.config.strings import find_strings
from aks_communication_manager.errors import Mistake, invalid
from aks_communication_manager.plan import resources as planned
from aks_communication_manager.plan.resources import Plan, Reference, Value
from aks_communication_manager.terraform.bindings import Construct, bindings_of
from aks_communication_manager.terraform.writer import Writer
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token

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


class PlannedManager(Construct):
    """The resources of a plan. They do not change after construction, so getters return copies."""

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
        """Create all resources of a plan.

        `outside`: resources of the stack that the plan refers to, by construct id. `known`: values of tokens in this stack,
        each an expression or the id of another manager's resource.
        """
        super().__init__(scope, id)
        self._bindings = bindings_of(scope)
        for warning in warnings:
            self._bindings.Annotations.of(self).add_warning(str(warning))
        self._plan = plan
        self._writer = Writer(self, self._bindings, outside or {})
        self._writer.write(plan.resources)
        self._path, self._stack = self.node.path, self._bindings.stack_of(scope).node.path
        self._known = known or {}
        managers_of(scope).append(self)

    @property
    def plan(self) -> Plan:
        """The plan, as frozen values."""
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
        """The ARM id of the action group, created here (then a token) or existing."""
        return self._attribute(self._plan.action_group)

    @property
    def action_group(self) -> MonitorActionGroup | None:
        """The action group created here, or None."""
        value = self._plan.action_group
        return self._writer.made[value.construct_id] if isinstance(value, Reference) else None  # type: ignore[return-value]

    @property
    def action_groups(self) -> tuple[MonitorActionGroup, ...]:
        """All action groups created here, including those of routes."""
        return self._made(planned.PlannedGroup)

    @property
    def identity(self) -> UserAssignedIdentity | None:
        """The user-assigned identity created here, or None."""
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
        """Find an alert rule by scope and notice. Its index in `alert_rules` depends on `scopes`.

        `scope`: an id as in `scopes`, in any letter case, or the same token. `route`: a `Route` or its index in `routes`; None
        for the default rule. Raises `InvalidArgument`, which lists the existing alert rules.
        """
        [wanted] = [key.lower() for key in (addresses([scope], self._resolve).values() or [scope])]
        place = self._plan.routes.index(route) if isinstance(route, Route) and route in self._plan.routes else route
        for rule in self._plan.alert_rules:
            keys = {key for watched in rule.watched for key in (watched.key.lower(), f"${{{watched.key}}}".lower())}
            if wanted in keys and rule.notice.name == notice and rule.route == place:
                return self._writer.made[rule.construct_id]  # type: ignore[return-value]
        there = [
            f"scope={rule.watched[0].key if len(rule.watched) == 1 else f'any of {len(rule.watched)}'}, notice={rule.notice.name}"
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
        """Object ids of the identities, by the construct id of the rule, or ``identity`` for a shared one."""
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
        """The plan in a form for comparison with other managers."""
        read = self._plan.principals.values()
        made: dict[Value, str] = {each: self._writer.value(each) for each in read if isinstance(each, Reference)}
        return comparable(self._plan, self._stack, {**self._known, **made})

    def _ids(self) -> dict[Value, str]:
        """Ids of the action groups and identities created here, by the expressions that refer to them in the same stack."""
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
        """Value as a token, which works in other stacks too."""
        if isinstance(value, Reference):
            return self._writer.made[value.construct_id].get_string_attribute(value.attribute)
        return self._writer.value(value)


def addresses(value: object, resolve: Callable[[str], str]) -> dict[str, str]:
    """Resolve each token in the arguments, for example to ``${azurerm_kubernetes_cluster.prod.id}``."""
    return {text: resolve(text) for text in {found.text: None for found in find_strings(value)} if is_token(text)}


class _Managers(Construct):
    """List of the managers of a program. A child of the app, so that it lives as long as the app."""

    ID = "aks-communication-manager: managers"

    def __init__(self, app: Any) -> None:
        super().__init__(app, self.ID)
        self.all: list[PlannedManager] = []


def managers_of(scope: Construct) -> list[PlannedManager]:
    """Managers created in the program so far."""
    app = scope.node.root
    found: Any = app.node.try_find_child(_Managers.ID) or _Managers(app)
    managers: list[PlannedManager] = found.all
    return managers


def plans_of(managers: Iterable[PlannedManager]) -> Plans:
    """Comparable plans by the path of their manager."""
    return {(each._path,): each._compared for each in managers}
