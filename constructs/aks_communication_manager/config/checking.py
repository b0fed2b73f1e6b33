"""Checks of what spans several values: typed functions, each run as soon as everything it looks at is right in itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from aks_communication_manager.errors import Mistake, Path

Finding: TypeAlias = tuple[Path, str, str]
"""Where, what is wrong, and what to write instead."""

Known: TypeAlias = Mapping[str, Any]
"""Values that are right in themselves, by the name under which a check asks for them.

A list is there under its own name when all of its entries are right. Under ``known_<name>`` are the entries that are, each
with its index, whatever the others are.
"""

_Item = TypeVar("_Item")
Indexed: TypeAlias = tuple[tuple[int, _Item], ...]
_Function = TypeVar("_Function", bound=Callable[..., Iterable[Finding]])


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its code, its function, and the names of the function's parameters."""

    code: str
    find: Callable[..., Iterable[Finding]]
    inputs: tuple[str, ...]


@dataclass(slots=True)
class Checks:
    """The checks of one kind of value. Called with a code it registers a function under it."""

    all: list[Check] = field(default_factory=list)

    def __call__(self, code: str) -> Callable[[_Function], _Function]:
        def register(function: _Function) -> _Function:
            names = function.__code__.co_varnames[: function.__code__.co_argcount]
            self.all.append(Check(code, function, names))
            return function

        return register

    def run(self, known: Known) -> Iterator[Mistake]:
        """The mistakes that are found with what is known."""
        for check in self.all:
            if all(name in known for name in check.inputs):
                for finding in check.find(**{name: known[name] for name in check.inputs}):
                    yield Mistake(check.code, *finding)


def each_once(
    entries: Iterable[tuple[Path, str, object]], problem: Callable[[object, Path], str], fix: str
) -> Iterator[Finding]:
    """A finding at every later entry whose key was there before. Entries: path, key, what to show."""
    first: dict[str, Path] = {}
    for path, key, value in entries:
        if key in first:
            yield path, problem(value, first[key]), fix
        else:
            first[key] = path
