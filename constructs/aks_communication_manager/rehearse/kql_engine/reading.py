"""Parse a rule's query, which may read one table of Resource Graph and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated, bounded_reading
from aks_communication_manager.rehearse.kql_engine.library import KqlError, KqlUnsupportedError, ir, lower
from aks_communication_manager.rehearse.kql_engine.sql import to_sql
from aks_communication_manager.rehearse.kql_engine.syntax import balanced
from aks_communication_manager.rehearse.kql_engine.tables import NAME, SCHEMA
from aks_communication_manager.text import quoted

_ARG = re.compile(
    r"""(?P<arg>\barg\s*\(\s*(?:""|'')\s*\)\s*\.\s*)(?=(?P<table>\w*))
    |(?P<parse>\|\s*parse\s+(?:kind\s*=\s*(?:simple|relaxed)\s+)?)(?P<parsed>[^|"'\n]+?)(?P<with>\s+with\s+)(?=[A-Za-z_])
    |//[^\n]*|@?"(?:\\.|[^"\\\n])*"|@?'(?:\\.|[^'\\\n])*'""",
    re.VERBOSE,
)
_START = '"\\u0001"'
"""A text before the parsed one, for patterns that begin with a column: the translator takes those that begin with a text."""
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN_ROWS = (ir.DataTable, ir.PrintSource, ir.RangeSource, ir.GraphSource)
"""Sources that read no table themselves."""


def without_arg(query: str) -> str | None:
    """Rewrite a query for the local table, without ``arg("").``. None for a query that does not read Resource Graph."""
    found = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal found
        found = found or match["arg"] is not None
        if match["parse"] is not None:
            return f"{match['parse']}strcat({_START}, {match['parsed']}){match['with']}{_START} "
        # Blanks in its place: line and column in the translator's messages stay right.
        return match[0] if match["arg"] is None else " " * len(match[0])

    bare = _ARG.sub(replaced, query)
    return bare if found else None


def other_tables(query: str) -> list[str]:
    """Tables of Resource Graph in the query that cannot be rehearsed."""
    named = (match["table"] for match in _ARG.finditer(query) if match["table"])
    return [name for name in dict.fromkeys(named) if name.lower() != NAME]


def parse(text: str) -> ir.Query:
    """Parse a query without ``arg("")``. Raises `CannotBeEvaluated` if the engine does not support it or it reads any other table."""
    parsed = _parsed(text)
    if isinstance(parsed, CannotBeEvaluated):
        raise type(parsed)(str(parsed))
    return parsed


@lru_cache(maxsize=256)
def _parsed(text: str) -> ir.Query | CannotBeEvaluated:
    try:
        text.encode()
    except UnicodeEncodeError:
        return CannotBeEvaluated("its query holds half of a surrogate pair, which is not a character")
    try:
        with bounded_reading():
            parsed: ir.Query = balanced(lower(text))
            # Before any SQL is made, so that no other name reaches the database.
            tables = _tables(parsed, frozenset())
        if not tables:
            return CannotBeEvaluated(f"its query does not read {NAME}")
        to_sql(parsed, SCHEMA)
    except KqlUnsupportedError as error:
        lines = text.splitlines()
        word = re.match(r"[\w-]*", lines[error.span.line - 1][error.span.column :]) if error.span else None
        used = (
            f"{word[0]} in line {error.span.line}"
            if error.span and word and word[0]
            else error.construct.removeprefix("aggregate:")
        )
        return CannotBeEvaluated(f"its query uses {used}, which rehearse cannot run")
    except KqlError as error:
        return CannotBeEvaluated(f"the KQL engine cannot run its query: {' '.join(str(error).split())}")
    except CannotBeEvaluated as error:
        return error
    return parsed


def _tables(node: Any, bound: frozenset[str]) -> bool:
    """Whether the node reads the table. Raises `CannotBeEvaluated` where it reads another.

    `bound` has the names of the ``let`` statements that are visible here: those before, never a statement's own.
    """
    match node:
        case tuple() | list():
            return max((_tables(child, bound) for child in node), default=False)
        case ir.Query(source, operators, lets):
            found = False
            for name, value in lets:
                found |= _tables(value, bound)
                if isinstance(value, ir.Query):
                    if not _IDENTIFIER.fullmatch(name) or name.lower() in (NAME, *map(str.lower, bound)):
                        raise CannotBeEvaluated(f"its query gives {quoted(name)} to a let statement; use another name")
                    bound |= {name}
            return _tables(source, bound) | _tables(operators, bound) | found
        case ir.TableRef(name=name, database=None, cluster=None) if name in bound:
            return False
        case ir.TableRef(name=name, database=None, cluster=None) if name.lower() == NAME:
            return True
        case ir.TableRef():
            raise CannotBeEvaluated(f"its query reads {quoted(node.qualified)}, and only {NAME} is rehearsed")
        case ir.Source() if not isinstance(node, _OWN_ROWS):
            raise CannotBeEvaluated(f"its query reads more than {NAME}, and only that is rehearsed")
    if is_dataclass(node) and not isinstance(node, type):
        return _tables([getattr(node, field.name) for field in fields(node)], bound)
    return False
