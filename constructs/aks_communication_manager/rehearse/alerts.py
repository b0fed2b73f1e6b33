"""When a rule fires and resolves, from what its query returns: Azure Monitor, "Create a log search alert rule" and "Types of alerts"."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from aks_communication_manager.arm.limits import ALERTS_STATELESS, ALERTS_WITH_STATE
from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse.matches import Match
from aks_communication_manager.rehearse.results import Results
from aks_communication_manager.rehearse.schedule import MICROSECOND

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "Equal": operator.eq,
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqual": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqual": operator.le,
}
_AGGREGATIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "Total": sum,
}

_MOST_PERIODS = 6
_FREQUENCIES = (timedelta(minutes=1), timedelta(days=1))
"""Limits of azurerm's `number_of_evaluation_periods` and `evaluation_frequency`."""

Combination = tuple[tuple[str, ...], str]
"""Dimension values, and the resource named by ``resource_id_column``."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that fired or resolved for one combination of dimension values."""

    evaluation: int
    condition: Literal["Fired", "Resolved"]
    combination: Combination
    events: tuple[int, ...]
    muted: bool = False
    """Whether ``mute_actions_after_alert_duration`` suppresses its notifications."""


@dataclass(frozen=True, slots=True)
class FailedEvaluation:
    """Evaluation that failed because it exceeded Azure's limit of alerts."""

    evaluation: int
    alerts: int


@dataclass(slots=True)
class _State:
    hits: list[int] = field(default_factory=list)
    """Recent evaluations that count towards the failing periods."""

    last_met: int = -1
    fired: tuple[int, ...] | None = None
    """Events of the open alert, or None."""


def most_alerts(rule: AlertRule) -> int:
    """Maximum number of alerts of one evaluation; above it, the evaluation fails."""
    return ALERTS_WITH_STATE if rule.auto_mitigation_enabled else ALERTS_STATELESS


def quiet_evaluations(rule: AlertRule) -> int:
    """The number of evaluations without a match that resolves a stateful alert (Azure Monitor, "Types of alerts")."""
    if rule.evaluation_frequency <= timedelta(minutes=15):
        return 3
    return 2 if rule.evaluation_frequency <= timedelta(hours=12) else 1


def unsupported_reason(rule: AlertRule) -> str:
    """Reason why Azure would refuse the rule, so that it is not evaluated; empty if there is none."""
    if rule.operator not in _OPERATORS:
        return f'its operator is "{rule.operator}"; one of {", ".join(_OPERATORS)}'
    if rule.time_aggregation_method not in ("Count", *_AGGREGATIONS):
        return f'its time_aggregation_method is "{rule.time_aggregation_method}"; one of {", ".join(["Count", *_AGGREGATIONS])}'
    if not 1 <= rule.minimum_failing_periods_to_trigger_alert <= rule.number_of_evaluation_periods <= _MOST_PERIODS:
        return (
            f"it asks for {rule.minimum_failing_periods_to_trigger_alert} of {rule.number_of_evaluation_periods} evaluation periods; "
            f"Azure takes 1 to {_MOST_PERIODS}"
        )
    if not _FREQUENCIES[0] <= rule.evaluation_frequency <= _FREQUENCIES[1]:
        return f"it is evaluated every {rule.evaluation_frequency.total_seconds():,.0f} seconds; Azure takes a minute to a day"
    return ""


def alerts_for(rule: AlertRule, results: Results, moments: Sequence[int]) -> Iterator[Alert | FailedEvaluation]:
    """Alerts of the rule, evaluated at these moments (in microseconds)."""
    states: dict[Combination, _State] = {}
    muted_until = 0
    without_rows = not rule.dimensions and not rule.resource_id_column and _compares(rule, [])
    evaluation = 0
    while evaluation < len(moments):
        if not states and not without_rows:
            start = results.next_after(evaluation)
            if start is None:
                return
            evaluation = start
        counted = _counted(rule, results.at(evaluation))
        met = _met(rule, states, counted, evaluation)
        if len(met) > most_alerts(rule):
            yield FailedEvaluation(evaluation, len(met))
        elif rule.auto_mitigation_enabled:
            yield from _stateful(rule, states, counted, met, evaluation)
        elif met:
            muted = moments[evaluation] < muted_until
            for combination in met:
                yield Alert(evaluation, "Fired", combination, _events(counted, combination), muted)
            if rule.mute_actions_after_alert_duration and not muted:
                muted_until = moments[evaluation] + rule.mute_actions_after_alert_duration // MICROSECOND
        for combination in [key for key, state in states.items() if not state.hits and state.fired is None]:
            del states[combination]
        evaluation += 1


def _counted(rule: AlertRule, matches: Sequence[Match]) -> Mapping[Combination, Sequence[Match]]:
    """Group rows by combination, without those that the dimensions exclude."""
    choosy = [
        (place, one) for place, one in enumerate(rule.dimensions) if one.operator != "Include" or "*" not in one.values
    ]
    groups: dict[Combination, list[Match]] = defaultdict(list)
    for match in matches:
        if not choosy or all(dimension.admits(match.dimensions[place]) for place, dimension in choosy):
            groups[match.dimensions, match.resource].append(match)
    if not rule.dimensions and not rule.resource_id_column and not groups:
        groups[(), ""] = []
    return groups


def _events(counted: Mapping[Combination, Sequence[Match]], combination: Combination) -> tuple[int, ...]:
    return tuple(sorted({event for match in counted.get(combination, ()) for event in match.events}))


def _compares(rule: AlertRule, matches: Sequence[Match]) -> bool:
    if rule.time_aggregation_method == "Count":
        return _OPERATORS[rule.operator](len(matches), rule.threshold)
    measures = [match.measure for match in matches if match.measure is not None]
    if not measures:
        return False
    return _OPERATORS[rule.operator](_AGGREGATIONS[rule.time_aggregation_method](measures), rule.threshold)


def _met(
    rule: AlertRule, states: dict[Combination, _State], counted: Mapping[Combination, Sequence[Match]], evaluation: int
) -> list[Combination]:
    """Combinations that have reached the minimum number of failing periods."""
    for combination, matches in counted.items():
        if _compares(rule, matches):
            state = states.get(combination)
            if state is None:
                state = states[combination] = _State()
            state.hits.append(evaluation)
    first = evaluation - rule.number_of_evaluation_periods
    met = []
    for combination, state in states.items():
        while state.hits and state.hits[0] <= first:
            del state.hits[0]
        if len(state.hits) >= rule.minimum_failing_periods_to_trigger_alert:
            state.last_met = evaluation
            met.append(combination)
    return met


def _stateful(
    rule: AlertRule,
    states: Mapping[Combination, _State],
    counted: Mapping[Combination, Sequence[Match]],
    met: Sequence[Combination],
    evaluation: int,
) -> Iterator[Alert]:
    for combination in met:
        if states[combination].fired is None:
            states[combination].fired = events = _events(counted, combination)
            yield Alert(evaluation, "Fired", combination, events)
    last_met = evaluation - quiet_evaluations(rule)
    for combination, state in states.items():
        if state.fired is not None and state.last_met <= last_met:
            yield Alert(evaluation, "Resolved", combination, state.fired)
            state.fired = None
