"""How messages show values: quoted, shortened, on one line and without secrets; lists in words; suggestions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_SHOWN = 300
"""Longer than any ARM id: the end of an id is what tells two of them apart."""


def without_secrets(text: str) -> str:
    """The text, of each URL in it the scheme alone: a URL can carry a secret, and can be where none belongs."""
    return re.sub(r"://\S+", "://…", text)


def quoted(value: object) -> str:
    """A value as errors show it: in double quotes, shortened, on one line, and without secrets. Lists and mappings can hold both."""
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return f'"{_readable(str(value))}"'


def format_path(path: Sequence[str | int]) -> str:
    """``stacks.production.scopes[1]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_readable(part)}" for part in path).removeprefix(".")


def _readable(text: str) -> str:
    text = without_secrets(text)
    return on_one_line(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def on_one_line(text: str) -> str:
    """The text without line breaks, and without what else would not show or would move a terminal's cursor."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def listed(values: Iterable[object], word: str = "and") -> str:
    """``a, b and c``."""
    *head, last = [str(value) for value in values]
    return f"{', '.join(head)} {word} {last}" if head else last


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean severity?``, or all known words where none is near."""
    import difflib  # only errors need it

    known = list(known)
    lower = [name.lower() for name in known]
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    if not near and len(word) > 2:
        near = [name for name in lower if name.startswith(word.lower())]
    if near:
        return f"Did you mean {next(name for name in known if name.lower() == near[0])}?"
    return f"One of {', '.join(known)}."
