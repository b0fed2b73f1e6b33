"""Results on stdout and everything else on stderr, with colours on a terminal alone."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OF_A_FILE = 120


def console() -> Console:
    """For results. Where stdout is not a terminal, tables get the room that a log has."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_FILE
    return Console(width=width, highlight=False, emoji=False, markup=False)


def print_json(document: Any) -> None:
    """One JSON document."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def note(message: str) -> None:
    """A remark, on stderr."""
    print(message, file=sys.stderr)
