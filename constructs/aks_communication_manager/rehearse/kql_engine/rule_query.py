"""A rule's query: whether it can run here, its filters and its windowed form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated, TooMuchWork
from aks_communication_manager.rehearse.kql_engine.library import KqlError, ir
from aks_communication_manager.rehearse.kql_engine.reading import other_tables, parse, without_arg
from aks_communication_manager.rehearse.kql_engine.sql import Translated, to_sql
from aks_communication_manager.rehearse.kql_engine.syntax import conjuncts, nodes, timespan
from aks_communication_manager.rehearse.kql_engine.tables import CHOSEN, NAME, RECORDS, SCHEMA, VISIBLE
from aks_communication_manager.rehearse.kql_engine.windows import Stage, traced, windowed
from aks_communication_manager.text import quoted

_SCOPE = re.compile(
    r"(/subscriptions/[^/]+(?:/resourcegroups/[^/]+(?:/providers/microsoft\.containerservice/managedclusters/[^/]+)?)?)/?",
    re.IGNORECASE,
)
_POSITIVE = {"==", "=~"} | {
    f"{operator}{case}" for operator in ("startswith", "contains", "has", "hasprefix") for case in ("", "_cs")
}


@dataclass(frozen=True, eq=False)
class Pattern:
    """Parsed query shared by all queries that differ only in their prefix. Each text has one object."""

    parsed: ir.Query
    """Without the condition on the id, where the prefix has its place."""

    table: str
    """Table that the query reads in a rehearsal."""

    @cached_property
    def stages(self) -> tuple[Stage, ...] | None:
        """The windowed form; None where there is none."""
        stages = windowed(self.parsed, self.table)
        try:
            for stage in stages or ():
                _ = stage.sql
        except (KqlError, CannotBeEvaluated):
            return None  # a column list that the translator needs is known for the table alone
        return stages

    @cached_property
    def reach(self) -> int:
        """Longest timespan in the query, in microseconds: the furthest it can look back."""
        spans = (timespan(node) for node in nodes(self.parsed) if isinstance(node, ir.Literal))
        return max((span for span in spans if span), default=0)

    @cached_property
    def judges_groups(self) -> bool:
        """Whether the query filters grouped rows, so that it need not report every record."""
        operators = [type(node) for node in nodes(self.parsed) if isinstance(node, ir.Where | ir.Summarize)]
        return ir.Summarize in operators and ir.Where in operators[operators.index(ir.Summarize) :]

    @cached_property
    def filtered_by(self) -> Sequence[str]:
        """Text literals that its conditions require."""
        return [
            text
            for operator in nodes(self.parsed)
            if isinstance(operator, ir.Where)
            for text in _affirmed(operator.predicate)
        ]


@dataclass(frozen=True)
class RuleQuery:
    """A query over ``containerserviceeventresources`` that the translator understands."""

    text: str
    """Without ``arg("")``."""

    prefix: str
    """Prefix of every row's id if one of the first conditions requires it; otherwise empty."""

    pattern: Pattern

    @classmethod
    def parse(cls, query: str) -> RuleQuery:
        """Parse a query. Raises `CannotBeEvaluated`, with the reason, if it reads another table or is not supported."""
        text = without_arg(query)
        if text is None:
            raise CannotBeEvaluated('its query is not over Azure Resource Graph: it has no arg("")')
        shared, prefix = _without_prefix(text)
        pattern = _of_any_prefix(shared) if prefix else None
        try:
            return cls(text, prefix, pattern) if pattern else cls(text, "", _of_its_own(text))
        except CannotBeEvaluated:
            if others := other_tables(query):
                tables = ", ".join(map(quoted, others))
                raise CannotBeEvaluated(f"its query reads {tables}, and only {NAME} is rehearsed") from None
            raise

    @cached_property
    def traced(self) -> Translated | None:
        """The query with the numbers of each row's records in `NUMBER`; None where it joins rows."""
        query = traced(parse(self.text), VISIBLE)
        return to_sql(query, SCHEMA) if query else None

    @cached_property
    def sql(self) -> Translated:
        """The query as it is."""
        return to_sql(parse(self.text), SCHEMA)

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """Clusters, resource groups and subscriptions named by the query's filters."""
        matches = (_SCOPE.fullmatch(text.strip()) for text in (self.prefix, *self.pattern.filtered_by))
        return tuple(dict.fromkeys(match[1] for match in matches if match))

    @cached_property
    def families(self) -> frozenset[str]:
        """Families of which the query reports every event: those named by its filters, or all if none is named.

        Empty if it judges groups, as the query of missed-maintenance does.
        """
        if self.pattern.judges_groups:
            return frozenset()
        texts = [text.lower() for text in self.pattern.filtered_by]
        named = frozenset(
            notice.family
            for notice in NOTICES.values()
            if any(marker in text for marker in notice.markers for text in texts)
        )
        return named or frozenset(notice.family for notice in NOTICES.values() if notice.family)


@lru_cache(maxsize=256)
def _of_its_own(text: str) -> Pattern:
    return Pattern(parse(text), RECORDS)


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
    try:
        parsed = parse(pattern)
    except TooMuchWork:
        raise
    except CannotBeEvaluated:
        return None  # whose message shows the query as it is
    asked = ir.BinaryOp("startswith", ir.ColumnRef("id"), ir.Literal(_ANY, "string"))
    for place, operator in enumerate(parsed.operators):
        if not isinstance(operator, ir.Where):
            return None
        conditions = list(conjuncts(operator.predicate))
        if asked in conditions:
            conditions.remove(asked)
            rest = [ir.Where(condition) for condition in conditions]
            operators = [*parsed.operators[:place], *rest, *parsed.operators[place + 1 :]]
            return Pattern(replace(parsed, operators=operators), CHOSEN)
    return None


def _affirmed(condition: Any) -> list[str]:
    """Text literals that a condition requires; excluded ones are left out."""
    match condition:
        case ir.BinaryOp("and" | "or", left, right):
            return [*_affirmed(left), *_affirmed(right)]
        case ir.BinaryOp(operator, left, right) if operator in _POSITIVE:
            return [one.value for one in (left, right) if isinstance(one, ir.Literal) and isinstance(one.value, str)]
        case ir.InList(items=items, negated=False) | ir.HasList(items=items):
            return [one.value for one in items if isinstance(one, ir.Literal) and isinstance(one.value, str)]
    return []
