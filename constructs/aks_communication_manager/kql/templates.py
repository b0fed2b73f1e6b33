"""Query templates, composed from files and rendered so that no value changes a query's structure.

The files in ``queries/`` are templates with placeholders in angle brackets. A placeholder counts in KQL code only;
in a comment it is left as it is, because a filled-in line break would end the comment. What several queries have in
common is a file in ``queries/shared/``, which a line ``// include: shared/<file>.kql`` of another is replaced by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal, TypeAlias

from aks_communication_manager.arm.durations import kql
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.errors import invalid
from aks_communication_manager.kql.lexer import pieces

Grouping: TypeAlias = Literal["event", "digest"]
"""Subject of one notification: one event, or all events of one status in one hour."""

OWN_PLACEHOLDERS = ("<scopes>", "<window>", "<window-start>", "<selection>")
"""Placeholders of a team's own query:

* ``<scopes>``: true for rows of the watched scopes, however many they are
* ``<window>``: true for rows whose ``eventTime`` lies within the look-back
* ``<window-start>``: the look-back as a timespan literal for `ago`, for a query that writes the condition itself
* ``<selection>``: true for rows that have the dimension, and the values a route is about

Ours also use ``<scope>`` (the one watched scope as a string literal, without a slash at its end), ``<label>`` (the name
of a cluster in a digest) and ``<window-start-and-2h>``, ``-1d`` and ``-26h`` (`ago` takes no sums).
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Values of the notice's dimension that a rule selects, ignoring letter case."""

    only: tuple[str, ...] = ()
    """Included values; empty for all."""

    excluding: tuple[str, ...] = ()
    """Excluded values."""


ALL = Selection()
"""All records with a value: a record without one is no notice."""


@cache
def load(notice: str, variant: str = "hardened", grouping: Grouping = "event") -> str:
    """The template of a notice, ``hardened`` or ``documented``.

    A query that has one form only, such as that of end-of-support, ignores `grouping`. Comments below the first lines are
    for maintainers and are left out, or every rule would carry them. Raises `InvalidArgument` where there is no such query.
    """
    text = _composed(f"{notice}.kql" if variant == "hardened" else f"{variant}/{notice}.kql", grouping)
    if text is None:
        raise invalid(
            "ACM051",
            f"there is no {variant} query for {notice}",
            "Take the hardened query, or give a query file of your own.",
        )
    head = _HEAD.match(text)
    assert head
    return head[0] + _COMMENT_OR_BLANK.sub("", text[head.end() :])


_HEAD = re.compile(r"(?:(?://|arg\().*\n)*")
_COMMENT_OR_BLANK = re.compile(r"^(?://.*)?\n", re.MULTILINE)
_INCLUDE = re.compile(r"^// include: (\S+)\n", re.MULTILINE)


def _composed(name: str, grouping: Grouping) -> str | None:
    """The text of a file with its includes in their places; None where there is no such file."""
    from importlib.resources import files  # costs more than this whole module

    def included(match: re.Match[str]) -> str:
        text = _composed(match[1].replace("<grouping>", grouping), grouping)
        assert text is not None, match[0]
        return text

    # An installed wheel has `queries/` inside the package, a checkout beside `constructs/`.
    for folder in (files("aks_communication_manager") / "queries", Path(__file__).parents[3] / "queries"):
        if (file := folder.joinpath(name)).is_file():
            return _INCLUDE.sub(included, file.read_text(encoding="utf-8"))
    return None


def quote(text: str) -> str:
    """Quote text as a KQL string literal, with every character escaped that could end it."""
    return f'"{_UNSAFE.sub(_escape, text)}"'


_UNSAFE = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]')


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04x}"


def render(
    template: str,
    *,
    scopes: Sequence[Scope],
    look_back: timedelta,
    selection: Selection = ALL,
    dimension: str = "status",
) -> str:
    """Fill in every placeholder in one pass, so that values are not searched for placeholders.

    `look_back` is the time that one evaluation covers: for the documented query the evaluation frequency.
    """
    cut, present = _cut(template)
    # The checks have refused anything else: without its filter a query would report the events of others.
    assert len(scopes) == 1 or (scopes and "<scope>" not in present)
    assert selection == ALL or "<selection>" in present
    literals = [scope.literals or (quote(scope.text), quote(f"{scope.text}/")) for scope in scopes]
    values = {
        "<scopes>": _within([with_slash for _, with_slash in literals]),
        "<scope>": literals[0][0],
        "<window>": f"eventTime >= ago({kql(look_back)})",
        "<window-start>": kql(look_back),
        "<window-start-and-2h>": kql(look_back + timedelta(hours=2)),
        "<window-start-and-1d>": kql(look_back + timedelta(days=1)),
        "<window-start-and-26h>": kql(look_back + timedelta(hours=26)),
        "<selection>": _chosen(selection, dimension),
        "<label>": _label(scopes),
    }
    return "".join(values[text] if is_placeholder else text for is_placeholder, text in cut)


@cache
def _cut(template: str) -> tuple[tuple[tuple[bool, str], ...], frozenset[str]]:
    """The template in as few stretches as placeholders allow, and these: thousands of rules are written from three templates."""
    stretches: list[tuple[bool, str]] = []
    for is_placeholder, group in groupby(pieces(template), key=lambda piece: piece.kind == "placeholder"):
        texts = [piece.text for piece in group]
        stretches += [(True, text) for text in texts] if is_placeholder else [(False, "".join(texts))]
    return tuple(stretches), frozenset(text for is_placeholder, text in stretches if is_placeholder)


def _within(literals: Sequence[str]) -> str:
    # The slash makes it exact: prod never matches prod-2. startswith ignores letter case, as ARM ids do.
    tests = [f"id startswith {literal}" for literal in literals]
    return tests[0] if len(tests) == 1 else "({})".format("\nor ".join(tests))


def _label(scopes: Sequence[Scope]) -> str:
    """The name of a cluster in a digest: as short as can be while no two clusters of the rule share it."""
    groups = {(scope.subscription_id, scope.resource_group or "") for scope in scopes}
    if len({subscription.lower() for subscription, _ in groups}) > 1:
        return 'strcat(tolower(clusterName), "@", groupName, "@", substring(clusterId, strlen("/subscriptions/"), 36))'
    if len({group.lower() for _, group in groups}) > 1 or "" in {group for _, group in groups}:
        return 'strcat(tolower(clusterName), "@", groupName)'
    return "tolower(clusterName)"


def _chosen(selection: Selection, dimension: str) -> str:
    only = f"{dimension} in~ ({_literals(selection.only)})" if selection.only else f"isnotempty({dimension})"
    return f"{only} and {dimension} !in~ ({_literals(selection.excluding)})" if selection.excluding else only


def _literals(values: Sequence[str]) -> str:
    return ", ".join(quote(value) for value in values)
