"""The table ``containerserviceeventresources`` on DuckDB, for queries to run on with a pinned clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from time import process_time
from typing import Any

import duckdb

from aks_communication_manager.rehearse.kql_engine.bounds import (
    MEMORY_MB,
    RULE_SECONDS,
    STATEMENT_SECONDS,
    CannotBeEvaluated,
    TooMuchWork,
    bounded_time,
)
from aks_communication_manager.rehearse.kql_engine.library import lower
from aks_communication_manager.rehearse.kql_engine.sql import Translated, to_sql
from aks_communication_manager.rehearse.kql_engine.syntax import balanced
from aks_communication_manager.rehearse.kql_engine.tables import DYNAMIC, NAME, NUMBER, RECORDS, SCHEMA, TEXT, VISIBLE

_AT_ONCE = 20_000

MOST_ROWS = 1000
"""Azure Monitor takes the first 1,000 records of a Resource Graph query, and leaves out the others without a word."""

_SANDBOX: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "python_scan_all_frames": False,
    "temp_directory": "",
    "memory_limit": f"{MEMORY_MB}MB",
    "threads": 1,
}
"""No file, no network, no extension, no variable of Python: queries come from files that nobody has reviewed."""


class Rejected(CannotBeEvaluated):
    """DuckDB does not take the SQL, or it fails on a row."""


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a statement."""

    types: Mapping[str, str]
    """DuckDB's type of each column, in their order."""

    rows: Sequence[tuple[Any, ...]]


class Table:
    """One DuckDB connection. Opening it costs more than most queries: one serves a whole rehearsal."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=_SANDBOX)
        self._connection.execute("SET TimeZone = 'UTC'")  # that of KQL's datetimes
        self._connection.execute("SET lock_configuration = true")
        columns = ", ".join([*(f'"{name}" VARCHAR' for name in TEXT), *(f'"{name}" JSON' for name in DYNAMIC)])
        self._connection.execute(f"CREATE TABLE {NAME} ({columns})")
        self.start_rule()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_rule(self) -> None:
        """Count the time of what follows for another rule."""
        self._seconds_left = float(RULE_SECONDS)

    def execute(self, sql: str, parameters: object = None, most: int | None = None) -> Result:
        """Run SQL, and fetch all rows or the first.

        Raises `Rejected` where it fails, and `CannotBeEvaluated` where it takes too much time or memory.
        """
        if self._seconds_left <= 0:
            raise TooMuchWork(f"its query runs for more than {RULE_SECONDS // 60} minutes of CPU time")
        began = process_time()
        seconds = min(STATEMENT_SECONDS, self._seconds_left)
        try:
            with bounded_time(seconds, self._connection.interrupt):
                cursor = self._connection.execute(sql, parameters)
                columns = [(str(name), str(kind)) for name, kind, *_ in cursor.description or ()]
                return Result(dict(columns), cursor.fetchall() if most is None else cursor.fetchmany(most))
        except duckdb.InterruptException:
            raise TooMuchWork(f"one run of its query takes more than {seconds:.0f} seconds of CPU time") from None
        except duckdb.OutOfMemoryException:
            raise TooMuchWork(f"its query needs more than {MEMORY_MB:,} MB of memory") from None
        except duckdb.Error as error:
            raise Rejected(f"the KQL engine cannot run its query: {str(error).splitlines()[0]}") from None
        except RuntimeError as error:
            if "interrupted" not in str(error).lower():
                raise
            raise KeyboardInterrupt from None  # how DuckDB reports Ctrl-C
        finally:
            self._seconds_left -= process_time() - began

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace what the table holds. A dynamic column is a value, or JSON text that is taken as it is."""
        self.execute(f"DELETE FROM {NAME}")
        self._insert(NAME, list(rows))

    def load_records(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Make the table `RECORDS` beside it: these rows, and the index of each in `NUMBER`."""
        self.execute(f"CREATE OR REPLACE TABLE {RECORDS} AS SELECT *, NULL::BIGINT AS {NUMBER} FROM {NAME} LIMIT 0")
        self._insert(RECORDS, [{**row, NUMBER: index} for index, row in enumerate(rows)])

    def choose(self, source: str, key: str, name: str, pairs: Sequence[tuple[int, int]]) -> None:
        """Make a numbered table of rows of another, in the order of `pairs`: a row's value in `key`, and its new number."""
        self.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT rows.* REPLACE (chosen.new AS {NUMBER}) FROM {source} AS rows "
            "JOIN (SELECT pair[1] AS old, pair[2] AS new, place FROM (SELECT unnest(list) AS pair, "
            "generate_subscripts(list, 1) AS place FROM (SELECT from_json(?, '[[\"BIGINT\"]]') AS list))) AS chosen "
            f"ON rows.{key} = chosen.old ORDER BY chosen.place",
            [json.dumps(pairs)],
        )

    def _insert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        given = {column for row in rows for column in row}
        columns = [column for column in (*TEXT, *DYNAMIC, NUMBER) if column in given]
        types = [("VARCHAR" if column in TEXT else "JSON" if column in DYNAMIC else "BIGINT") for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        casts = ", ".join(f"r[{place}]::{kind}" for place, kind in enumerate(types, 1))
        for start in range(0, len(rows), _AT_ONCE):
            cells = [[_cell(row, column) for column in columns] for row in rows[start : start + _AT_ONCE]]
            # One parameter that holds all rows: binding them one by one takes far longer.
            self.execute(
                f"INSERT INTO {name} ({names}) SELECT {casts} "
                "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS r)",
                [json.dumps(cells)],
            )

    def run(self, query: str, now: datetime) -> list[dict[str, Any]]:
        """The rows that a query without ``arg("")`` returns at that time."""
        return self._run(_translated(query), now, None)

    def run_over(self, query: str, records: Sequence[int], now: datetime) -> list[dict[str, Any]]:
        """The same over some of `RECORDS` and for an alert rule, which takes the first `MOST_ROWS`."""
        self.choose(RECORDS, NUMBER, VISIBLE, [(number, number) for number in records])
        self.execute(f"DELETE FROM {NAME}")
        self.execute(f"INSERT INTO {NAME} SELECT * EXCLUDE ({NUMBER}) FROM {VISIBLE}")
        return self._run(_translated(query), now, MOST_ROWS)

    def run_traced(
        self, query: Translated, records: Sequence[int], now: datetime
    ) -> tuple[list[dict[str, Any]], list[tuple[int, ...]]]:
        """The same for a query over `VISIBLE` that returns the numbers of records; these are returned beside the rows."""
        self.choose(RECORDS, NUMBER, VISIBLE, [(number, number) for number in records])
        rows = self._run(query, now, MOST_ROWS)
        return rows, [tuple(sorted(set(_flat(row.pop(NUMBER))))) for row in rows]

    def _run(self, query: Translated, now: datetime, most: int | None) -> list[dict[str, Any]]:
        sql, slots = query
        found = self.execute(sql, {slot: now.astimezone(UTC).replace(tzinfo=None) for slot in slots} or None, most)
        return [{name: _in_utc(value) for name, value in zip(found.types, row, strict=True)} for row in found.rows]


def _flat(numbers: Any) -> Iterator[int]:
    """The numbers in a value of `NUMBER`, a list where rows were counted together, nested where twice."""
    if isinstance(numbers, int):
        yield numbers
    else:
        for part in json.loads(numbers) if isinstance(numbers, str) else numbers:
            yield from _flat(part)


@lru_cache(maxsize=256)
def _translated(query: str) -> Translated:
    """The query as SQL, and the names under which it takes the time: translating takes longer than running."""
    return to_sql(balanced(lower(query)), SCHEMA)


def _cell(row: Mapping[str, Any], column: str) -> str | None:
    if column not in row:
        return None
    value = row[column]
    if column in DYNAMIC and not isinstance(value, str):
        value = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # Half of a surrogate pair is not a character, and JSON with one is refused.
    return value if value is None else str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
