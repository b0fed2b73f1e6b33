"""Writes docs/reference/errors.md: ``PYTHONPATH=constructs:. python tools/write_errors_page.py``.

With ``--check`` it only says whether the committed page is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

from tests.checks.mistakes import found

from aks_communication_manager.checks.codes import REASONS
from aks_communication_manager.config.checking import Kind

FILE = Path(__file__).parents[1] / "docs" / "reference" / "errors.md"
_LONGEST = 400
"""Characters of one line of a message; a longer one is cut in the middle of its value."""

_SECTIONS: Mapping[Kind, tuple[str, str]] = {
    "file": ("The file", "What is wrong with the config file itself, before any of its values is looked at."),
    "value": (
        "One value",
        "What is wrong with a value, or with the keys of one receiver, route, identity or adoption.",
    ),
    "options": ("Values together", "What is wrong between values that are right in themselves."),
    "plan": ("The plan", "What only shows once all resources are known, of one stack or of all stacks."),
    "warning": ("Warnings", "What is reported, and does not stop the program."),
    "command": ("The commands", "What is wrong with the files and options that a command is given."),
}

_HEAD = """# Error codes

Every mistake that the program reports ends its first line with a code. A code is stable: it is never given to another rule.
Here is why each of them exists, with an example of its message. All mistakes of a config are reported together, on stderr, with
exit status 2, and nothing is written then. From Python they are raised together as one `InvalidArgument`, a `ValueError` with the
attribute `mistakes`.

`make generate` writes this page, by making each of these mistakes.
"""


def text() -> str:
    """The page."""
    lines = [_HEAD]
    for section, (title, about) in _SECTIONS.items():
        lines.append(f"## {title}\n\n{about}\n")
        for code, (kind, reason) in REASONS.items():
            if kind == section:
                lines.append(f"### {code}\n\n{reason}\n\n{_example(code)}\n")
    return "\n".join(lines)


def _example(code: str) -> str:
    message = next(str(mistake) for mistake in found(code) if mistake.code == code)
    lines = [line if len(line) <= _LONGEST else f"{line[:120]}…{line[-120:]}" for line in message.splitlines()]
    return indent("\n".join(lines), "    ")


if __name__ == "__main__":
    if "--check" not in sys.argv:
        FILE.write_text(text(), encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text():
        sys.exit(f"docs/reference/{FILE.name} is not up to date: run make generate")
