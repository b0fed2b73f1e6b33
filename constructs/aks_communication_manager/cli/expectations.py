"""From a config's plan to what Azure is asked about."""

from __future__ import annotations

from pathlib import Path

import typer

from aks_communication_manager.arm.ids import ResourceId
from aks_communication_manager.azure.expected import ExpectedResource, ExpectedRule, ExpectedStack
from aks_communication_manager.cli.shared_options import config_file
from aks_communication_manager.compiler import CompiledStack, compile_config
from aks_communication_manager.config.delivery import STATEFUL
from aks_communication_manager.plan.resources import (
    ActionGroup,
    AlertRule,
    Identity,
    Plan,
    ProcessingRule,
    Reference,
    Resource,
    RoleAssignment,
    Value,
)
from aks_communication_manager.text import quoted

_TYPES = {
    ActionGroup: "Microsoft.Insights/actionGroups",
    AlertRule: "Microsoft.Insights/scheduledQueryRules",
    Identity: "Microsoft.ManagedIdentity/userAssignedIdentities",
    ProcessingRule: "Microsoft.AlertsManagement/actionRules",
}


def expected_stacks(config: Path | None, stack: str | None) -> tuple[ExpectedStack, ...]:
    """The stacks of the config, or the one that is named. Raises `InvalidArgument` for mistakes in it."""
    compiled = compile_config(config_file(config)).checked()
    names = [one.name for one in compiled]
    if stack and stack not in names:
        raise typer.BadParameter(f"{quoted(stack)} is not a stack; one of {', '.join(names)}.", param_hint="--stack")
    return tuple(_Expected(one).stack() for one in compiled if not stack or one.name == stack)


class _Expected:
    """One stack, in which references are replaced by the ids that they will have."""

    def __init__(self, compiled: CompiledStack) -> None:
        self._name = compiled.name
        self._settings = compiled.settings
        self._plan: Plan = compiled.plan
        self._resources = {resource.construct_id: resource for resource in compiled.plan.all}

    def stack(self) -> ExpectedStack:
        settings, plan = self._settings, self._plan
        groups = dict.fromkeys(self._id(rule.action_group) for rule in plan.alert_rules)
        identities = dict.fromkeys(self._id(rule.identity) for rule in plan.alert_rules if rule.identity)
        return ExpectedStack(
            name=self._name,
            subscription_id=settings.subscription_id,
            location=settings.location,
            resource_group=settings.resource_group.name,
            creates_resource_group=settings.resource_group.create,
            rules=tuple(map(self._rule, plan.alert_rules)),
            action_groups=self._existing(groups, ActionGroup),
            identities=self._existing(identities, Identity),
            processing_rules=tuple(ExpectedResource(self._of(one)) for one in plan.of(ProcessingRule)),
        )

    def _existing(
        self, identifiers: dict[str, None], kind: type[ActionGroup | Identity]
    ) -> tuple[ExpectedResource, ...]:
        created = {self._of(one).lower() for one in self._plan.of(kind) if one.import_id is None}
        return tuple(ExpectedResource(one, created=one.lower() in created) for one in identifiers)

    def _rule(self, rule: AlertRule) -> ExpectedRule:
        principals = self._plan.principals
        principal = principals.get("identity") if rule.identity else principals.get(rule.construct_id)
        assignments = [one for one in self._plan.of(RoleAssignment) if one.principal == principal]
        return ExpectedRule(
            id=self._of(rule),
            notice=rule.notice.name,
            query=rule.query,
            severity=rule.severity,
            evaluation_frequency=rule.evaluation_frequency,
            scope=rule.scope,
            watched=tuple(scope.arm for scope in rule.watched if scope.arm),
            action_group=self._id(rule.action_group),
            identity=self._id(rule.identity) if rule.identity else None,
            readers=tuple(one.scope for one in assignments),
            description=rule.description,
            dimensions=rule.dimensions,
            stateful=rule.mode == STATEFUL,
            adopted=rule.import_id is not None,
        )

    def _id(self, value: Value) -> str:
        return self._of(self._resources[value.construct_id]) if isinstance(value, Reference) else value

    def _of(self, resource: Resource) -> str:
        """The id that Azure gives a resource of the stack; what is taken over has one."""
        if resource.import_id is not None:
            return str(resource.import_id)
        assert isinstance(resource, (ActionGroup, AlertRule, Identity, ProcessingRule)), resource
        group, kind = self._settings.resource_group.name, _TYPES[type(resource)]
        return str(ResourceId(self._settings.subscription_id, group, kind, resource.name))
