"""What a rule's query returns at each of its evaluations.

Three ways, from fast to general, that give the same (tests/rehearse compares them): rows with windows, computed once;
the query over the rows whose windows are open, run again where that set changes; the query over all that is visible, run at
every evaluation.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from aks_communication_manager.rehearse.alert_rules import AlertRule
from aks_communication_manager.rehearse.events import Record
from aks_communication_manager.rehearse.rule_query import TRACED, CannotBeEvaluated, RuleQuery
from aks_communication_manager.rehearse.table import MOST_ROWS, Table
from aks_communication_manager.rehearse.windows import EVENT, Windowed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Match:
    """One row of a result."""

    events: tuple[int, ...]
    """The places of the records it stems from: one, unless the query counts rows together."""

    dimensions: tuple[str, ...]
    resource: str
    measure: float | None


class Results(Protocol):
    """The rows that a query returns at each evaluation."""

    def at(self, evaluation: int) -> Sequence[Match]:
        """Evaluations are asked for in order; some may be left out."""

    def next_after(self, evaluation: int) -> int | None:
        """The first evaluation from this one on that may have a row, where there was none just before."""


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def row_of(record: Record) -> Mapping[str, Any]:
    """The record with the columns that Resource Graph derives from its id."""
    parts = record.id.split("/")
    derived = {"subscriptionId": parts[2], "resourceGroup": parts[4].lower()} if len(parts) > 4 else {}
    return {**derived, **record.row}


def prepare(records: Sequence[Record], table: Table) -> None:
    """Load all records once for the rules of a rehearsal."""
    table.load_numbered((row_of(record) for record in records), TRACED, EVENT)


def of(
    rule: AlertRule,
    query: RuleQuery,
    records: Sequence[Record],
    moments: Sequence[int],
    table: Table,
    *,
    windowed: bool = True,
) -> Results:
    """The results of the rule's query at these moments, in the fastest way that is proven to be right for it.

    `prepare` has put the records into the table.
    """
    plain = _AtEveryEvaluation(rule, query, records, moments, table)
    if not windowed or query.windowed is None:
        return plain
    rows = _windowed_rows(rule, query.windowed, records, table)
    if rows is None:
        return plain
    return _WithWindows(query.windowed.whole, rows, moments, plain)


@dataclass(frozen=True, slots=True)
class _Row:
    match: Match
    first: int
    last: int


def _windowed_rows(rule: AlertRule, windowed: Windowed, records: Sequence[Record], table: Table) -> list[_Row] | None:
    """The rows of all records with the time in which each can be seen, or None where the query compares no datetime."""
    import duckdb
    from duckdb_kql.translate import to_sql

    sql = str(to_sql(windowed.query))
    used = _columns(rule) if windowed.whole else []
    columns = [EVENT, *(bound.column for bound in windowed.bounds), *used]
    try:
        # Not all columns: most of what a query returns is for people who follow the link in a notification.
        cursor = table.connection.execute(f"SELECT {', '.join(map(_quoted, columns))} FROM ({sql})")
        types = [str(column[1]) for column in cursor.description]
        values = cursor.fetchall()
    except duckdb.BinderException:
        with contextlib.suppress(duckdb.Error):
            _check(used, table.connection.sql(sql).columns)
        return None
    except duckdb.Error:
        return None  # something fails on a row that the window would have kept away
    if any(kind != "TIMESTAMP" for kind in types[1 : 1 + len(windowed.bounds)]):
        return None
    place = {name: index for index, name in enumerate(columns)}
    matched = _matcher(rule, place) if windowed.whole else lambda row, events: Match(events, (), "", None)
    rows = []
    after = 1 + len(windowed.bounds)
    for row in values:
        event = row[0]
        interval = _interval(records[event], windowed, row[1:after])
        if interval:
            rows.append(_Row(matched(row, (event,)), *interval))
    return rows


def _interval(record: Record, windowed: Windowed, times: Sequence[datetime | None]) -> tuple[int, int] | None:
    first = microseconds(record.visible_from)
    last = microseconds(record.visible_until) - 1 if record.visible_until else FOREVER
    for bound, time in zip(windowed.bounds, times, strict=True):
        if time is None:
            return None
        lower, upper = bound.interval(microseconds(time.replace(tzinfo=UTC)))
        first, last = max(first, lower if lower is not None else first), min(last, upper if upper is not None else last)
    return (first, last) if first <= last else None


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _columns(rule: AlertRule) -> list[str]:
    """The columns of its query that the rule reads."""
    special = (rule.resource_id_column, rule.metric_measure_column)
    columns = [*(dimension.name for dimension in rule.dimensions), *(column for column in special if column)]
    return list(dict.fromkeys(columns))


def _check(columns: Sequence[str], returned: Collection[str]) -> None:
    for column in columns:
        if column not in returned:
            raise CannotBeEvaluated(f"it reads the column {column}, which its query does not return")


def _matcher(rule: AlertRule, place: Mapping[str, int]) -> Callable[[Sequence[Any], tuple[int, ...]], Match]:
    """How a row becomes a `Match`."""
    _check(_columns(rule), place)
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
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


class _WithWindows:
    def __init__(self, whole: bool, rows: Sequence[_Row], moments: Sequence[int], plain: _AtEveryEvaluation) -> None:
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
        self.visible = [
            (microseconds(record.visible_from), microseconds(record.visible_until) if record.visible_until else FOREVER)
            for record in records
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
            self.table.load(row_of(self.records[event]) for event in events)
            rows = self.table.run(self.query.text, EPOCH + self.moments[evaluation] * MICROSECOND, MOST_ROWS)
        except duckdb.Error as error:
            raise CannotBeEvaluated(f"the KQL engine cannot run its query: {str(error).splitlines()[0]}") from None
        if not rows:
            return [], []
        matched = _matcher(self.rule, {name: index for index, name in enumerate(rows[0])})
        return rows, [matched(tuple(row.values()), ()) for row in rows]


def _group(match: Match) -> tuple[tuple[str, ...], str]:
    return match.dimensions, match.resource
