"""Rules that span several values: typed functions, each run as soon as the fields that it needs are right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from aks_communication_manager.errors import Mistake, Path

INVALID = object()
"""Placeholder of a value whose mistake is already reported."""

Finding: TypeAlias = tuple[Path, str, str]
"""Path, problem and fix."""

Kind: TypeAlias = Literal["file", "value", "options", "plan", "warning", "command"]
"""The section of docs/reference/errors.md that has the code. A warning does not stop the program."""

_Value = TypeVar("_Value")
_Item = TypeVar("_Item")
Indexed: TypeAlias = tuple[tuple[int, _Item], ...]
Find: TypeAlias = Callable[[_Value], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check(Generic[_Value]):
    """A check and the fields that it needs."""

    code: str
    """Stable. Several functions can share one."""
    reason: str
    """The function's docstring; empty where another function of the same code has it."""
    needs: frozenset[str]
    """The fields that the function reads."""
    find: Find[_Value]


class Checks(Generic[_Value]):
    """The checks of one type of value, in the order in which they run."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.all: list[Check[_Value]] = []

    def add(self, code: str, *needs: str) -> Callable[[Find[_Value]], Find[_Value]]:
        """Register the decorated function, whose docstring is the reason. See `Check`."""

        def register(find: Find[_Value]) -> Find[_Value]:
            self.all.append(Check(code, " ".join((find.__doc__ or "").split()), frozenset(needs), find))
            return find

        return register

    def run(self, value: _Value, right: Collection[str] | None = None) -> list[Mistake]:
        """Run the checks whose fields are all among those that are `right`; None means that all fields are."""
        known = None if right is None else frozenset(right)
        return [
            Mistake(check.code, *finding)
            for check in self.all
            if known is None or check.needs <= known
            for finding in check.find(value)
        ]


def find_duplicates(
    entries: Iterable[tuple[Path, str, object]], problem: Callable[[object, Path], str], fix: str
) -> Iterator[Finding]:
    """Find entries with the key of an earlier one. Entries: path, key, value to show."""
    first: dict[str, Path] = {}
    for path, key, value in entries:
        if key in first:
            yield path, problem(value, first[key]), fix
        else:
            first[key] = path
