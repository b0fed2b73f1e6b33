"""From a parsed query to SQL that DuckDB binds quickly.

The translator writes an argument out wherever the function's SQL needs it, ten times for a `todatetime`, so nested calls
multiply: 2 KB of KQL become 100 KB of SQL, and DuckDB takes a quarter of a second to bind what then runs in a millisecond.
Here each nested call gets a column of its own first, which makes the SQL a third as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb_kql import ir

_NEVER_FAIL = {"tostring", "substring", "strcat", "tolower", "todatetime"}
"""Functions that give the same wherever they are called, and null instead of an error: so a row on which a condition would
have left them out may compute them."""


def to_sql(query: ir.Query, schema: Mapping[str, list[str]] | None = None) -> tuple[str, tuple[str, ...]]:
    """The SQL, and the names under which it takes the time."""
    from duckdb_kql.translate import CLOCK_SLOT, clock
    from duckdb_kql.translate import to_sql as translated

    with clock(datetime(2000, 1, 1, tzinfo=UTC)) as active:
        sql = str(translated(_unnested(query), dict(schema) if schema else None))
    return sql, (CLOCK_SLOT,) if active.used else ()


def _unnested(query: ir.Query) -> ir.Query:
    from duckdb_kql import ir

    operators: list[ir.Operator] = []
    for operator in query.operators:
        calls: list[ir.NamedExpr] = []
        match operator:
            case ir.Extend(expressions):
                unnested = [replace(one, expr=_columns(one.expr, calls, outermost=True)) for one in expressions]
                operator = replace(operator, expressions=tuple(unnested))
            case ir.Where(predicate):
                operator = replace(operator, predicate=_columns(predicate, calls))
        operators += [*(ir.Extend((call,)) for call in calls), operator]
        if calls:
            operators.append(ir.ProjectAway(tuple(str(call.name) for call in calls)))
    return replace(query, operators=operators)


def _columns(node: Any, calls: list[ir.NamedExpr], *, outermost: bool = False) -> Any:
    """The expression with a column for each call in it; these go into `calls`, the innermost first."""
    from duckdb_kql import ir

    if isinstance(node, tuple | list):
        return type(node)(_columns(one, calls) for one in node)
    if not is_dataclass(node) or isinstance(node, type | ir.Query):
        return node
    parts = {field.name: _columns(getattr(node, field.name), calls) for field in fields(node)}
    changed: Any = replace(node, **parts)
    if outermost or not isinstance(changed, ir.FunctionCall) or changed.name.lower() not in _NEVER_FAIL:
        return changed
    calls.append(ir.NamedExpr(changed, f"__call{len(calls)}"))
    return ir.ColumnRef(f"__call{len(calls) - 1}")
