"""Derive from a query when each row is among its results, so that it runs once instead of at every evaluation.

Most alert queries treat each row by itself and ask the clock one kind of question, ``where <time> >= ago(6h)``. For these
the results at any moment follow from one run: the questions are taken out of the query, each time that they compare is
returned beside the row, and the comparison is made here, for every evaluation. A query that counts rows together
(``summarize``) is cut into stages there: the rows of each stage are windowed, and those of a group that are there at the
same time are counted together in the next. `windowed` proves from the parsed query that this gives the same, and returns
None where it cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from typing import Any, TypeAlias

from aks_communication_manager.rehearse.kql_engine.library import ir
from aks_communication_manager.rehearse.kql_engine.sql import to_sql
from aks_communication_manager.rehearse.kql_engine.syntax import (
    asks_the_clock,
    conjuncts,
    looks_beyond_its_row,
    timespan,
)
from aks_communication_manager.rehearse.kql_engine.tables import GROUPED, NUMBER, SCHEMA

_BOUND, _CONDITION, _KEY = "__bound", "__condition", "__key"
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

Interval: TypeAlias = tuple[int, int]
"""First and last microsecond."""

Truth: TypeAlias = bool | None
"""SQL's three-valued logic: None means unknown, such as whether a missing time is past."""


@dataclass(frozen=True)
class Bound:
    """One comparison with the clock: the time in `column` against now plus an offset."""

    column: str
    operator: str
    offset: int
    """Microseconds; ``ago(6h)`` is minus six hours."""

    def first_change(self, time: int) -> int:
        """First moment at which the result of the comparison changes."""
        edge = time - self.offset
        return edge if self.operator in ("<=", ">") else edge + 1

    @property
    def holds_before(self) -> bool:
        """Whether the comparison holds before that moment and not from then on."""
        return self.operator in (">=", ">")


@dataclass(frozen=True)
class Not:
    operand: Formula


@dataclass(frozen=True)
class And:
    left: Formula
    right: Formula


@dataclass(frozen=True)
class Or:
    left: Formula
    right: Formula


Formula: TypeAlias = "Bound | str | Not | And | Or"
"""A condition over bounds and boolean columns, which are given by name."""


@dataclass(frozen=True)
class Stage:
    """A part of a query without its questions to the clock."""

    query: ir.Query
    """Returns `NUMBER` and the columns of `bounds`, `conditions` and `keys` beside its own."""

    bounds: tuple[Bound, ...]
    conditions: tuple[str, ...]
    formulas: tuple[Formula, ...]
    """A row is visible while all of them hold."""

    keys: tuple[str, ...]
    """The columns by which the next stage groups the rows; empty in the last."""

    @cached_property
    def sql(self) -> str:
        """`query` for DuckDB."""
        return to_sql(self.query, SCHEMA)[0]

    @cached_property
    def selecting(self) -> str:
        """SQL of the first conditions alone, those before any use of the clock; empty if there are none."""
        first = list(takewhile(lambda operator: not _makes_a_bound(operator), self.query.operators))
        while first and not isinstance(first[-1], ir.Where):
            first.pop()
        return to_sql(ir.Query(self.query.source, first), SCHEMA)[0] if first else ""

    def intervals(self, times: Sequence[int | None], conditions: Sequence[Truth], whole: Interval) -> list[Interval]:
        """Intervals within `whole` in which a row is visible, by its values of `bounds` and `conditions`."""
        known: dict[Any, Any] = dict(zip(self.conditions, conditions, strict=True))
        changes: dict[str, int | None] = {}
        for bound, time in zip(self.bounds, times, strict=True):
            changes[bound.column] = None if time is None else bound.first_change(time)
        first, last = whole
        starts = sorted(
            {first, *(change for change in changes.values() if change is not None and first < change <= last)}
        )
        found: list[Interval] = []
        for start, end in zip(starts, [*(start - 1 for start in starts[1:]), last], strict=True):
            if all(_holds(formula, known, changes, start) for formula in self.formulas):
                if found and found[-1][1] == start - 1:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((start, end))
        return found


def _holds(formula: Formula, known: dict[Any, Any], changes: dict[str, int | None], moment: int) -> Truth:
    match formula:
        case str():
            truth: Truth = known[formula]
            return truth
        case Bound():
            change = changes[formula.column]
            return None if change is None else (moment < change) == formula.holds_before
        case Not(operand):
            return None if (truth := _holds(operand, known, changes, moment)) is None else not truth
        case And(left, right):
            both = (_holds(left, known, changes, moment), _holds(right, known, changes, moment))
            return False if False in both else None if None in both else True
        case Or(left, right):
            both = (_holds(left, known, changes, moment), _holds(right, known, changes, moment))
            return True if True in both else None if None in both else False


def _makes_a_bound(operator: ir.Operator) -> bool:
    return isinstance(operator, ir.Extend) and any(
        str(named.name).startswith((_BOUND, _CONDITION)) for named in operator.expressions
    )


@dataclass
class _Draft:
    """A stage under construction."""

    table: str
    operators: list[ir.Operator] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)

    @property
    def carried(self) -> list[str]:
        return [NUMBER, *(bound.column for bound in self.bounds), *self.conditions]

    def extend(self, name: str, expression: ir.Expr) -> str:
        self.operators.append(ir.Extend((ir.NamedExpr(expression, name),)))
        return name

    def finished(self, keys: Sequence[ir.NamedExpr] = ()) -> Stage:
        names = tuple(self.extend(f"{_KEY}{index}", key.expr) for index, key in enumerate(keys))
        query = ir.Query(ir.TableRef(self.table), self.operators)
        return Stage(query, tuple(self.bounds), tuple(self.conditions), tuple(self.formulas), names)

    def where(self, predicate: ir.Expr) -> bool:
        """Replace the clock in a condition with bounds; False for an unsupported use."""
        for condition in conjuncts(predicate):
            if asks_the_clock(condition):
                formula = self._formula(condition)
                if formula is None:
                    return False
                self.formulas.append(formula)
            else:
                self.operators.append(ir.Where(condition))
        return True

    def _formula(self, condition: ir.Expr) -> Formula | None:
        if not asks_the_clock(condition):
            name = self.extend(f"{_CONDITION}{len(self.conditions)}", condition)
            self.conditions.append(name)
            return name
        match condition:
            case ir.BinaryOp("and" | "or" as operator, left, right):
                first, second = self._formula(left), self._formula(right)
                if first is None or second is None:
                    return None
                return And(first, second) if operator == "and" else Or(first, second)
            case ir.FunctionCall("not", (operand,)):
                return None if (formula := self._formula(operand)) is None else Not(formula)
            case ir.Between(value, low, high):
                within = self._formula(
                    ir.BinaryOp("and", ir.BinaryOp(">=", value, low), ir.BinaryOp("<=", value, high))
                )
                return Not(within) if within is not None and condition.negated else within
        found = _comparison(condition)
        if found is None:
            return None
        time, compares, offset = found
        bound = Bound(self.extend(f"{_BOUND}{len(self.bounds)}", time), compares, offset)
        self.bounds.append(bound)
        return bound


def windowed(query: ir.Query, table: str) -> tuple[Stage, ...] | None:
    """The windowed form of a query, over a numbered table; None where rows or the clock are used in another way."""
    if query.lets or query.parameters or not isinstance(query.source, ir.TableRef):
        return None
    stages: list[Stage] = []
    draft = _Draft(table)
    for operator in query.operators:
        if looks_beyond_its_row(operator):
            return None
        if isinstance(operator, ir.Where):
            if not draft.where(operator.predicate):
                return None
            continue
        if asks_the_clock(operator):
            return None
        match operator:
            case ir.Sort():
                pass  # the order of rows changes nothing in an alert
            case ir.Summarize(by=(_, *_)):
                stages.append(draft.finished(operator.by))
                draft = _Draft(GROUPED)
                draft.operators.append(replace(operator, by=(*operator.by, ir.NamedExpr(ir.ColumnRef(NUMBER), NUMBER))))
            case ir.Project():
                draft.operators.append(carrying(operator, draft.carried))
            case ir.ProjectAway(columns) if any("*" in column for column in columns):
                return None
            case ir.Extend() | ir.ProjectAway() | ir.ProjectRename() | ir.Parse() | ir.MvExpand():
                draft.operators.append(operator)
            case _:
                return None
    return (*stages, draft.finished())


def carrying(operator: ir.Project, columns: Sequence[str]) -> ir.Project:
    """Add columns to a projection."""
    return replace(
        operator, expressions=(*operator.expressions, *(ir.NamedExpr(ir.ColumnRef(name), name) for name in columns))
    )


def traced(query: ir.Query, table: str) -> ir.Query | None:
    """The query over a numbered table, with the numbers of each row's records in `NUMBER`; None where it joins rows in another way."""
    if query.lets or query.parameters or not isinstance(query.source, ir.TableRef):
        return None
    operators: list[ir.Operator] = []
    numbers = ir.NamedExpr(ir.FunctionCall("make_list", (ir.ColumnRef(NUMBER),)), NUMBER)
    for operator in query.operators:
        match operator:
            case ir.Summarize():
                operators.append(replace(operator, aggregates=(*operator.aggregates, numbers)))
            case ir.Project():
                operators.append(carrying(operator, (NUMBER,)))
            case ir.ProjectAway(columns) if any("*" in column for column in columns):
                return None
            case ir.Where() | ir.Extend() | ir.ProjectAway() | ir.ProjectRename() | ir.Parse() | ir.MvExpand():
                operators.append(operator)
            case ir.Sort() | ir.Top() | ir.Take():
                operators.append(operator)
            case _:
                return None
    return ir.Query(ir.TableRef(table), operators)


def _comparison(condition: ir.Expr) -> tuple[ir.Expr, str, int] | None:
    match condition:
        case ir.BinaryOp("<" | "<=" | ">" | ">=" as operator, left, right):
            if not asks_the_clock(left) and (offset := _offset(right)) is not None:
                return left, operator, offset
            if not asks_the_clock(right) and (offset := _offset(left)) is not None:
                return right, _FLIPPED[operator], offset
    return None


def _offset(expression: ir.Expr) -> int | None:
    """Offset from now, in microseconds, of ``now()``, ``ago(6h)``, or these plus or minus a literal."""
    match expression:
        case ir.FunctionCall("now", ()):
            return 0
        case ir.FunctionCall("now", (span,)):
            return timespan(span)
        case ir.FunctionCall("ago", (span,)):
            return None if (ago := timespan(span)) is None else -ago
        case ir.BinaryOp("+" | "-" as sign, moment, span):
            start, length = _offset(moment), timespan(span)
            if start is None or length is None:
                return None
            return start + length if sign == "+" else start - length
    return None
