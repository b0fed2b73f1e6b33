"""Exceptions of this package, and the mistakes that they report.

.. code-block:: text

    ValueError
    └── InvalidArgument          all mistakes in the arguments of a construct or in a value
        └── InvalidConfig        all mistakes in a config file
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
    """A mistake in a config or in arguments."""

    code: str
    """Stable, such as ``ACM014``; docs/reference/errors.md says why each exists."""

    path: Path
    """Path of the value, such as ``("stacks", "production", "scopes", 1)``."""

    problem: str
    """The mistake, with the value (never a secret one)."""

    fix: str = ""
    """How to correct it; empty where the problem says so already."""

    mark: Mark | None = None
    """The position in the file, for a mistake in a file."""

    def under(self, *parents: str | int) -> Mistake:
        """The same mistake with its path below `parents`."""
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
        """The text of `str`, because a key in the path can be a URL with a secret."""
        return f"<Mistake {self}>"

    def __str__(self) -> str:
        if self.path:
            head = f"{self.where}{f' (line {self.mark.line})' if self.mark else ''}: {self.problem}"
        else:
            head = f"{self.mark}: {self.problem}" if self.mark else self.problem
        return "\n".join([f"{head} [{self.code}]", *(f"    {printable(line)}" for line in self.fix.splitlines())])


class InvalidArgument(ValueError):
    """All mistakes in a set of arguments.

    A `ValueError`, so that pydantic collects it from nested models.
    """

    def __init__(self, *mistakes: Mistake, partial: Any = None, right: Collection[str] = ()) -> None:
        self.mistakes = mistakes
        """Empty if all mistakes have been reported already."""
        self.partial = partial
        """The model with its valid fields and defaults for the others, or None if the value is not a model."""
        self.right = right
        """Names of the valid fields, which checks can still use."""
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class InvalidConfig(InvalidArgument):
    """All mistakes in a config file. The program prints its text on stderr."""

    def __init__(self, file: str, *mistakes: Mistake) -> None:
        self.file = file
        super().__init__(*mistakes)

    def __str__(self) -> str:
        lines = [f"  {line}" for mistake in self.mistakes for line in str(mistake).splitlines()]
        return "\n".join([f"{self.file}: {counted(len(self.mistakes), 'mistake')}", "", *lines])


class NodeNotFound(RuntimeError):
    """Node.js, which CDK for Terraform requires, was not found or did not start."""


class FrameworkNotFound(RuntimeError):
    """The requested framework, CDK for Terraform or CDK Terrain, is not installed, or neither of them is."""


def invalid(code: str, problem: str, fix: str = "", *at: str | int) -> InvalidArgument:
    """An `InvalidArgument` with a single mistake, ready to raise."""
    return InvalidArgument(Mistake(code, at, problem, fix))
