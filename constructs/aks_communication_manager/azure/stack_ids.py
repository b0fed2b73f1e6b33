"""ARM ids of a compiled stack's resources and of the resources they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.plan.resources import (
    ActionGroup,
    Identity,
    PlannedRule,
    Reference,
    RoleAssignment,
    Value,
)


@dataclass(frozen=True, slots=True)
class Referenced:
    """An action group or identity used by rules."""

    id: str
    created: bool
    """Whether the stack creates it; otherwise it must exist."""

    @property
    def name(self) -> str:
        return name_of(self.id)


class StackIds:
    """Ids of a stack's resources, with references resolved."""

    def __init__(self, stack: CompiledStack) -> None:
        self.plan, self.settings = stack.plan, stack.settings
        self.deploy = f"cdktf deploy {stack.name}"
        """The command that applies the stack."""
        self.subscription = f"/subscriptions/{self.settings.subscription_id}"
        self.resource_group = str(ArmId(self.settings.subscription_id, self.settings.resource_group.name))
        self._ids = {resource.construct_id: resource.id for resource in self.plan.all}

    def id_of(self, value: Value) -> str:
        """Resolve a reference to an id; other text is returned unchanged."""
        return self._ids[value.construct_id] if isinstance(value, Reference) else value

    @cached_property
    def action_groups(self) -> tuple[Referenced, ...]:
        """Action groups of all rules, without duplicates."""
        return self._referenced(ActionGroup, (group for rule in self.plan.alert_rules for group in rule.action_groups))

    @cached_property
    def identities(self) -> tuple[Referenced, ...]:
        """User-assigned identities of all rules, without duplicates."""
        return self._referenced(
            Identity, (identity for rule in self.plan.alert_rules for identity in rule.identity_ids)
        )

    def _referenced(self, kind: type[ActionGroup | Identity], values: Iterable[Value]) -> tuple[Referenced, ...]:
        created = {resource.id.lower() for resource in self.plan.of(kind) if resource.import_id is None}
        return tuple(Referenced(found, found.lower() in created) for found in dict.fromkeys(map(self.id_of, values)))

    @cached_property
    def watched(self) -> Mapping[ArmId, frozenset[str]]:
        """Notices by watched scope."""
        notices: dict[ArmId, frozenset[str]] = {}
        for rule in self.plan.alert_rules:
            for scope in watched_by(rule):
                notices[scope] = notices.get(scope, frozenset()) | {rule.notice.name}
        return notices

    def readers_of(self, rule: PlannedRule) -> tuple[str, ...]:
        """Scopes on which the stack makes the rule's identity Reader; empty if it has access already."""
        principal = self.plan.principals.get("identity" if rule.identity_ids else rule.construct_id)
        return self._readers.get(principal, ())

    @cached_property
    def _readers(self) -> Mapping[Value | None, tuple[str, ...]]:
        readers: dict[Value | None, tuple[str, ...]] = {}
        for assignment in self.plan.of(RoleAssignment):
            readers[assignment.principal] = (*readers.get(assignment.principal, ()), assignment.scope)
        return readers

    @cached_property
    def assignments(self) -> frozenset[tuple[str, str]]:
        """Reader assignments: the id of a rule or an identity, and a scope."""
        return frozenset(
            (self.id_of(rule.identity_ids[0]) if rule.identity_ids else rule.id, reader)
            for rule in self.plan.alert_rules
            for reader in self.readers_of(rule)
        )


def watched_by(rule: PlannedRule) -> tuple[ArmId, ...]:
    """Scopes of a rule, all of which are known in a config."""
    return tuple(scope.arm for scope in rule.watched if scope.arm)
