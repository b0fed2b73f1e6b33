"""Query texts: found, filled in, and never changed in their structure by what is filled in.

The files in ``queries/`` are templates with placeholders in angle brackets. A placeholder counts in KQL code only;
in a comment it is left as it is, because a filled-in line break would end the comment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

from aks_communication_manager.arm.durations import kql
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.errors import invalid
from aks_communication_manager.kql.lexer import pieces

PLACEHOLDERS = ("scopes", "scope", "window", "window-start", "ingestion-delay", "selection")
"""What a template may contain, each in angle brackets:

* ``<scopes>``: true for rows of the watched scopes, however many they are
* ``<scope>``: the one watched scope as a string literal, without a slash at its end
* ``<window>``: true for rows of the time that one evaluation covers, by their ``eventTime``
* ``<window-start>``, ``<ingestion-delay>``: the same for a query that writes the condition itself, as timespan literals for `ago`
* ``<selection>``: true for rows that have the dimension, and the values a route is about
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which values of the notice's dimension a rule is about. Letter case makes no difference."""

    only: tuple[str, ...] = ()
    """These; empty for all."""

    excluding: tuple[str, ...] = ()
    """But not these."""


ALL = Selection()
"""Every record that has a value at all: one without is not a notice."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that one evaluation covers, as durations before it."""

    start: timedelta

    end: timedelta | None = None
    """None for no upper bound: what lies ahead is reported too."""

    @property
    def condition(self) -> str:
        """True for rows in the window."""
        upper = f" and eventTime < ago({kql(self.end)})" if self.end is not None else ""
        return f"eventTime >= ago({kql(self.start)}){upper}"


@cache
def load(notice: str, variant: str = "hardened") -> str:
    """The template of a notice, ``hardened`` or ``documented``.

    Comments below the first lines are for those who maintain the query, and stay behind: every rule would carry them.
    An installed wheel has ``queries/`` inside the package, a checkout beside ``constructs/``.
    """
    from importlib.resources import files  # costs more than this whole module

    name = f"{notice}.kql" if variant == "hardened" else f"{variant}/{notice}.kql"
    for folder in (files("aks_communication_manager") / "queries", Path(__file__).parents[3] / "queries"):
        if (file := folder.joinpath(name)).is_file():
            head, code = re.split(r"^(?!//)", file.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)
            return head + re.sub(r"^//.*\n", "", code, flags=re.MULTILINE)
    raise invalid(
        "ACM051",
        f"there is no {variant} query for {notice}",
        "Take the hardened query, or give a query file of your own.",
    )


def quote(text: str) -> str:
    """The text as a KQL string literal, in which nothing of it can end the literal."""
    return f'"{_UNSAFE.sub(_escape, text)}"'


_UNSAFE = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]')


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04x}"


def render(
    template: str,
    *,
    scopes: Sequence[Scope],
    window: Window,
    selection: Selection = ALL,
    dimension: str = "status",
) -> str:
    """The template with every placeholder filled in, in one pass: what is filled in is not searched again."""
    cut, present = _cut(template)
    # The checks have refused anything else: without its filter a query would report the events of others.
    assert len(scopes) == 1 or (scopes and "<scope>" not in present)
    assert selection == ALL or "<selection>" in present
    literals = [scope.literals or (quote(scope.text), quote(f"{scope.text}/")) for scope in scopes]
    values = {
        "<scopes>": _within([with_slash for _, with_slash in literals]),
        "<scope>": literals[0][0],
        "<window>": window.condition,
        "<window-start>": kql(window.start),
        "<ingestion-delay>": kql(window.end or timedelta()),
        "<selection>": _chosen(selection, dimension),
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
    return tests[0] if len(tests) == 1 else "({})".format("\n  or ".join(tests))


def _chosen(selection: Selection, dimension: str) -> str:
    only = f"{dimension} in~ ({_literals(selection.only)})" if selection.only else f"isnotempty({dimension})"
    return f"{only} and {dimension} !in~ ({_literals(selection.excluding)})" if selection.excluding else only


def _literals(values: Sequence[str]) -> str:
    return ", ".join(quote(value) for value in values)
