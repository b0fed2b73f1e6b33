"""From a parsed query to SQL that DuckDB binds quickly.

The translator writes an argument out wherever the function's SQL needs it, ten times for a `todatetime`, so nested calls
multiply: 2 KB of KQL become 100 KB of SQL, and DuckDB takes a quarter of a second to bind what then runs in a millisecond.
Here each nested call gets a column of its own first, which makes the SQL a third as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from aks_communication_manager.rehearse.kql_engine.bounds import bounded_reading, bounded_text
from aks_communication_manager.rehearse.kql_engine.library import CLOCK_SLOT, clock, ir
from aks_communication_manager.rehearse.kql_engine.library import to_sql as translate

_NEVER_FAIL = {"tostring", "substring", "strcat", "tolower", "todatetime"}
"""Functions that give the same wherever they are called, and null instead of an error: so a row on which a condition would
have left them out may compute them."""


Translated: TypeAlias = tuple[str, tuple[str, ...]]
"""SQL, and the names of its parameters: the clock's, where the query asks it."""


def to_sql(query: ir.Query, schema: Mapping[str, list[str]]) -> Translated:
    """Translate a query to SQL."""
    with bounded_reading(), bounded_text(), clock(datetime(2000, 1, 1, tzinfo=UTC)) as active:
        sql = str(translate(_unnested(query), dict(schema)))
    return sql, (CLOCK_SLOT,) if active.used else ()


def _unnested(query: ir.Query) -> ir.Query:
    operators: list[ir.Operator] = []
    for operator in query.operators:
        calls: list[ir.NamedExpr] = []
        match operator:
            case ir.Extend(expressions):
                unnested = [replace(named, expr=_columns(named.expr, calls, outermost=True)) for named in expressions]
                operator = replace(operator, expressions=tuple(unnested))
            case ir.Where(predicate):
                operator = replace(operator, predicate=_columns(predicate, calls))
        operators += [*(ir.Extend((call,)) for call in calls), operator]
        if calls:
            operators.append(ir.ProjectAway(tuple(str(call.name) for call in calls)))
    return replace(query, operators=operators)


def _columns(node: Any, calls: list[ir.NamedExpr], *, outermost: bool = False) -> Any:
    """The expression with a column for each call in it; these go into `calls`, the innermost first."""
    if isinstance(node, tuple | list):
        return type(node)(_columns(child, calls) for child in node)
    if not is_dataclass(node) or isinstance(node, type | ir.Query):
        return node
    parts = {field.name: _columns(getattr(node, field.name), calls) for field in fields(node)}
    changed: Any = replace(node, **parts)
    if outermost or not isinstance(changed, ir.FunctionCall) or changed.name.lower() not in _NEVER_FAIL:
        return changed
    calls.append(ir.NamedExpr(changed, f"__call{len(calls)}"))
    return ir.ColumnRef(f"__call{len(calls) - 1}")
