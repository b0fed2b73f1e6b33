"""A rule's query: whether it can be run here, what it filters by, and its rows at any moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.rehearse import windows
from aks_communication_manager.rehearse.table import NAME, SCHEMA, without_arg

if TYPE_CHECKING:
    from duckdb_kql import ir

TRACED = f"{NAME}_traced"
"""All records, numbered."""

CHOSEN = f"{NAME}_chosen"
"""Those whose id begins with the prefix of a rule."""

_SCOPE = re.compile(
    r"(/subscriptions/[^/]+(?:/resourcegroups/[^/]+(?:/providers/microsoft\.containerservice/managedclusters/[^/]+)?)?)/?",
    re.IGNORECASE,
)
_POSITIVE = {
    "==",
    "=~",
    "startswith",
    "startswith_cs",
    "contains",
    "contains_cs",
    "has",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
}


class CannotBeEvaluated(Exception):
    """Why a query cannot be run here."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """What queries have in common that differ in nothing but the prefix. There is one object for each text."""

    parsed: ir.Query
    """Without the condition on the id, where the prefix has its place."""

    table: str
    """What the query reads in a rehearsal."""

    @cached_property
    def windowed(self) -> windows.Windowed | None:
        return windows.of(self.parsed, self.table)

    @cached_property
    def reach(self) -> int:
        """The longest timespan in it, in microseconds: how far back it can look."""
        from duckdb_kql import ir

        spans = (windows._microseconds(one) for one in windows.nodes(self.parsed) if isinstance(one, ir.Literal))
        return max((span for span in spans if span), default=0)

    @cached_property
    def filtered_by(self) -> Sequence[str]:
        """The texts that its conditions ask for."""
        from duckdb_kql import ir

        return [
            text
            for operator in windows.nodes(self.parsed)
            if isinstance(operator, ir.Where)
            for text in _affirmed(operator.predicate)
        ]


@dataclass(frozen=True)
class RuleQuery:
    """A query over ``containerserviceeventresources`` that the translator understands."""

    text: str
    """Without ``arg("")``."""

    prefix: str
    """What the id of each row begins with, where the query says so before all else."""

    pattern: Pattern

    @classmethod
    def parse(cls, query: str) -> RuleQuery:
        """Raises `CannotBeEvaluated`, which says why, for a query that is not over that table alone or not understood."""
        text = without_arg(query)
        if text is None:
            raise CannotBeEvaluated('its query is not over Azure Resource Graph: it has no arg("")')
        shared, prefix = _without_prefix(text)
        pattern = _of_any_prefix(shared) if prefix else None
        return cls(text, prefix, pattern) if pattern else cls(text, "", _of_its_own(text))

    @property
    def windowed(self) -> windows.Windowed | None:
        return self.pattern.windowed

    @property
    def reach(self) -> int:
        """How far back it can look, in microseconds."""
        return self.pattern.reach

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """The clusters, resource groups and subscriptions whose ids its filters name."""
        matches = (_SCOPE.fullmatch(text.strip()) for text in (self.prefix, *self.pattern.filtered_by))
        return tuple(dict.fromkeys(match[1] for match in matches if match))

    @cached_property
    def families(self) -> frozenset[str]:
        """The families of events that its filters name; all where they name none."""
        texts = [text.lower() for text in self.pattern.filtered_by]
        named = frozenset(
            notice.family
            for notice in NOTICES.values()
            if any(marker in text for marker in notice.markers for text in texts)
        )
        return named or frozenset(notice.family for notice in NOTICES.values())


@lru_cache(maxsize=256)
def _of_its_own(text: str) -> Pattern:
    return Pattern(_parsed(text), TRACED)


@lru_cache(maxsize=256)
def _parsed(text: str) -> ir.Query:
    from duckdb_kql import KqlError, ir
    from duckdb_kql.lower import lower
    from duckdb_kql.translate import to_sql

    try:
        parsed = lower(text)
        to_sql(parsed, SCHEMA)
    except KqlError as error:
        raise CannotBeEvaluated(f"the KQL engine cannot run its query: {_one_line(error)}") from None
    defined = {name for name, _ in parsed.lets}
    tables = {one.name for one in windows.nodes(parsed) if isinstance(one, ir.TableRef)} - defined
    if unknown := sorted(name for name in tables if name.lower() != NAME):
        raise CannotBeEvaluated(f"its query reads {', '.join(unknown)}, and only {NAME} is rehearsed")
    if not tables:
        raise CannotBeEvaluated(f"its query does not read {NAME}")
    return parsed


_PREFIX = re.compile(r'"(/subscriptions/[^"\\\s]+/)"')
_ANY = "/subscriptions/any/"


def _without_prefix(text: str) -> tuple[str, str]:
    """The text with a placeholder for the one id in it, and that id; the text as it is where there are several, or none."""
    found = list(_PREFIX.finditer(text))
    if len(found) != 1:
        return text, ""
    [match] = found
    return f"{text[: match.start(1)]}{_ANY}{text[match.end(1) :]}", match[1]


@lru_cache(maxsize=256)
def _of_any_prefix(pattern: str) -> Pattern | None:
    """The query without its condition on the id; None where that is not one of its first conditions."""
    from duckdb_kql import ir

    try:
        parsed = _parsed(pattern)
    except CannotBeEvaluated:
        return None  # whose message shows the query as it is
    asked = ir.BinaryOp("startswith", ir.ColumnRef("id"), ir.Literal(_ANY, "string"))
    for place, operator in enumerate(parsed.operators):
        if not isinstance(operator, ir.Where):
            return None
        conditions = list(windows.conjuncts(operator.predicate))
        if asked in conditions:
            conditions.remove(asked)
            rest = [ir.Where(condition) for condition in conditions]
            operators = [*parsed.operators[:place], *rest, *parsed.operators[place + 1 :]]
            return Pattern(replace(parsed, operators=operators), CHOSEN)
    return None


def _affirmed(condition: Any) -> list[str]:
    """The text literals that a condition asks for; what it excludes is left out."""
    from duckdb_kql import ir

    match condition:
        case ir.BinaryOp("and" | "or", left, right):
            return [*_affirmed(left), *_affirmed(right)]
        case ir.BinaryOp(operator, left, right) if operator in _POSITIVE:
            return [one.value for one in (left, right) if isinstance(one, ir.Literal) and isinstance(one.value, str)]
        case ir.InList(items=items, negated=False) | ir.HasList(items=items):
            return [one.value for one in items if isinstance(one, ir.Literal) and isinstance(one.value, str)]
    return []


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
