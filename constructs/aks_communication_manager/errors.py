"""Everything that this package raises, and the mistakes it reports.

.. code-block:: text

    ValueError
    └── InvalidArgument          everything that is wrong with the arguments of a construct or a value
        └── InvalidConfig        everything that is wrong with a config file
    RuntimeError
    ├── NodeNotFound             CDK for Terraform needs Node.js, which is missing or does not start
    └── FrameworkNotFound        CDK for Terraform itself, or its fork CDK Terrain, is not installed
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

from aks_communication_manager.text import counted, format_path, printable

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the outside in; empty for the value itself."""


class Mark(NamedTuple):
    """A position in a file, counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True, repr=False)
class Mistake:
    """One thing that is wrong in a config or in arguments."""

    code: str
    """Stable, such as ``ACM014``; docs/reference/errors.md says why each exists."""

    path: Path
    """Where, such as ``("stacks", "production", "scopes", 1)``."""

    problem: str
    """The mistake, with the value (never a secret one)."""

    fix: str = ""
    """What to write instead; may be empty where the problem says it."""

    mark: Mark | None = None
    """The position in the file, where the mistake comes from one."""

    def under(self, *parents: str | int) -> Mistake:
        """The same mistake, seen from further out."""
        return replace(self, path=(*parents, *self.path))

    def located(self, marks: Mapping[Path, Mark]) -> Mistake:
        """The same mistake with the position of its value, or of the nearest value around it."""
        if self.mark is not None:
            return self
        places = (self.path[:end] for end in range(len(self.path), 0, -1))
        return replace(self, mark=next((marks[place] for place in places if place in marks), None))

    @property
    def where(self) -> str:
        """The path as text, such as ``stacks.production.scopes[1]``."""
        return format_path(self.path)

    def __repr__(self) -> str:
        """What `str` says: a key of the config, which the path has as it is written, can be a URL with its secret."""
        return f"<Mistake {self}>"

    def __str__(self) -> str:
        if self.path:
            head = f"{self.where}{f' (line {self.mark.line})' if self.mark else ''}: {self.problem}"
        else:
            head = f"{self.mark}: {self.problem}" if self.mark else self.problem
        return "\n".join([f"{head} [{self.code}]", *(f"    {printable(line)}" for line in self.fix.splitlines())])


class InvalidArgument(ValueError):
    """Everything that is wrong with one set of arguments, all of it together.

    A `ValueError`, so pydantic gathers it when a model is a part of another.
    """

    def __init__(self, *mistakes: Mistake, partial: Any = None, right: Collection[str] = ()) -> None:
        self.mistakes = mistakes
        """Empty where everything has been reported already."""
        self.partial = partial
        """The value with its right fields, and defaults in place of the others; None where it is no model."""
        self.right = right
        """The names of the right fields, so that checks can still look at them."""
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class InvalidConfig(InvalidArgument):
    """Everything that is wrong with a config file. Its text is what the program prints on stderr."""

    def __init__(self, file: str, *mistakes: Mistake) -> None:
        self.file = file
        super().__init__(*mistakes)

    def __str__(self) -> str:
        lines = [f"  {line}" for mistake in self.mistakes for line in str(mistake).splitlines()]
        return "\n".join([f"{self.file}: {counted(len(self.mistakes), 'mistake')}", "", *lines])


class NodeNotFound(RuntimeError):
    """Node.js, which CDK for Terraform requires, was not found or did not start."""


class FrameworkNotFound(RuntimeError):
    """The framework that is asked for, CDK for Terraform or CDK Terrain, or any of the two, is not installed."""


def invalid(code: str, problem: str, fix: str = "", *at: str | int) -> InvalidArgument:
    """An `InvalidArgument` with a single mistake, ready to raise."""
    return InvalidArgument(Mistake(code, at, problem, fix))
