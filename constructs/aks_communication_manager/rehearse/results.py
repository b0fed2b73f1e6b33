"""Rows of a rule's query at each evaluation.

Two equivalent ways, compared by tests/rehearse: rows with windows, computed once; the query over all visible records, run at
every evaluation.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse import matches
from aks_communication_manager.rehearse.kql_engine.rows import WindowedRows, visible
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery
from aks_communication_manager.rehearse.kql_engine.table import MOST_ROWS, Table
from aks_communication_manager.rehearse.kql_engine.tables import NUMBER
from aks_communication_manager.rehearse.matches import Match
from aks_communication_manager.rehearse.schedule import EPOCH, MICROSECOND


class Results(Protocol):
    """Rows of a query at each evaluation."""

    def at(self, evaluation: int) -> Sequence[Match]:
        """Rows at an evaluation. Callers ask in ascending order and may skip evaluations."""

    def next_after(self, evaluation: int) -> int | None:
        """First evaluation from this one on that may have a row, given that no row is open."""


def of(
    rule: AlertRule,
    query: RuleQuery,
    records: Sequence[Record],
    moments: Sequence[int],
    table: Table,
    windowed: WindowedRows | None,
) -> Results:
    """Results of the rule's query at these moments, by the fastest way proven correct for it."""
    plain = _AtEveryEvaluation(rule, query, records, moments, table)
    rows = windowed.of(rule, query) if windowed else None
    return plain if rows is None else _WithWindows(rows, moments, plain)


class _WithWindows:
    def __init__(
        self, rows: Sequence[tuple[Match, int, int]], moments: Sequence[int], plain: _AtEveryEvaluation
    ) -> None:
        self.plain = plain
        seen = ((bisect_left(moments, first), bisect_right(moments, last) - 1, match) for match, first, last in rows)
        self.waiting = sorted(
            ((first, last, match) for first, last, match in seen if first <= last), key=lambda row: row[0]
        )
        self.starts = [first for first, _, _ in self.waiting]
        self.entered = 0
        self.open: list[tuple[int, int, Match]] = []

    def next_after(self, evaluation: int) -> int | None:
        place = bisect_left(self.starts, evaluation)
        return self.starts[place] if place < len(self.starts) else None

    def at(self, evaluation: int) -> Sequence[Match]:
        entered = bisect_right(self.starts, evaluation)
        self.open = [
            row for rows in (self.open, self.waiting[self.entered : entered]) for row in rows if row[1] >= evaluation
        ]
        self.entered = entered
        if len(self.open) > MOST_ROWS:  # which of them are the first depends on their order in the query's results
            return self.plain.at(evaluation)
        return [match for _, _, match in self.open]


class _AtEveryEvaluation:
    """Runs the unchanged query over the records visible at each evaluation."""

    def __init__(
        self, rule: AlertRule, query: RuleQuery, records: Sequence[Record], moments: Sequence[int], table: Table
    ) -> None:
        self.rule, self.query, self.records, self.moments, self.table = rule, query, records, moments, table

    @cached_property
    def visible(self) -> Sequence[tuple[int, int]]:
        """First and last moment of each record."""
        return [visible(record) for record in self.records]

    def next_after(self, evaluation: int) -> int | None:
        return evaluation

    def at(self, evaluation: int) -> Sequence[Match]:
        now = self.moments[evaluation]
        events = [index for index, (first, last) in enumerate(self.visible) if first <= now <= last]
        moment = EPOCH + now * MICROSECOND
        rows = self.table.run(self.query.traced or self.query.sql, events, moment)
        if not self.query.traced:
            return self._matches(rows, self._sources(rows, events, moment))
        return self._matches(rows, [tuple(sorted(set(_flat(row.pop(NUMBER))))) for row in rows])

    def _sources(
        self, rows: Sequence[Mapping[str, Any]], events: Sequence[int], moment: datetime
    ) -> Sequence[tuple[int, ...]]:
        """Find the source records of rows without record numbers."""
        named = {key: event for event in events for key in (self.records[event].name, self.records[event].id)}
        for column in ("id", "eventName", "name"):
            if all(row.get(column) in named for row in rows):
                return [(named[row[column]],) for row in rows]
        # Rows that are counted together name no record: a record belongs to those that it gives when it is alone.
        groups = [_group(match) for match in self._matches(rows, [()] * len(rows))]
        alone = [
            (event, {_group(match) for match in self._matches(found, [()] * len(found))})
            for event in events
            for found in [self.table.run(self.query.sql, [event], moment)]
        ]
        return [tuple(event for event, given in alone if group in given) for group in groups]

    def _matches(self, rows: Sequence[Mapping[str, Any]], sources: Sequence[tuple[int, ...]]) -> list[Match]:
        if not rows:
            return []
        matched = matches.matcher(self.rule, {name: index for index, name in enumerate(rows[0])})
        return [matched(tuple(row.values()), events) for row, events in zip(rows, sources, strict=True)]


def _flat(numbers: Any) -> Iterator[int]:
    """The numbers in a value of `NUMBER`, a list where rows were counted together, nested where twice."""
    if isinstance(numbers, int):
        yield numbers
    else:
        for part in json.loads(numbers) if isinstance(numbers, str) else numbers:
            yield from _flat(part)


def _group(match: Match) -> tuple[tuple[str, ...], str]:
    return match.dimensions, match.resource
