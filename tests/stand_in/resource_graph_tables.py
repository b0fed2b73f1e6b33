"""Tables of Azure Resource Graph: rows in, a query in KQL, rows out, on the table with which rules are rehearsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aks_communication_manager.rehearse.kql_engine.library import lower
from aks_communication_manager.rehearse.kql_engine.sql import Translated, to_sql
from aks_communication_manager.rehearse.kql_engine.syntax import balanced
from aks_communication_manager.rehearse.kql_engine.table import Table
from aks_communication_manager.rehearse.kql_engine.tables import NAME, SCHEMA

Row = dict[str, Any]


class TableMissing(Exception):
    """The query starts with a table that is not here."""


class QueryError(Exception):
    """The query is not understood."""


def run(query: str, tables: dict[str, list[Row]]) -> list[Row]:
    """The rows that the query returns. `properties` may be a bag or its JSON text; a bag comes back."""
    match = re.match(r"(?P<before>\s*(?://.*\n\s*)*)(?P<table>[^|\s]*)", query)
    assert match
    if (rows := tables.get(match["table"].lower())) is None:
        raise TableMissing(match["table"])
    with Table() as table:
        try:
            # All tables of Resource Graph have the same columns, so one serves for each.
            found = run_on(table, match["before"] + NAME + query[match.end() :], rows, datetime.now(UTC))
        except Exception as error:  # whatever it is, Azure would call it an invalid query
            raise QueryError(str(error)) from error
    return [{name: _as_json(value) for name, value in row.items()} for row in found]


def run_on(table: Table, query: str, rows: Iterable[Row], now: datetime) -> list[Row]:
    """All rows that a query without ``arg("")`` returns of these."""
    rows = list(rows)
    table.load(rows)
    return table.run(_translated(query), range(len(rows)), now, None)


@lru_cache(maxsize=256)
def _translated(query: str) -> Translated:
    return to_sql(balanced(lower(query)), SCHEMA)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
