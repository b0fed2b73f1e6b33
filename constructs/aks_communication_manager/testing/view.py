"""What a stack makes, as values that a test can ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.events import states
from aks_communication_manager.testing.snapshot import stable
from aks_communication_manager.text import did_you_mean, quoted

if TYPE_CHECKING:
    from aks_communication_manager.rehearse.rehearsal import Notification
    from aks_communication_manager.rehearse.rule_set import RuleSet


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack, by its Terraform JSON: what holds of it holds of what Terraform will make."""

    name: str

    document: Mapping[str, Any] = field(repr=False)
    """The Terraform JSON. Literal secrets of receivers are in it."""

    def resources(self, type_: str) -> dict[str, Mapping[str, Any]]:
        """All resources of a type, such as ``azurerm_monitor_action_group``, by logical id."""
        return dict(self.document.get("resource", {}).get(type_, {}))

    @property
    def alert_rules(self) -> tuple[AlertRule, ...]:
        """Every alert rule whose values are known before Terraform runs."""
        return self._deployment.alert_rules

    def alert_rule(self, *, scope: str, notice: str, name: str | None = None) -> AlertRule:
        """The alert rule that watches a scope for a notice; its `name` where routes make several.

        `scope`: an ARM id, as in `scopes`. Raises `InvalidArgument`, with the rules that there are.
        """
        found = [rule for rule in self._watching(scope, notice) if name in (None, rule.name)]
        if len(found) == 1:
            return found[0]
        asked = f"scope={quoted(scope)}, notice={notice}" + ("" if name is None else f", name={quoted(name)}")
        problem = f"{len(found)} alert rules match {asked}" if found else f"there is no alert rule for {asked}"
        names = "\n".join(f"  {rule.name}" for rule in found or self.alert_rules)
        raise invalid("ACM054", problem, f"{'Add the name of one of them' if found else 'There are'}\n{names}")

    def notifications(self, *events: Record) -> tuple[Notification, ...]:
        """What is sent when these events happen: each rule's own query runs at each of its evaluations."""
        from aks_communication_manager.rehearse.rehearsal import rehearse

        result = rehearse(self._rule_set, states(events), start=_begin(events) if events else None)
        return tuple(one for one in result.notifications if not one.suppressed_by)

    def assert_notifies(self, event: Record, *names: str) -> None:
        """Exactly these receivers (or, of an action group that exists already, the group) are notified of an event, each once.

        No names: nobody is. The message of the `AssertionError` says who is notified by which rule.
        """
        sent = [one for one in self.notifications(event) if one.condition == "Fired"]
        reached = Counter(name for one in sent for name in _names(one))
        if reached != Counter(names):
            raise AssertionError(self._difference(event, sent, names))

    def stable(self) -> dict[str, Any]:
        """The Terraform JSON for a snapshot (see `stable`)."""
        return stable(self.document)

    @cached_property
    def _deployment(self) -> Deployment:
        return terraform_json.parse(self.document, self.name)

    @cached_property
    def _rule_set(self) -> RuleSet:
        from aks_communication_manager.rehearse.rule_set import RuleSet

        return RuleSet.from_deployments([self._deployment])

    def _watching(self, scope: str, notice: str) -> Iterator[AlertRule]:
        from aks_communication_manager.rehearse.kql_engine.limits import CannotBeEvaluated
        from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery

        if notice not in NOTICES:
            raise invalid("ACM025", f"notice: {quoted(notice)} is not a notice", did_you_mean(notice, NOTICES))
        for rule in self.alert_rules:
            try:
                query = RuleQuery.parse(rule.query)
            except CannotBeEvaluated:
                continue
            if scope.lower() in map(str.lower, query.scopes) and NOTICES[notice].family in query.families:
                yield rule

    def _difference(self, event: Record, sent: list[Notification], names: tuple[str, ...]) -> str:
        lines = [
            f"{event.stage_or_status} of {event.cluster.rpartition('/')[2]}: {_listed(names)} should be notified once",
            *(f"  {one.rule} (severity {one.severity}) notifies {_listed(_names(one))}" for one in sent),
            *([] if sent else ["  no alert rule notifies anybody"]),
            *(f"  {one.rule} was not evaluated: {one.reason}" for one in self._rule_set.not_evaluated),
        ]
        return "\n".join(lines)


def _begin(events: tuple[Record, ...]) -> Any:
    """Midnight of the first day: evaluations are then at the same moments for all events of a day."""
    first = min(event.visible_from for event in events) - timedelta(hours=1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _names(notification: Notification) -> list[str]:
    if notification.receivers is None:
        return [notification.action_group]
    return [receiver.name for receiver in notification.receivers]


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
