"""What a rule's query returns at each of its evaluations.

Three ways, from fast to general, that give the same (tests/rehearse compares them): rows with windows, computed once;
the query over the rows whose windows are open, run again where that set changes; the query over all that is visible, run at
every evaluation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

from aks_communication_manager.notices.record import Record
from aks_communication_manager.rehearse import matches
from aks_communication_manager.rehearse.alert_rules import AlertRule
from aks_communication_manager.rehearse.matches import Match
from aks_communication_manager.rehearse.moments import EPOCH, FOREVER, MICROSECOND, microseconds
from aks_communication_manager.rehearse.rule_query import CannotBeEvaluated, RuleQuery
from aks_communication_manager.rehearse.table import MOST_ROWS, Table
from aks_communication_manager.rehearse.windowed_rows import Row, WindowedRows


class Results(Protocol):
    """The rows that a query returns at each evaluation."""

    def at(self, evaluation: int) -> Sequence[Match]:
        """Evaluations are asked for in order; some may be left out."""

    def next_after(self, evaluation: int) -> int | None:
        """The first evaluation from this one on that may have a row, where there was none just before."""


def of(
    rule: AlertRule,
    query: RuleQuery,
    records: Sequence[Record],
    moments: Sequence[int],
    table: Table,
    windowed: WindowedRows | None,
) -> Results:
    """The results of the rule's query at these moments, in the fastest way that is proven to be right for it."""
    plain = _AtEveryEvaluation(rule, query, records, moments, table)
    if windowed is None or query.windowed is None:
        return plain
    rows = windowed.of(rule, query)
    return plain if rows is None else _WithWindows(query.windowed.whole, rows, moments, plain)


class _WithWindows:
    def __init__(self, whole: bool, rows: Sequence[Row], moments: Sequence[int], plain: _AtEveryEvaluation) -> None:
        self.whole, self.plain = whole, plain
        seen = ((bisect_left(moments, row.first), bisect_right(moments, row.last) - 1, row.match) for row in rows)
        self.waiting = sorted(
            ((first, last, match) for first, last, match in seen if first <= last), key=lambda row: row[0]
        )
        self.starts = [first for first, _, _ in self.waiting]
        self.entered = 0
        self.open: list[tuple[int, int, Match]] = []
        self.counted: tuple[frozenset[int], Sequence[Match]] = (frozenset(), ())
        self.of_nothing = () if whole or not moments else plain.over((), 0)

    def next_after(self, evaluation: int) -> int | None:
        if self.of_nothing:
            return evaluation
        place = bisect_left(self.starts, evaluation)
        return self.starts[place] if place < len(self.starts) else None

    def at(self, evaluation: int) -> Sequence[Match]:
        entered = bisect_right(self.starts, evaluation)
        self.open = [
            row for rows in (self.open, self.waiting[self.entered : entered]) for row in rows if row[1] >= evaluation
        ]
        self.entered = entered
        if self.whole and len(self.open) <= MOST_ROWS:
            return [match for _, _, match in self.open]
        # Which rows are the first depends on their order: the query runs again, over those that it can return now.
        events = frozenset(event for _, _, match in self.open for event in match.events)
        if not events:
            return self.of_nothing
        if self.counted[0] != events:
            self.counted = (events, self.plain.over(sorted(events), evaluation))
        return self.counted[1]


class _AtEveryEvaluation:
    """Runs the query as it is, over what Resource Graph shows at the moment."""

    def __init__(
        self, rule: AlertRule, query: RuleQuery, records: Sequence[Record], moments: Sequence[int], table: Table
    ) -> None:
        self.rule, self.query, self.records, self.moments, self.table = rule, query, records, moments, table

    @cached_property
    def visible(self) -> Sequence[tuple[int, int]]:
        """From when to when each record is there."""
        return [
            (microseconds(record.visible_from), microseconds(record.visible_until) if record.visible_until else FOREVER)
            for record in self.records
        ]

    def next_after(self, evaluation: int) -> int | None:
        return evaluation

    def at(self, evaluation: int) -> Sequence[Match]:
        now = self.moments[evaluation]
        return self.over([index for index, (start, end) in enumerate(self.visible) if start <= now < end], evaluation)

    def over(self, events: Sequence[int], evaluation: int) -> Sequence[Match]:
        """The matches among some records."""
        rows, matches = self._run(events, evaluation)
        named = {key: event for event in events for key in (self.records[event].name, self.records[event].id)}
        for column in ("id", "eventName", "name"):
            if rows and all(row.get(column) in named for row in rows):
                return [replace(match, events=(named[row[column]],)) for row, match in zip(rows, matches, strict=True)]
        if not rows or not events:
            return matches
        # Rows that are counted together name no record: a record belongs to those that it gives when it is alone.
        alone = [(event, {_group(match) for match in self._run([event], evaluation)[1]}) for event in events]
        return [
            replace(match, events=tuple(event for event, groups in alone if _group(match) in groups))
            for match in matches
        ]

    def _run(self, events: Sequence[int], evaluation: int) -> tuple[list[dict[str, Any]], list[Match]]:
        import duckdb

        try:
            self.table.load(self.records[event].columns for event in events)
            rows = self.table.run(self.query.text, EPOCH + self.moments[evaluation] * MICROSECOND, MOST_ROWS)
        except duckdb.Error as error:
            raise CannotBeEvaluated(f"the KQL engine cannot run its query: {str(error).splitlines()[0]}") from None
        if not rows:
            return [], []
        matched = matches.matcher(self.rule, {name: index for index, name in enumerate(rows[0])})
        return rows, [matched(tuple(row.values()), ()) for row in rows]


def _group(match: Match) -> tuple[tuple[str, ...], str]:
    return match.dimensions, match.resource
