"""Split KQL into comments, strings, placeholders and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a query text."""

    kind: str
    """``comment``, ``string``, ``placeholder`` or ``code``."""

    text: str

    start: int
    """Offset in the query text."""


# The string literals of KQL: multi-line, verbatim (a quote is doubled) and plain (a quote is escaped); an h before them
# hides the value from logs.
_PIECES = re.compile(
    r"""(?P<comment>//[^\r\n]*)
      | (?P<string>[hH]?(?:```.*?```|~~~.*?~~~|@"(?:[^"]|"")*"|@'(?:[^']|'')*'
                          |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'))
      | (?P<placeholder><[A-Za-z][A-Za-z0-9_-]*>)""",
    re.VERBOSE | re.DOTALL,
)


def pieces(text: str) -> Iterator[Piece]:
    """Divide the text into pieces; joined, they are the text."""
    end = 0
    for match in _PIECES.finditer(text):
        if match.start() > end:
            yield Piece("code", text[end : match.start()], end)
        yield Piece(str(match.lastgroup), match.group(), match.start())
        end = match.end()
    if end < len(text):
        yield Piece("code", text[end:], end)


def code(text: str) -> str:
    """The query's structure, as long as the query: comments and the insides of strings are blank."""
    return "".join(_blank(piece) for piece in pieces(text))


def _blank(piece: Piece) -> str:
    if piece.kind in ("code", "placeholder"):
        return piece.text
    blank = re.sub(r"[^\n]", " ", piece.text)
    return f'"{blank[1:-1]}"' if piece.kind == "string" else blank
