"""KQL cut into comments, strings, placeholders and code, as far as rendering and checks need it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a query text, as far as it matters for placeholders and keywords."""

    kind: str
    """``comment``, ``string``, ``placeholder`` or ``code``."""

    text: str

    start: int
    """Where in the query text it begins."""


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
    """The text cut into pieces, of which the whole is made again by joining them."""
    end = 0
    for match in _PIECES.finditer(text):
        if match.start() > end:
            yield Piece("code", text[end : match.start()], end)
        yield Piece(str(match.lastgroup), match.group(), match.start())
        end = match.end()
    if end < len(text):
        yield Piece("code", text[end:], end)
