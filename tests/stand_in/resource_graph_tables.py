"""Tables of Azure Resource Graph on DuckDB: rows in, a query in KQL, rows out."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

Row = dict[str, Any]

COLUMNS = ("id", "name", "type", "location", "subscriptionId", "resourceGroup", "properties")


class TableMissing(Exception):
    """The query starts with a table that is not here."""


class QueryError(Exception):
    """The query is not understood."""


def run(query: str, tables: dict[str, list[Row]], now: datetime | None = None) -> tuple[list[str], list[Row]]:
    """The columns and rows that the query returns. `properties` may be a bag or its JSON text; a bag comes back."""
    import duckdb_kql

    table = re.sub(r"^\s*(?://.*\n\s*)*", "", query).split("|")[0].strip()
    if table.lower() not in tables:
        raise TableMissing(table)
    connection = duckdb_kql.connect()
    try:
        connection.sql("SET threads = 1")
        for name, rows in tables.items():
            declared = ", ".join(f'"{column}" {"JSON" if column == "properties" else "VARCHAR"}' for column in COLUMNS)
            connection.execute(f"CREATE TABLE {name} ({declared})")
            _load(connection, name, rows)
        try:
            result = duckdb_kql.query(connection, query, **({} if now is None else {"query_now": now}))
        except Exception as error:  # whatever it is, Azure would call it an invalid query
            raise QueryError(str(error)) from error
        columns = list(result.columns)
        return columns, [dict(zip(columns, map(_as_json, row), strict=True)) for row in result.fetchall()]
    finally:
        connection.close()


def _load(connection: Any, name: str, rows: list[Row]) -> None:
    if not rows:
        return
    values = [[_text(row.get(column)) for column in COLUMNS] for row in rows]
    picked = ", ".join(
        f"r[{index}]{'::JSON' if column == 'properties' else ''}" for index, column in enumerate(COLUMNS, 1)
    )
    connection.execute(
        f"INSERT INTO {name} SELECT {picked} FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS r)",
        [json.dumps(values)],
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
