"""Replay events through the rules of Terraform documents and record who is notified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aks_communication_manager.arm.id_parts import subscription_of
from aks_communication_manager.arm.limits import MAX_LOOK_BACK
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.alert_matching import facts, matches
from aks_communication_manager.plan.resources import AlertRule, Receiver
from aks_communication_manager.rehearse import alerts, results
from aks_communication_manager.rehearse.deployment import NotEvaluated
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated
from aks_communication_manager.rehearse.kql_engine.rows import WindowedRows
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery
from aks_communication_manager.rehearse.kql_engine.table import Table
from aks_communication_manager.rehearse.rate_limits import RateLimiter
from aks_communication_manager.rehearse.rule_set import RuleInPlay, RuleSet, may_notify
from aks_communication_manager.rehearse.schedule import EPOCH, MICROSECOND, Schedule

_LONGEST = timedelta(days=3660)

_ANNOUNCED = timedelta(days=30)
"""AKS announces a maintenance a week ahead; a planned start further ahead than this is not waited for."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One alert for one action group, sent or suppressed."""

    time: datetime
    rule: str
    stack: str
    events: tuple[str, ...]
    """Names of the reported records."""

    dimensions: Mapping[str, str]
    severity: int
    condition: str
    """Fired or Resolved."""

    action_group: str
    receivers: tuple[Receiver, ...] | None
    """None where the action group is known by its id alone."""

    suppressed_by: str = ""
    """Processing rule, or the rule's own mute, that suppressed it."""

    limited: tuple[Receiver, ...] = ()
    """Receivers left out because of Azure's rate limits."""

    @property
    def reaches_somebody(self) -> bool:
        """Whether at least one receiver gets it; assumed if the receivers are unknown."""
        return not self.suppressed_by and (self.receivers is None or len(self.limited) < len(self.receivers))


@dataclass(frozen=True, slots=True)
class Event:
    """Outcome of one record in one state."""

    name: str
    cluster: str
    """The id of the cluster."""

    family: str
    status: str
    happened: datetime | None
    """Time given in the record, or None."""

    visible_at: datetime
    planned: datetime | None
    notified: int
    """Number of fired alerts about the event that reached a receiver."""

    wanted: bool
    """Whether a rule watches the cluster and the family."""

    limited: int = 0
    """Number of fired alerts about the event that reached nobody because of Azure's rate limits."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Result of a rehearsal."""

    notifications: tuple[Notification, ...]
    events: tuple[Event, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    invented: frozenset[str] = frozenset()
    """Ids of clusters invented for wide scopes."""

    @property
    def unheard(self) -> tuple[Event, ...]:
        """Watched events that notified nobody; all events if no notification was sent at all."""
        silence = not any(event.notified for event in self.events)
        return tuple(event for event in self.events if not event.notified and (event.wanted or silence))


@dataclass(frozen=True, slots=True)
class _Sent:
    """Notification before rate limits, with its origin."""

    notification: Notification
    subscription: str
    """The action group's."""
    alert: tuple[int, int]
    """Indexes of the rule and of its alert: an alert with several action groups notifies of an event once."""
    events: tuple[int, ...]
    """Indexes of the records."""


def rehearse(
    rule_set: RuleSet,
    records: Sequence[Record],
    schedule: Schedule | None = None,
    start: datetime | None = None,
    *,
    windowed: bool = True,
    until: datetime | None = None,
) -> Rehearsal:
    """Play the records through the rules, from `start` on (by default the moment before the first shows up).

    `until`: evaluations continue at least until then, and always until nothing more can happen. `windowed` allows the fast
    way of `results`; without it, every evaluation runs the rule's query. Raises `InvalidArgument` where the records span
    more than ten years.
    """
    sent: list[_Sent] = []
    not_evaluated = list(rule_set.not_evaluated)
    schedule = schedule or Schedule()
    if records:
        begin = start or min(record.visible_from for record in records)
        last = max(time for record in records for time in (record.visible_from, record.time, until) if time)
        if last - begin > _LONGEST:
            raise invalid(
                "ACM163",
                f"the records span {(last - begin).days:,} days, which are too many evaluations to rehearse",
                f"Play at most {_LONGEST.days:,} days at once, or correct the times.",
            )

        starts = (record.planned for record in records if record.planned)
        # A rule about what did not begin fires after the planned start, when nothing has been recorded for days.
        last_start = max((planned for planned in starts if planned - last <= _ANNOUNCED), default=last)

        def moments_of(rule: AlertRule, query: RuleQuery) -> Sequence[int]:
            end = max(last, last_start) if query.pattern.judges_groups else last
            return schedule.moments(rule.name, rule.evaluation_frequency, begin, end + _after(rule, query))

        with Table() as table:
            table.load(record.columns for record in records)
            pairs = [(played.rule, played.query) for played in rule_set.rules]
            rows = WindowedRows(pairs, records, table, moments_of) if windowed else None
            for number, played in enumerate(rule_set.rules):
                rule = played.rule
                table.start_rule()
                moments = moments_of(rule, played.query)
                try:
                    found = results.of(rule, played.query, records, moments, table, rows)
                    happened = list(alerts.alerts_for(rule, found, moments))
                except CannotBeEvaluated as error:
                    not_evaluated.append(NotEvaluated(rule.name, played.stack, str(error)))
                    continue
                if failed := [outcome for outcome in happened if isinstance(outcome, alerts.FailedEvaluation)]:
                    not_evaluated.append(NotEvaluated(rule.name, played.stack, _failure(rule, moments, failed)))
                for place, outcome in enumerate(happened):
                    if isinstance(outcome, alerts.Alert):
                        sent += _sent(rule_set, played, records, moments, outcome, (number, place))
    sent = list(_limited(sent))
    alerts_of: Counter[int] = Counter()
    limited: Counter[int] = Counter()
    reached = {one.alert for one in sent if one.notification.reaches_somebody}
    for alert, events in {
        one.alert: one.events for one in sent if one.alert in reached or one.notification.limited
    }.items():
        (alerts_of if alert in reached else limited).update(events)
    return Rehearsal(
        tuple(one.notification for one in sent),
        tuple(
            Event(
                name=record.name,
                cluster=record.cluster,
                family=", ".join(record.families),
                status=record.stage_or_status,
                happened=record.time,
                visible_at=record.visible_from,
                planned=record.planned,
                notified=alerts_of[place],
                wanted=rule_set.wants(record),
                limited=limited[place],
            )
            for place, record in enumerate(records)
        ),
        tuple(not_evaluated),
    )


def _limited(sent: list[_Sent]) -> Iterator[_Sent]:
    """Sort notifications by time and apply Azure's rate limits."""
    limiter = RateLimiter()

    def order(one: _Sent) -> tuple[datetime, str, str, tuple[str, ...], str]:
        notification = one.notification
        return (
            notification.time,
            notification.rule,
            notification.condition,
            notification.events,
            notification.action_group,
        )

    for one in sorted(sent, key=order):
        notification = one.notification
        if notification.receivers and not notification.suppressed_by:
            limited = tuple(
                receiver
                for receiver in notification.receivers
                if not limiter.sends(receiver, one.subscription, notification.time)
            )
            one = replace(one, notification=replace(notification, limited=limited)) if limited else one
        yield one


def _after(rule: AlertRule, query: RuleQuery) -> timedelta:
    """Time until nothing can happen any more: the last record has left the window, and every alert is resolved."""
    reach = min(query.pattern.reach * MICROSECOND, MAX_LOOK_BACK) or rule.evaluation_frequency
    quiet = alerts.quiet_evaluations(rule) + rule.number_of_evaluation_periods + 1
    return reach + quiet * rule.evaluation_frequency


def _failure(rule: AlertRule, moments: Sequence[int], failed: Sequence[alerts.FailedEvaluation]) -> str:
    kind = "stateful" if rule.auto_mitigation_enabled else "stateless"
    first = EPOCH + moments[failed[0].evaluation] * MICROSECOND
    return (
        f"{len(failed)} evaluation{'s' if len(failed) > 1 else ''} failed and notified nobody, "
        f"the first at {first:%Y-%m-%dT%H:%M:%SZ} with {failed[0].alerts} alerts: "
        f"Azure allows a {kind} rule {alerts.most_alerts(rule)} an evaluation"
    )


def _sent(
    rule_set: RuleSet,
    played: RuleInPlay,
    records: Sequence[Record],
    moments: Sequence[int],
    alert: alerts.Alert,
    place: tuple[int, int],
) -> Iterator[_Sent]:
    """The notifications of one alert, one for each action group."""
    rule = played.rule
    values, named_resource = alert.combination
    resource = named_resource or (rule.scopes[0] if rule.scopes else "")
    known = facts(rule, alert.condition, resource)
    suppressing = (["mute_actions_after_alert_duration"] if alert.muted else []) + [
        processing.name
        for processing in rule_set.processing_rules
        if matches(processing.scopes, processing.conditions, known, (resource,)) == "yes"
    ]
    for group in played.action_groups:
        notification = Notification(
            time=EPOCH + moments[alert.evaluation] * MICROSECOND,
            rule=rule.name,
            stack=played.stack,
            events=tuple(dict.fromkeys(records[event].name for event in alert.events)),
            dimensions={dimension.name: value for dimension, value in zip(rule.dimensions, values, strict=True)},
            severity=rule.severity,
            condition=alert.condition,
            action_group=group.name,
            receivers=group.receivers if may_notify(group) else (),
            suppressed_by=suppressing[0] if suppressing else "",
        )
        events = alert.events if alert.condition == "Fired" else ()
        yield _Sent(notification, subscription_of(group.id), place, events)
