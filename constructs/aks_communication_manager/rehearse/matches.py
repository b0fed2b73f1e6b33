"""Values that a rule reads from the rows of its query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated


@dataclass(frozen=True, slots=True)
class Match:
    """One row of a result."""

    events: tuple[int, ...]
    """Indexes of its source records: one, unless the query aggregates rows."""

    dimensions: tuple[str, ...]
    resource: str
    measure: float | None


def columns(rule: AlertRule) -> tuple[str, ...]:
    """Columns that the rule reads from its query."""
    special = (rule.resource_id_column, rule.metric_measure_column)
    used = [*(dimension.name for dimension in rule.dimensions), *(column for column in special if column)]
    return tuple(dict.fromkeys(used))


def check(used: Sequence[str], returned: Collection[str]) -> None:
    """Raise `CannotBeEvaluated` if the query lacks a column that the rule reads."""
    for column in used:
        if column not in returned:
            raise CannotBeEvaluated(f"it reads the column {column}, which its query does not return")


def matcher(rule: AlertRule, place: Mapping[str, int]) -> Callable[[Sequence[Any], tuple[int, ...]], Match]:
    """Build the function that converts a row to a `Match`."""
    check(columns(rule), place)
    places = [place[dimension.name] for dimension in rule.dimensions]
    resource, measure = place.get(rule.resource_id_column), place.get(rule.metric_measure_column)

    def matched(row: Sequence[Any], events: tuple[int, ...]) -> Match:
        return Match(
            events,
            tuple(_text(row[index]) for index in places),
            _text(row[resource]) if resource is not None else "",
            _number(row[measure]) if measure is not None else None,
        )

    return matched


def _text(value: Any) -> str:
    """A value as KQL's ``tostring`` writes it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    return str(value)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
