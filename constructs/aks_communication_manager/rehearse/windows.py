"""When a row can be among a query's results, read off the query: so that the query runs once and not at every evaluation.

Most alert queries treat each row by itself and ask the clock one kind of question, ``where <time> >= ago(6h)``. For these
the results at any moment follow from one run: the questions are taken out of the query, each time that they compare is
returned beside the row, and the comparison is made here, for every evaluation. `of` proves from the parsed query that this
gives the same, and returns None where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from aks_communication_manager.rehearse.sql import to_sql

if TYPE_CHECKING:
    from duckdb_kql import ir

EVENT = "__event"
"""The column that carries a row's number through the query."""

_BOUND = "__bound"

_CLOCK = {"now", "ago"}
_OF_OTHER_ROWS = {"prev", "next"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Bound:
    """One comparison with the clock: the time in `column` against now plus an offset."""

    column: str
    operator: str
    offset: int
    """Microseconds; ``ago(6h)`` is minus six hours."""

    def interval(self, time: int) -> tuple[int | None, int | None]:
        """The first and the last moment at which the comparison holds; None where it is open."""
        edge = time - self.offset
        match self.operator:
            case ">=":
                return None, edge
            case ">":
                return None, edge - 1
            case "<=":
                return edge, None
            case _:
                return edge + 1, None


@dataclass(frozen=True)
class Windowed:
    """A query without its questions to the clock."""

    query: ir.Query
    """Returns `EVENT` and the columns of the bounds beside the query's own."""

    bounds: tuple[Bound, ...]

    whole: bool
    """Whether `query` is all of it. Otherwise rows are then counted together (``summarize``), without the clock: the rest
    has to run again whenever the set of rows changes, and only then."""

    @cached_property
    def sql(self) -> str:
        """`query` for DuckDB."""
        return to_sql(self.query)[0]

    @cached_property
    def selecting(self) -> str:
        """The same of its first conditions alone, those before the clock is asked; empty where there are none."""
        from duckdb_kql import ir

        first = list(takewhile(lambda one: not _makes_a_bound(one), self.query.operators))
        while first and not isinstance(first[-1], ir.Where):
            first.pop()
        return to_sql(ir.Query(self.query.source, first))[0] if first else ""


def _makes_a_bound(operator: ir.Operator) -> bool:
    from duckdb_kql import ir

    return isinstance(operator, ir.Extend) and any(str(one.name).startswith(_BOUND) for one in operator.expressions)


def of(query: ir.Query, traced_table: str) -> Windowed | None:
    """The windowed form of a query over one table, or None where rows or the clock are used in another way."""
    from duckdb_kql import ir

    if query.lets or query.parameters or not isinstance(query.source, ir.TableRef):
        return None
    operators: list[ir.Operator] = []
    bounds: list[Bound] = []
    whole = True
    for place, operator in enumerate(query.operators):
        if _looks_beyond_its_row(operator):
            return None
        carried = tuple(ir.NamedExpr(ir.ColumnRef(name), name) for name in (EVENT, *(one.column for one in bounds)))
        match operator:
            case ir.Where(predicate):
                split = _split(predicate, len(bounds))
                if split is None:
                    return None
                rest, asked = split
                operators += [ir.Extend((ir.NamedExpr(time, bound.column),)) for time, bound in asked]
                operators += [ir.Where(one) for one in rest]
                bounds += [bound for _, bound in asked]
            case _ if _asks_the_clock(operator):
                return None
            case ir.Project():
                operators.append(replace(operator, expressions=(*operator.expressions, *carried)))
            case ir.ProjectAway() if any("*" in column for column in operator.columns):
                return None
            case ir.Extend() | ir.ProjectAway() | ir.ProjectRename() | ir.Parse() | ir.MvExpand():
                operators.append(operator)
            case ir.Sort():
                pass  # the order of rows changes nothing in an alert
            case _:
                if any(_asks_the_clock(one) or _looks_beyond_its_row(one) for one in query.operators[place:]):
                    return None
                whole = False
                break
    return Windowed(ir.Query(ir.TableRef(traced_table), operators), tuple(bounds), whole)


def nodes(node: Any) -> Iterator[Any]:
    """All parts of a parsed query."""
    if is_dataclass(node) and not isinstance(node, type):
        yield node
        for one in fields(node):
            yield from nodes(getattr(node, one.name))
    elif isinstance(node, tuple | list):
        for one in node:
            yield from nodes(one)


def _asks_the_clock(node: Any) -> bool:
    from duckdb_kql import ir

    return any(isinstance(one, ir.FunctionCall) and one.name.lower() in _CLOCK for one in nodes(node))


def _looks_beyond_its_row(node: Any) -> bool:
    """Whether something of it depends on other rows, on a nested query, or on chance."""
    from duckdb_kql import comparison, ir

    for one in nodes(node):
        if isinstance(one, ir.Query | ir.ToScalar | ir.RowContext | ir.GraphSource):
            return True
        if isinstance(one, ir.FunctionCall):
            name = one.name.lower()
            by_chance = name in comparison.NONDETERMINISTIC_FUNCTIONS and name not in _CLOCK
            if by_chance or name in _OF_OTHER_ROWS or name.startswith("row_"):
                return True
    return False


def _split(predicate: ir.Expr, numbered: int) -> tuple[list[ir.Expr], list[tuple[ir.Expr, Bound]]] | None:
    """The conditions of a ``where`` without the clock, and those on the clock as a time and its bound."""
    rest: list[ir.Expr] = []
    asked: list[tuple[ir.Expr, Bound]] = []
    for one in conjuncts(predicate):
        if not _asks_the_clock(one):
            rest.append(one)
            continue
        found = _comparison(one)
        if found is None:
            return None
        time, operator, offset = found
        asked.append((time, Bound(f"{_BOUND}{numbered + len(asked)}", operator, offset)))
    return rest, asked


def conjuncts(predicate: ir.Expr) -> Iterator[ir.Expr]:
    """The conditions that all have to hold."""
    from duckdb_kql import ir

    match predicate:
        case ir.BinaryOp("and", left, right):
            yield from conjuncts(left)
            yield from conjuncts(right)
        case ir.Between(value, low, high, negated=False):
            yield ir.BinaryOp(">=", value, low)
            yield ir.BinaryOp("<=", value, high)
        case _:
            yield predicate


def _comparison(condition: ir.Expr) -> tuple[ir.Expr, str, int] | None:
    from duckdb_kql import ir

    match condition:
        case ir.BinaryOp("<" | "<=" | ">" | ">=" as operator, left, right):
            if not _asks_the_clock(left) and (offset := _offset(right)) is not None:
                return left, operator, offset
            if not _asks_the_clock(right) and (offset := _offset(left)) is not None:
                return right, _FLIPPED[operator], offset
    return None


def _offset(expression: ir.Expr) -> int | None:
    """How many microseconds after now the moment is, for ``now()``, ``ago(6h)`` and these plus or minus a literal."""
    from duckdb_kql import ir

    match expression:
        case ir.FunctionCall("now", ()):
            return 0
        case ir.FunctionCall("now", (span,)):
            return _microseconds(span)
        case ir.FunctionCall("ago", (span,)):
            return None if (ago := _microseconds(span)) is None else -ago
        case ir.BinaryOp("+" | "-" as sign, moment, span):
            start, length = _offset(moment), _microseconds(span)
            if start is None or length is None:
                return None
            return start + length if sign == "+" else start - length
    return None


def _microseconds(span: ir.Expr) -> int | None:
    from duckdb_kql import ir
    from duckdb_kql.timespans import ticks

    match span:
        case ir.LetRef(_, value):
            return _microseconds(value)
        case ir.UnaryOp("-", operand):
            return None if (length := _microseconds(operand)) is None else -length
        case ir.Literal(str(text), "timespan"):
            try:
                whole, rest = divmod(ticks(text), 10)
            except ValueError:
                return None
            return None if rest else whole
    return None
