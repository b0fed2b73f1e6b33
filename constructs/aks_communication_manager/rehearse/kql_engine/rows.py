"""Rows of windowed queries, each with the time during which it is visible.

Most rules of an estate differ in one thing, the id that their rows begin with. To read, translate and bind a query takes far
longer than to run it, so such rules have their rows from one run: each record goes through their common query once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from itertools import pairwise
from typing import Any

from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.resources import AlertRule
from aks_communication_manager.rehearse import matches
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery
from aks_communication_manager.rehearse.kql_engine.table import Rejected, Result, Table
from aks_communication_manager.rehearse.kql_engine.tables import CHOSEN, GROUPED, NUMBER, RECORDS, ROW, ROWS
from aks_communication_manager.rehearse.kql_engine.windows import Stage
from aks_communication_manager.rehearse.matches import Match
from aks_communication_manager.rehearse.schedule import FOREVER, microseconds

_MOST_ROWS = 1_000_000
"""Maximum rows of one run; above it, the query runs at every evaluation."""

_KEY_TYPES = ("VARCHAR", "TIMESTAMP", "BIGINT", "BOOLEAN")
"""Types whose values Python and DuckDB group alike."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Unit numbered within a stage: a record, or rows aggregated while all of them are visible."""

    prefix: str
    events: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """Row of a stage during one interval of its visibility."""

    group: _Group
    row: int
    values: tuple[Any, ...]
    first: int
    last: int


class WindowedRows:
    """Runs windowed queries lazily, one run for all rules that share a pattern.

    `moments` returns the evaluations of a rule, in microseconds.
    """

    def __init__(
        self,
        rules: Iterable[tuple[AlertRule, RuleQuery]],
        records: Sequence[Record],
        table: Table,
        moments: Callable[[AlertRule, RuleQuery], Sequence[int]],
    ) -> None:
        self._records, self._table, self._moments = records, table, moments
        self._rules: dict[object, dict[str, list[tuple[AlertRule, RuleQuery]]]] = defaultdict(dict)
        for rule, query in rules:
            self._rules[_alike(rule, query)].setdefault(query.prefix, []).append((rule, query))
        self._found: dict[object, Mapping[str, Sequence[_Seen]] | CannotBeEvaluated | None] = {}
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(records):
            for prefix in _prefixes(record.id.lower()):
                self._places[prefix].append(place)

    def of(self, rule: AlertRule, query: RuleQuery) -> list[tuple[Match, int, int]] | None:
        """Rows for one rule, each with its first and last moment; None where its query has no windowed form. Raises `CannotBeEvaluated`."""
        alike = _alike(rule, query)
        if alike not in self._found:
            try:
                self._found[alike] = self._run(rule, query)
            except CannotBeEvaluated as error:
                self._found[alike] = error
        found = self._found[alike]
        if isinstance(found, CannotBeEvaluated):
            raise found
        if found is None:
            return None
        matched = matches.matcher(rule, {name: place for place, name in enumerate(matches.columns(rule))})
        return [(matched(seen.values, seen.group.events), seen.first, seen.last) for seen in found[query.prefix]]

    def _run(self, rule: AlertRule, query: RuleQuery) -> Mapping[str, Sequence[_Seen]] | None:
        if query.pattern.stages is None:
            return None
        *counted, last = query.pattern.stages
        groups = self._groups(rule, query)
        for stage in counted:
            rows = self._read(stage, groups, stage.keys, keep=True)
            if rows is None:
                return None
            groups, pairs = self._counted_together(rule, query, rows)
            if len(pairs) > _MOST_ROWS:
                return None
            self._table.choose(ROWS, ROW, GROUPED, pairs)
        rows = self._read(last, groups, matches.columns(rule), keep=False)
        if rows is None:
            return None
        found: dict[str, list[_Seen]] = {prefix: [] for prefix in self._rules[_alike(rule, query)]}
        for seen in rows:
            found[seen.group.prefix].append(seen)
        return found

    def _groups(self, rule: AlertRule, query: RuleQuery) -> list[_Group]:
        """The records that the query, and those like it, can return, as the first stage reads them."""
        pairs = [(place, "") for place in range(len(self._records))]
        if query.prefix:
            prefixes = self._rules[_alike(rule, query)]
            pairs = [(place, prefix) for prefix in prefixes for place in self._places.get(prefix.lower(), ())]
            chosen = [(place, number) for number, (place, _) in enumerate(pairs)]
            self._table.choose(RECORDS, NUMBER, CHOSEN, chosen)
        return [_Group(prefix, (place,), *visible(self._records[place])) for place, prefix in pairs]

    def _read(self, stage: Stage, groups: Sequence[_Group], used: Sequence[str], *, keep: bool) -> list[_Seen] | None:
        """The rows of a stage, with the columns in `used`; None where they cannot be windowed. `keep` leaves them in a table."""
        # Not all columns: most of what a query returns is for people who follow the link in a notification.
        times = [bound.column for bound in stage.bounds]
        columns = [NUMBER, *times, *stage.conditions, *used]
        try:
            if keep:
                self._table.execute(
                    f"CREATE OR REPLACE TABLE {ROWS} AS SELECT *, row_number() OVER () AS {ROW} FROM ({stage.sql})"
                )
                found = self._table.execute(f"SELECT {_listed(ROW, *columns)} FROM {ROWS}", most=_MOST_ROWS)
            else:
                found = self._select(stage, f"SELECT 0, {_listed(*columns)} FROM ({stage.sql})")
        except Rejected:
            if not keep:
                returned = self._table.execute(f"SELECT * FROM ({stage.sql}) LIMIT 0").types
                matches.check(used, returned)
            return None  # something fails on a row that the window would have kept away
        kinds = list(found.types.values())[2:]
        after = len(times) + len(stage.conditions)
        expected = ["TIMESTAMP"] * len(times) + ["BOOLEAN"] * len(stage.conditions)
        comparable = kinds[:after] == expected and (not keep or all(kind in _KEY_TYPES for kind in kinds[after:]))
        if not comparable or len(found.rows) >= _MOST_ROWS:
            return None
        rows: list[_Seen] = []
        for row, number, *values in found.rows:
            group = groups[number]
            moments = [
                None if time is None else microseconds(time.replace(tzinfo=UTC)) for time in values[: len(times)]
            ]
            there = stage.intervals(moments, values[len(times) : after], (group.first, group.last))
            rows += [_Seen(group, row, tuple(values[after:]), first, last) for first, last in there]
        return rows

    def _select(self, stage: Stage, sql: str) -> Result:
        if stage.selecting:
            # The first conditions are bound in a tenth of the time that the whole takes, and often leave nothing.
            selected = self._table.execute(f"SELECT 1 FROM ({stage.selecting}) LIMIT 1")
            if not selected.rows:
                return Result(_types(sql), ())
        return self._table.execute(sql, most=_MOST_ROWS)

    def _counted_together(
        self, rule: AlertRule, query: RuleQuery, rows: Sequence[_Seen]
    ) -> tuple[list[_Group], list[tuple[int, int]]]:
        """Group rows of one key that evaluations find together, and pair each row with the numbers of its groups."""
        by_key: dict[object, list[_Seen]] = defaultdict(list)
        for seen in rows:
            by_key[seen.group.prefix, seen.values].append(seen)
        moments = {
            prefix: sorted({moment for alike in rules for moment in self._moments(*alike)})
            for prefix, rules in self._rules[_alike(rule, query)].items()
        }
        groups: list[_Group] = []
        pairs: list[tuple[int, int]] = []
        for together in by_key.values():
            prefix = together[0].group.prefix
            for first, last, there in _sets(together, moments[prefix]):
                pairs += [(seen.row, len(groups)) for seen in there]
                events = tuple(sorted({event for seen in there for event in seen.group.events}))
                groups.append(_Group(prefix, events, first, last))
                if len(pairs) > _MOST_ROWS:
                    return groups, pairs
        return groups, pairs


def visible(record: Record) -> tuple[int, int]:
    """First and last moment at which Resource Graph shows the record."""
    return (
        microseconds(record.visible_from),
        microseconds(record.visible_until) - 1 if record.visible_until else FOREVER,
    )


def _sets(rows: Sequence[_Seen], moments: Sequence[int]) -> Iterator[tuple[int, int, Sequence[_Seen]]]:
    """Sets of rows visible at the same moments, with the first and last of these moments."""
    entering: dict[int, list[int]] = defaultdict(list)
    leaving: dict[int, list[int]] = defaultdict(list)
    for index, seen in enumerate(rows):
        first, after = bisect_left(moments, seen.first), bisect_right(moments, seen.last)
        if first < after:
            entering[first].append(index)
            leaving[after].append(index)
    changes = sorted({*entering, *leaving})
    there: set[int] = set()
    for start, end in pairwise(changes):
        there.difference_update(leaving[start])
        there.update(entering[start])
        if there:
            yield moments[start], moments[end - 1], [rows[index] for index in sorted(there)]


@lru_cache(maxsize=256)
def _types(sql: str) -> Mapping[str, str]:
    """Column types of a query's result."""
    with Table() as table:
        table.choose(RECORDS, NUMBER, CHOSEN, ())
        return table.execute(sql).types


def _alike(rule: AlertRule, query: RuleQuery) -> object:
    """Key shared by rules whose rows come from one run."""
    return query.pattern, matches.columns(rule)


def _prefixes(text: str) -> Iterator[str]:
    """Prefixes of the text that end with a slash."""
    for place, character in enumerate(text, 1):
        if character == "/":
            yield text[:place]


def _listed(*columns: str) -> str:
    return ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
