"""Walks and rewrites parsed queries.

A parsed query shares nodes that a ``let`` names, so each function visits a node once, however often it occurs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from aks_communication_manager.rehearse.kql_engine.library import NONDETERMINISTIC_FUNCTIONS, ir, ticks


def nodes(node: Any) -> Iterator[Any]:
    """All parts of a parsed query, each once, in the order of the text."""
    waiting, seen = [node], set[int]()
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple | list):
            waiting.extend(reversed(current))
        elif is_dataclass(current) and not isinstance(current, type) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting.extend(getattr(current, field.name) for field in reversed(fields(current)))


def balanced(node: Any, known: dict[int, Any] | None = None) -> Any:
    """The query with each chain of ``and`` or ``or`` as a balanced tree.

    The parser nests a chain to the left. The translator recurses into it, and fails at some 500 conditions.
    """
    known = {} if known is None else known
    if isinstance(node, tuple | list):
        return type(node)(balanced(child, known) for child in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    if id(node) not in known:
        match node:
            case ir.BinaryOp("and" | "or" as operator):
                known[id(node)] = _tree(operator, [balanced(part, known) for part in _chain(node, operator)])
            case _:
                children = {field.name: getattr(node, field.name) for field in fields(node)}
                changed = {name: balanced(child, known) for name, child in children.items()}
                same = all(changed[name] is child or changed[name] == child for name, child in children.items())
                known[id(node)] = node if same else replace(node, **changed)
    return known[id(node)]


def _chain(node: Any, operator: str) -> list[Any]:
    waiting, found = [node], []
    while waiting:
        current = waiting.pop()
        if isinstance(current, ir.BinaryOp) and current.op == operator:
            waiting += [current.right, current.left]
        else:
            found.append(current)
    return found


def _tree(operator: str, parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return ir.BinaryOp(operator, _tree(operator, parts[:middle]), _tree(operator, parts[middle:]))


def conjuncts(predicate: Any) -> Iterator[Any]:
    """The conditions that all have to hold."""
    match predicate:
        case ir.BinaryOp("and", left, right):
            yield from conjuncts(left)
            yield from conjuncts(right)
        case _:
            yield predicate


def asks_the_clock(node: Any) -> bool:
    """Whether the result depends on when the query runs."""
    return any(isinstance(part, ir.FunctionCall) and part.name.lower() in ("now", "ago") for part in nodes(node))


def looks_beyond_its_row(node: Any) -> bool:
    """Whether the result depends on other rows, on a nested query, or on chance."""
    for part in nodes(node):
        if isinstance(part, ir.Query | ir.ToScalar | ir.RowContext | ir.GraphSource):
            return True
        if isinstance(part, ir.FunctionCall):
            name = part.name.lower()
            by_chance = name in NONDETERMINISTIC_FUNCTIONS and name not in ("now", "ago")
            if by_chance or name in ("prev", "next") or name.startswith("row_"):
                return True
    return False


def timespan(node: Any) -> int | None:
    """The microseconds of a timespan literal; None for anything else, and for fractions of a microsecond."""
    match node:
        case ir.LetRef(_, value):
            return timespan(value)
        case ir.UnaryOp("-", operand):
            return None if (length := timespan(operand)) is None else -length
        case ir.Literal(str(text), "timespan"):
            try:
                whole, rest = divmod(ticks(text), 10)
            except ValueError:
                return None
            return None if rest else whole
    return None
