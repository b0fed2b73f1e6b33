"""Alert rules of Terraform documents, with parsed queries and resolved action groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aks_communication_manager.arm.id_parts import enclosing, name_of
from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.alert_matching import FIELDS, OPERATORS
from aks_communication_manager.plan.resources import ActionGroup, AlertRule, ProcessingRule, Reference, Value
from aks_communication_manager.rehearse import alerts
from aks_communication_manager.rehearse.deployment import Deployment, NotEvaluated
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery


@dataclass(frozen=True, slots=True)
class RuleInPlay:
    """An alert rule that can be evaluated."""

    stack: str
    rule: AlertRule
    query: RuleQuery
    action_groups: tuple[ActionGroup, ...]

    @property
    def silent(self) -> str:
        """Reason why the rule never notifies anybody; empty if it may."""
        if not self.rule.enabled:
            return "it is disabled, so it notifies nobody"
        if not self.rule.identity_type:
            return "it has no identity, so it cannot read Resource Graph and notifies nobody"
        if not self.action_groups:
            return "it has no action group, so it notifies nobody"
        if not any(map(may_notify, self.action_groups)):
            return f"{self.action_groups[0].name} is disabled or has no receiver, so it notifies nobody"
        return ""

    @property
    def watched(self) -> Sequence[str]:
        """Scopes named by the query's filters, or else the rule's own scope."""
        return self.query.scopes or [scope for scope in self.rule.scopes if scope.startswith("/subscriptions/")]


def may_notify(group: ActionGroup) -> bool:
    """Whether somebody is notified through the group, or may be, where its receivers are not known."""
    return group.enabled and group.receivers != ()


@dataclass(frozen=True)
class RuleSet:
    """Rules that can be evaluated, and the reasons for leaving out the others."""

    rules: tuple[RuleInPlay, ...]
    silent: tuple[RuleInPlay, ...]
    """Rules that watch something and notify nobody, such as disabled ones."""

    processing_rules: tuple[ProcessingRule, ...]
    not_evaluated: tuple[NotEvaluated, ...]

    @classmethod
    def from_deployments(cls, deployments: Sequence[Deployment]) -> RuleSet:
        rules: list[RuleInPlay] = []
        silent: list[RuleInPlay] = []
        suppressing: list[ProcessingRule] = []
        left_out = [one for deployment in deployments for one in deployment.not_evaluated]
        by_id = {group.id.lower(): group for deployment in deployments for group in deployment.action_groups}
        for deployment in deployments:
            own = {group.construct_id: group for group in deployment.action_groups}
            for rule in deployment.alert_rules:
                try:
                    if reason := alerts.unsupported_reason(rule):
                        raise CannotBeEvaluated(reason)
                    groups = tuple(_find_group(value, own, by_id) for value in rule.action_groups)
                    played = RuleInPlay(deployment.stack, rule, RuleQuery.parse(rule.query), groups)
                    (silent if played.silent else rules).append(played)
                    if played.silent:
                        raise CannotBeEvaluated(played.silent)
                except CannotBeEvaluated as error:
                    left_out.append(NotEvaluated(rule.name, deployment.stack, str(error)))
            for processing in deployment.processing_rules:
                if reason := _unsupported_reason(processing):
                    left_out.append(NotEvaluated(processing.name, deployment.stack, reason))
                else:
                    suppressing.append(processing)
        return cls(tuple(rules), tuple(silent), tuple(suppressing), tuple(left_out))

    @property
    def scopes(self) -> tuple[str, ...]:
        """Watched scopes, without duplicates."""
        found = (scope for rule in (*self.rules, *self.silent) for scope in rule.watched)
        return tuple({scope.lower(): scope for scope in found}.values())

    @property
    def families(self) -> frozenset[str]:
        """Event families that at least one rule selects."""
        return frozenset().union(*self._families.values())

    @property
    def notices(self) -> frozenset[str]:
        """Notices named in the custom properties of this package's rules."""
        return frozenset(one.rule.custom_properties.get("notice", "") for one in (*self.rules, *self.silent)) - {""}

    @cached_property
    def _families(self) -> Mapping[str, frozenset[str]]:
        """Selected event families by scope in lower case."""
        families: dict[str, frozenset[str]] = {}
        for rule in (*self.rules, *self.silent):
            for scope in rule.watched:
                families[scope.lower()] = families.get(scope.lower(), frozenset()) | rule.query.families
        return families

    def wants(self, record: Record) -> bool:
        """Whether a rule watches the record's cluster and selects its family."""
        for scope in enclosing(record.id) & self._families.keys():
            families = self._families[scope]
            if not families.isdisjoint(record.families) or (families and not record.families):
                return True
        return False


def _unsupported_reason(processing: ProcessingRule) -> str:
    """Reason why the processing rule cannot be evaluated; empty if it can."""
    for condition in processing.conditions:
        if condition.operator not in OPERATORS:
            return f'its operator is "{condition.operator}"; one of {", ".join(OPERATORS)}'
        if condition.field not in FIELDS:
            return f"it filters by {condition.field}, which is not rehearsed: its suppression is left out"
    return ""


def _find_group(value: Value, own: Mapping[str, ActionGroup], by_id: Mapping[str, ActionGroup]) -> ActionGroup:
    """Resolve a rule's action group; its receivers are unknown if no document defines it."""
    found = own.get(value.construct_id) if isinstance(value, Reference) else by_id.get(value.lower())
    if found:
        return found
    text = f"${{{value.construct_id}.{value.attribute}}}" if isinstance(value, Reference) else value
    name = text if "${" in text else name_of(text)
    return ActionGroup(construct_id="", key=(), name=name, resource_group="", receivers=None)
