"""The table ``containerserviceeventresources`` on DuckDB, for queries to run on with a pinned clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from aks_communication_manager.rehearse.kql_engine.sql import Translated
from aks_communication_manager.rehearse.kql_engine.tables import DYNAMIC, NAME, NUMBER, RECORDS, TEXT, VISIBLE

_AT_ONCE = 20_000
_TYPES = dict.fromkeys(TEXT, "VARCHAR") | dict.fromkeys(DYNAMIC, "JSON") | {NUMBER: "BIGINT"}

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
    """DuckDB refuses the SQL, or the statement fails on a row."""


@dataclass(frozen=True, slots=True)
class Result:
    """Result of a statement."""

    types: Mapping[str, str]
    """DuckDB's type of each column, in their order."""

    rows: Sequence[tuple[Any, ...]]


class Table:
    """One DuckDB connection. Opening it costs more than most queries: one serves a whole rehearsal."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=_SANDBOX)
        self._connection.execute("SET TimeZone = 'UTC'")  # that of KQL's datetimes
        self._connection.execute("SET lock_configuration = true")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in _TYPES.items())
        for table in (RECORDS, VISIBLE):
            self._connection.execute(f"CREATE TABLE {table} ({columns})")
        self._connection.execute(f"CREATE VIEW {NAME} AS SELECT * EXCLUDE ({NUMBER}) FROM {VISIBLE}")
        self.start_rule()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_rule(self) -> None:
        """Start the time limit of the next rule."""
        self._seconds_left = float(RULE_SECONDS)

    def execute(self, sql: str, parameters: object = None, most: int | None = None) -> Result:
        """Run SQL, and fetch all rows or the first `most`.

        Raises `Rejected` if it fails, and `TooMuchWork` if it takes too much time or memory.
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

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Fill `RECORDS` with these rows and their indexes. A dynamic column is a value, or JSON text that is taken as it is."""
        self.execute(f"DELETE FROM {RECORDS}")
        rows = [{**row, NUMBER: index} for index, row in enumerate(records)]
        given = {column for row in rows for column in row}
        columns = [column for column in _TYPES if column in given]
        names = ", ".join(f'"{column}"' for column in columns)
        casts = ", ".join(f"r[{place}]::{_TYPES[column]}" for place, column in enumerate(columns, 1))
        for start in range(0, len(rows), _AT_ONCE):
            cells = [[_cell(row, column) for column in columns] for row in rows[start : start + _AT_ONCE]]
            # One parameter that holds all rows: binding them one by one takes far longer.
            self.execute(
                f"INSERT INTO {RECORDS} ({names}) SELECT {casts} "
                "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS r)",
                [json.dumps(cells)],
            )

    def choose(self, source: str, key: str, name: str, pairs: Sequence[tuple[int, int]]) -> None:
        """Make a numbered table of rows of another, in the order of `pairs`: a row's value in `key`, and its new number."""
        self.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT rows.* REPLACE (chosen.new AS {NUMBER}) FROM {source} AS rows "
            "JOIN (SELECT pair[1] AS old, pair[2] AS new, place FROM (SELECT unnest(list) AS pair, "
            "generate_subscripts(list, 1) AS place FROM (SELECT from_json(?, '[[\"BIGINT\"]]') AS list))) AS chosen "
            f"ON rows.{key} = chosen.old ORDER BY chosen.place",
            [json.dumps(pairs)],
        )

    def run(
        self, query: Translated, records: Iterable[int], now: datetime, most: int | None = MOST_ROWS
    ) -> list[dict[str, Any]]:
        """Rows that a query returns at a time when these of `RECORDS` are visible; the first `most`, or all."""
        self.choose(RECORDS, NUMBER, VISIBLE, [(number, number) for number in records])
        sql, slots = query
        found = self.execute(sql, {slot: now.astimezone(UTC).replace(tzinfo=None) for slot in slots} or None, most)
        return [{name: _in_utc(value) for name, value in zip(found.types, row, strict=True)} for row in found.rows]


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
