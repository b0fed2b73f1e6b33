"""Results on stdout and everything else on stderr, in whatever encoding they have, with colours on a terminal alone."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OF_A_FILE = 120


_SUBSTITUTES = {"→": "->", "·": "-", "…": ".", "✓": "+", "✗": "x", "×": "x", "–": "-", "’": "'"}
"""ASCII in place of our other characters. In tables each is one character, so that columns stay aligned."""


def accept_every_character() -> None:
    """Let stdout and stderr show characters that their encoding lacks, by a substitute or as an escape such as ``\\u4e2d``.

    Windows writes cp1252 into files and pipes, and LANG=C is ASCII.
    """
    codecs.register_error("substitute", _substitute)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="substitute")


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    escaped = (_SUBSTITUTES.get(char) or char.encode("ascii", "backslashreplace").decode() for char in characters)
    return "".join(escaped), error.end


def console() -> Console:
    """For results. Where stdout is not a terminal, tables get the room that a log has."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_FILE
    return Console(width=width, highlight=False, emoji=False, markup=False)


def print_json(document: Any) -> None:
    """One JSON document, with JSON's own escapes where stdout cannot encode a character."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    print(text)


def note(message: str) -> None:
    """A remark, on stderr."""
    print(message, file=sys.stderr)
