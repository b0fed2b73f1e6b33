"""The rows of windowed queries, each with the time in which it can be seen.

Most rules of an estate differ in one thing, the id that their rows begin with. To read, translate and bind a query takes far
longer than to run it, so such rules have their rows from one run: each record goes through their common query once.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aks_communication_manager.notices.record import Record
from aks_communication_manager.rehearse import matches
from aks_communication_manager.rehearse.alert_rules import AlertRule
from aks_communication_manager.rehearse.matches import Match
from aks_communication_manager.rehearse.moments import FOREVER, microseconds
from aks_communication_manager.rehearse.rule_query import CHOSEN, TRACED, CannotBeEvaluated, RuleQuery
from aks_communication_manager.rehearse.table import Table
from aks_communication_manager.rehearse.windows import EVENT, Windowed


@dataclass(frozen=True, slots=True)
class Row:
    """A row that the query returns while its record is visible and in the window."""

    match: Match
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Seen:
    event: int
    values: tuple[Any, ...]
    first: int
    last: int


class WindowedRows:
    """Loads the records, and runs the windowed query of each rule, or of many rules at once, when it is asked for."""

    def __init__(self, rules: Iterable[tuple[AlertRule, RuleQuery]], records: Sequence[Record], table: Table) -> None:
        self._records, self._table = records, table
        self._prefixes: dict[object, dict[str, None]] = defaultdict(dict)
        for rule, query in rules:
            self._prefixes[_alike(rule, query)][query.prefix] = None
        self._found: dict[object, Mapping[str, Sequence[_Seen]] | CannotBeEvaluated | None] = {}
        table.load_numbered((record.columns for record in records), TRACED, EVENT)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(records):
            for prefix in _prefixes(record.id.lower()):
                self._places[prefix].append(place)

    def of(self, rule: AlertRule, query: RuleQuery) -> list[Row] | None:
        """The rows for one rule; None where its query compares no datetime. Raises `CannotBeEvaluated`."""
        alike = _alike(rule, query)
        if alike not in self._found:
            self._found[alike] = self._run(rule, query, list(self._prefixes[alike]))
        found = self._found[alike]
        if isinstance(found, CannotBeEvaluated):
            raise found
        if found is None:
            return None
        if not query.windowed or not query.windowed.whole:
            return [Row(Match((row.event,), (), "", None), row.first, row.last) for row in found[query.prefix]]
        matched = matches.matcher(rule, {name: place for place, name in enumerate(matches.columns(rule))})
        return [Row(matched(row.values, (row.event,)), row.first, row.last) for row in found[query.prefix]]

    def _run(
        self, rule: AlertRule, query: RuleQuery, prefixes: Sequence[str]
    ) -> Mapping[str, Sequence[_Seen]] | CannotBeEvaluated | None:
        import duckdb

        windowed = query.windowed
        assert windowed is not None
        pairs: list[tuple[int, str]] = [(place, "") for place in range(len(self._records))]
        if query.prefix:
            pairs = [(place, prefix) for prefix in prefixes for place in self._places.get(prefix.lower(), ())]
            self._table.choose(TRACED, CHOSEN, EVENT, [place for place, _ in pairs])
        used = matches.columns(rule) if windowed.whole else ()
        # Not all columns: most of what a query returns is for people who follow the link in a notification.
        columns = [EVENT, *(bound.column for bound in windowed.bounds), *used]
        sql = f"SELECT {', '.join(map(_quoted, columns))} FROM ({windowed.sql})"
        try:
            types, rows = self._execute(sql, windowed)
        except duckdb.BinderException:
            try:
                with contextlib.suppress(duckdb.Error):
                    matches.check(used, self._table.connection.sql(windowed.sql).columns)
            except CannotBeEvaluated as error:
                return error
            return None
        except duckdb.Error:
            return None  # something fails on a row that the window would have kept away
        after = 1 + len(windowed.bounds)
        if any(kind != "TIMESTAMP" for kind in types[1:after]):
            return None
        found: dict[str, list[_Seen]] = {prefix: [] for prefix in prefixes}
        for row in rows:
            event, prefix = pairs[row[0]]
            if interval := _interval(self._records[event], windowed, row[1:after]):
                found[prefix].append(_Seen(event, row[after:], *interval))
        return found

    def _execute(self, sql: str, windowed: Windowed) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """The types of the columns, and the rows."""
        if windowed.selecting:
            # The first conditions are bound in a tenth of the time that the whole takes, and often leave nothing.
            selected = self._table.connection.execute(f"SELECT 1 FROM ({windowed.selecting}) LIMIT 1")
            if selected.fetchone() is None:
                return _types(sql), []
        cursor = self._table.connection.execute(sql)
        return _types_of(cursor), cursor.fetchall()


@lru_cache(maxsize=256)
def _types(sql: str) -> tuple[str, ...]:
    """The types of what a query returns, whatever the tables hold."""
    with Table() as table:
        table.load_numbered((), TRACED, EVENT)
        table.choose(TRACED, CHOSEN, EVENT, ())
        return _types_of(table.connection.execute(sql))


def _types_of(cursor: Any) -> tuple[str, ...]:
    return tuple(str(column[1]) for column in cursor.description)


def _alike(rule: AlertRule, query: RuleQuery) -> object:
    """The same for rules whose rows come from one run."""
    return query.pattern, matches.columns(rule)


def _prefixes(text: str) -> Iterator[str]:
    """Everything before a slash, and the slash."""
    for place, character in enumerate(text, 1):
        if character == "/":
            yield text[:place]


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
