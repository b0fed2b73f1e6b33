"""The table ``containerserviceeventresources`` on DuckDB, for KQL to run on with a pinned clock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aks_communication_manager.rehearse.sql import to_sql

NAME = "containerserviceeventresources"

TEXT = (
    "id", "name", "type", "tenantId", "kind", "location", "resourceGroup", "subscriptionId", "managedBy",
)  # fmt: skip
DYNAMIC = ("sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation")
"""The columns of every table of Resource Graph."""

SCHEMA = {NAME: [*TEXT, *DYNAMIC]}

_AT_ONCE = 20_000

MOST_ROWS = 1000
"""Azure Monitor takes the first 1,000 records of a Resource Graph query, and leaves out the others without a word."""

_ARG = re.compile(
    r"""(?P<arg>\barg\s*\(\s*(?:""|'')\s*\)\s*\.\s*)|//[^\n]*|@?"(?:\\.|[^"\\\n])*"|@?'(?:\\.|[^'\\\n])*'""",
)


def without_arg(query: str) -> str | None:
    """The query over the local table: only ``arg("").`` is taken away. None where it is not over Resource Graph."""
    found = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal found
        found = found or match["arg"] is not None
        # Blanks in its place: what the translator says about a column of the text stays right.
        return match[0] if match["arg"] is None else " " * len(match[0])

    bare = _ARG.sub(replaced, query)
    return bare if found else None


class Table:
    """One DuckDB connection. Opening it costs more than most queries: one serves a whole rehearsal."""

    def __init__(self) -> None:
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")  # that of KQL's datetimes
        self.connection.execute("SET threads = 1")
        columns = ", ".join([*(f'"{name}" VARCHAR' for name in TEXT), *(f'"{name}" JSON' for name in DYNAMIC)])
        self.connection.execute(f"CREATE TABLE {NAME} ({columns})")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace what the table holds. A dynamic column is a value, or JSON text that is taken as it is."""
        self.connection.execute(f"DELETE FROM {NAME}")
        self._insert(NAME, list(rows))

    def load_numbered(self, rows: Iterable[Mapping[str, Any]], name: str, number: str) -> None:
        """Make a table beside it that holds these rows and a column with the place of each."""
        self.connection.execute(
            f'CREATE OR REPLACE TABLE {name} AS SELECT *, NULL::BIGINT AS "{number}" FROM {NAME} LIMIT 0'
        )
        self._insert(name, [{**row, number: place} for place, row in enumerate(rows)], number)

    def choose(self, source: str, name: str, number: str, places: Sequence[int]) -> None:
        """Make a table of those rows of a numbered one that have these numbers, numbered anew."""
        self.connection.execute(
            f'CREATE OR REPLACE TABLE {name} AS SELECT rows.* REPLACE (chosen.place - 1 AS "{number}") FROM {source} AS rows '
            f'JOIN (SELECT unnest(list) AS "{number}", generate_subscripts(list, 1) AS place '
            f'FROM (SELECT from_json(?, \'["BIGINT"]\') AS list)) AS chosen USING ("{number}")',
            [json.dumps(list(places))],
        )

    def _insert(self, name: str, rows: Sequence[Mapping[str, Any]], number: str = "") -> None:
        given = {column for row in rows for column in row}
        columns = [column for column in (*TEXT, *DYNAMIC, number) if column in given]
        types = [("VARCHAR" if column in TEXT else "JSON" if column in DYNAMIC else "BIGINT") for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        casts = ", ".join(f"r[{place}]::{kind}" for place, kind in enumerate(types, 1))
        for start in range(0, len(rows), _AT_ONCE):
            cells = [[_cell(row, column) for column in columns] for row in rows[start : start + _AT_ONCE]]
            # One parameter that holds all rows: binding them one by one takes far longer.
            self.connection.execute(
                f"INSERT INTO {name} ({names}) SELECT {casts} "
                "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS r)",
                [json.dumps(cells)],
            )

    def run(self, query: str, now: datetime, most: int | None = None) -> list[dict[str, Any]]:
        """The rows that a query without ``arg("")`` returns at that time, or the first of them."""
        sql, slots = _translated(query)
        pinned = {slot: now.astimezone(UTC).replace(tzinfo=None) for slot in slots}
        cursor = self.connection.execute(sql, pinned) if pinned else self.connection.execute(sql)
        columns = [column[0] for column in cursor.description]
        rows = cursor.fetchall() if most is None else cursor.fetchmany(most)
        return [{name: _in_utc(value) for name, value in zip(columns, row, strict=True)} for row in rows]


@lru_cache(maxsize=256)
def _translated(query: str) -> tuple[str, tuple[str, ...]]:
    """The query as SQL, and the names under which it takes the time: translating takes longer than running."""
    from duckdb_kql.lower import lower

    return to_sql(lower(query), SCHEMA)


def _cell(row: Mapping[str, Any], column: str) -> str | None:
    if column not in row:
        return None
    value = row[column]
    if column in DYNAMIC and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value if value is None else str(value)


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
