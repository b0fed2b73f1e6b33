"""Contents of a synthesized stack, for assertions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.resource_types import ALERT_RULE, PROCESSING_RULE
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.deployment import Deployment, NotEvaluated
from aks_communication_manager.rehearse.event_records import states
from aks_communication_manager.testing.snapshot import stable
from aks_communication_manager.text import did_you_mean, quoted

if TYPE_CHECKING:
    from aks_communication_manager.rehearse.rehearsal import Notification
    from aks_communication_manager.rehearse.rule_set import RuleSet


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack, read from the Terraform JSON that will be applied."""

    name: str

    document: Mapping[str, Any] = field(repr=False)
    """The Terraform JSON, with the values that `resolve` gives. Literal secrets of receivers are in it."""

    def resources(self, type_: str) -> dict[str, Mapping[str, Any]]:
        """All resources of a type, such as ``azurerm_monitor_action_group``, by logical id."""
        return dict(self.document.get("resource", {}).get(type_, {}))

    @property
    def alert_rules(self) -> tuple[AlertRule, ...]:
        """Every alert rule whose values are known before Terraform runs."""
        return self._deployment.alert_rules

    def alert_rule(self, *, scope: str, notice: str, name: str | None = None) -> AlertRule:
        """Find the alert rule of a scope and a notice, and by `name` where routes make several.

        `scope`: an ARM id, as in `scopes`. Raises `InvalidArgument`, listing the candidates.
        """
        found = [rule for rule in self._watching(scope, notice) if name in (None, rule.name)]
        if len(found) == 1:
            return found[0]
        asked = f"scope={quoted(scope)}, notice={notice}" + ("" if name is None else f", name={quoted(name)}")
        problem = f"{len(found)} alert rules match {asked}" if found else f"there is no alert rule for {asked}"
        names = "\n".join(f"  {rule.name}" for rule in found or self.alert_rules)
        raise invalid("ACM054", problem, f"{'Add the name of one of them' if found else 'There are'}\n{names}")

    def notifications(self, *events: Record, until: datetime | None = None) -> tuple[Notification, ...]:
        """Notifications that are sent when these events happen: each rule's own query runs at each of its evaluations.

        `until`: rules are evaluated at least until then, by default until eight hours after the last event, when digests of
        its hour have been sent. Raises `InvalidArgument` where a rule that may report the events cannot be evaluated.
        """
        sent, unknown = self._play(events, until)
        if unknown:
            problem = f"it is not known what is sent: {_listed([one.rule for one in unknown])} not evaluated"
            raise invalid("ACM165", problem, "\n".join([*map(_why, unknown), _RESOLVE]))
        return sent

    def assert_notifies(self, event: Record, *names: str) -> None:
        """Exactly these receivers (or, of an action group that exists already, the group) are notified of an event, each once.

        A digest that covers the event notifies of it. No names: nobody is notified. Fails where a rule that may report the
        event cannot be evaluated. The message of the `AssertionError` says who is notified by which rule.
        """
        played, unknown = self._play((event,))
        sent = [one for one in played if one.condition == "Fired"]
        reached = Counter(name for one in sent for name in _names(one))
        if reached != Counter(names) or unknown:
            raise AssertionError(self._difference(event, sent, unknown, names))

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
        from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated
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

    def _play(
        self, events: tuple[Record, ...], until: datetime | None = None
    ) -> tuple[tuple[Notification, ...], list[NotEvaluated]]:
        """Notifications, and the rules that may report the events and cannot be evaluated."""
        from aks_communication_manager.rehearse.rehearsal import rehearse

        begin = _begin(events) if events else None
        until = until or max((event.visible_from for event in events), default=None)
        result = rehearse(self._rule_set, states(events), start=begin, until=until and until + _DIGESTS_HELD)
        silent = {one.rule.name for one in self._rule_set.silent}
        unknown = [one for one in result.not_evaluated if one.rule not in silent and self._may_matter(one.rule)]
        return tuple(one for one in result.notifications if not one.suppressed_by), unknown

    def _may_matter(self, name: str) -> bool:
        """Whether the resource with this name or address may send or suppress notifications of AKS events."""
        types = [
            (type_, f"{type_}.{key}", resource)
            for type_, resources in self.document.get("resource", {}).items()
            for key, resource in resources.items()
        ]
        for type_, address, resource in types:
            if name not in (address, resource.get("name")):
                continue
            if type_ == ALERT_RULE.azurerm:
                query = json.dumps(resource.get("criteria", "${")).lower()
                return "containerserviceeventresources" in query or "${" in query
            if type_ == PROCESSING_RULE.azurerm:
                return '"monitor_condition": {"operator": "Equals", "values": ["Resolved"]}' not in json.dumps(resource)
        return True

    def _difference(
        self, event: Record, sent: list[Notification], unknown: list[NotEvaluated], names: tuple[str, ...]
    ) -> str:
        left_out = [one for one in self._rule_set.not_evaluated if one not in unknown]
        lines = [
            f"{event.stage_or_status} of {name_of(event.cluster)}: {_listed(names)} should be notified once",
            *(f"  {one.rule} (severity {one.severity}) notifies {_listed(_names(one))}" for one in sent),
            *([] if sent else [f"  no alert rule{' that was evaluated' if unknown else ''} notifies anybody"]),
            *(f"  {_why(one)}" for one in [*unknown, *left_out]),
            *([f"  {_RESOLVE}"] if unknown else []),
        ]
        return "\n".join(lines)


_DIGESTS_HELD = timedelta(hours=8)
"""After an event: its hour, 15 minutes, and one evaluation of the slowest rule with digests."""

_RESOLVE = 'Give tokens and variables their values: synthesize_stack(stack, resolve={cluster.id: "/subscriptions/…"}).'


def _why(one: NotEvaluated) -> str:
    return f"{one.rule} was not evaluated: {one.reason}"


def _begin(events: tuple[Record, ...]) -> datetime:
    """Midnight of the first day: evaluations are then at the same moments for all events of a day."""
    first = min(event.visible_from for event in events) - timedelta(hours=1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _names(notification: Notification) -> list[str]:
    if notification.receivers is None:
        return [notification.action_group]
    return [receiver.name for receiver in notification.receivers]


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
