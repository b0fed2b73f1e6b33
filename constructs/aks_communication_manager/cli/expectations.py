"""From a config's plan to what Azure is asked about."""

from __future__ import annotations

from pathlib import Path

from aks_communication_manager.azure.expected import ExpectedResource, ExpectedRule, ExpectedStack
from aks_communication_manager.compiler import CompiledStack, compile_config
from aks_communication_manager.config.locations import config_file
from aks_communication_manager.plan.resources import (
    Identity,
    Plan,
    PlannedGroup,
    PlannedRule,
    ProcessingRule,
    Reference,
    RoleAssignment,
    Value,
)


def expected_stacks(config: Path | None, stack: str | None) -> tuple[ExpectedStack, ...]:
    """The stacks of the config, or the one that is named. Raises `InvalidArgument` for mistakes in it."""
    return tuple(_Expected(each).stack() for each in compile_config(config_file(config)).chosen(stack))


class _Expected:
    """One stack, in which references are replaced by the ids that they will have."""

    def __init__(self, compiled: CompiledStack) -> None:
        self._name = compiled.name
        self._settings = compiled.settings
        self._plan: Plan = compiled.plan
        self._resources = {resource.construct_id: resource for resource in compiled.plan.all}

    def stack(self) -> ExpectedStack:
        settings, plan = self._settings, self._plan
        groups = dict.fromkeys(self._id(group) for rule in plan.alert_rules for group in rule.action_groups)
        identities = dict.fromkeys(self._id(one) for rule in plan.alert_rules for one in rule.identity_ids)
        return ExpectedStack(
            name=self._name,
            subscription_id=settings.subscription_id,
            location=settings.location,
            resource_group=settings.resource_group.name,
            creates_resource_group=settings.resource_group.create,
            rules=tuple(map(self._rule, plan.alert_rules)),
            action_groups=self._existing(groups, PlannedGroup),
            identities=self._existing(identities, Identity),
            processing_rules=tuple(ExpectedResource(one.id) for one in plan.of(ProcessingRule)),
        )

    def _existing(
        self, identifiers: dict[str, None], kind: type[PlannedGroup | Identity]
    ) -> tuple[ExpectedResource, ...]:
        created = {one.id.lower() for one in self._plan.of(kind) if one.import_id is None}
        return tuple(ExpectedResource(one, created=one.lower() in created) for one in identifiers)

    def _rule(self, rule: PlannedRule) -> ExpectedRule:
        principals = self._plan.principals
        principal = principals.get("identity") if rule.identity_ids else principals.get(rule.construct_id)
        assignments = [one for one in self._plan.of(RoleAssignment) if one.principal == principal]
        return ExpectedRule(
            id=rule.id,
            notice=rule.notice.name,
            query=rule.query,
            severity=rule.severity,
            evaluation_frequency=rule.evaluation_frequency,
            scope=rule.scopes[0],
            watched=tuple(scope.arm for scope in rule.watched if scope.arm),
            action_group=self._id(rule.action_groups[0]),
            identity=self._id(rule.identity_ids[0]) if rule.identity_ids else None,
            readers=tuple(one.scope for one in assignments),
            description=rule.description,
            dimensions=tuple(one.name for one in rule.dimensions),
            stateful=rule.auto_mitigation_enabled,
            adopted=rule.import_id is not None,
        )

    def _id(self, value: Value) -> str:
        return self._resources[value.construct_id].id if isinstance(value, Reference) else value
