"""What is said when something given to us is wrong: where it stands, what is wrong with it, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a config or in arguments."""

    path: str
    """Where: a path of keys and indices such as ``stacks.production.scopes[1]``; empty for the value itself."""

    problem: str
    """What is wrong, with the value (never a secret one)."""

    fix: str = ""
    """What to write instead; may be empty where the problem says it."""

    def under(self, parent: str) -> Mistake:
        """The same mistake, seen from one level further out."""
        if not parent:
            return self
        separator = "" if not self.path or self.path.startswith("[") else "."
        return replace(self, path=f"{parent}{separator}{self.path}")

    def __str__(self) -> str:
        head = f"{on_one_line(self.path)}: {self.problem}" if self.path else self.problem
        return "\n".join([head, *(f"    {line}" for line in self.fix.splitlines())])


class InvalidArgument(ValueError):
    """Everything that is wrong with one set of arguments, all of it together.

    A `ValueError`, so pydantic gathers it when a model is a part of another.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class InvalidConfig(InvalidArgument):
    """Everything that is wrong with a config file. Its text is what the program prints on stderr."""

    def __init__(self, file: str, *mistakes: Mistake) -> None:
        self.file = file
        super().__init__(*mistakes)

    def __str__(self) -> str:
        count = f"{len(self.mistakes)} mistake{'s' if len(self.mistakes) != 1 else ''}"
        lines = [f"  {line}" for mistake in self.mistakes for line in str(mistake).splitlines()]
        return "\n".join([f"{self.file}: {count}", "", *lines])


def invalid(problem: str, fix: str = "", at: str = "") -> InvalidArgument:
    """An `InvalidArgument` with a single mistake, ready to raise."""
    return InvalidArgument(Mistake(at, problem, fix))


_SHOWN = 300
"""Longer than any ARM id: the end of an id is what tells two of them apart."""


def quoted(value: object) -> str:
    """A value as errors show it: in double quotes, shortened, on one line, and of a URL the scheme alone.

    A URL can carry a secret, and can stand where none belongs.
    """
    text = re.sub(r"://\S+", "://…", str(value))
    return f'"{on_one_line(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")}"'


def on_one_line(text: str) -> str:
    """The text without line breaks, and without what else would not show or would move a terminal's cursor."""
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
