"""Output of commands: results on stdout, remarks on stderr, in any encoding, with colours only on a terminal."""

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
"""ASCII substitutes for non-ASCII characters. Those in tables have one character, so that columns stay aligned."""


def accept_every_character() -> None:
    """Replace characters that the encoding of stdout or stderr lacks, or escape them as ``\\u4e2d``.

    Windows uses cp1252 for files and pipes, and LANG=C means ASCII.
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
    """Console for results. Tables have a fixed width if stdout is not a terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_FILE
    return Console(width=width, highlight=False, emoji=False, markup=False)


def print_json(document: Any) -> None:
    """Print a JSON document, with JSON escapes if stdout cannot encode a character."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    print(text)


def note(message: str) -> None:
    """Print a remark on stderr."""
    print(message, file=sys.stderr)
