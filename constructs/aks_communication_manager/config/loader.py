"""Load a config file: the keys of each stack, and mistakes in the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aks_communication_manager import errors
from aks_communication_manager.config import yaml_file
from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import Mark, Mistake
from aks_communication_manager.text import did_you_mean, nearest, quoted

STACK_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
RESERVED = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
"""Names of devices on Windows, which cannot be names of folders there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The keys of one stack, including those from ``defaults``."""

    name: str
    values: Mapping[str, Any] = field(repr=False)
    defaulted: frozenset[str]
    """The keys that come from ``defaults``."""

    def placed(self, mistake: Mistake) -> Mistake:
        """The mistake at the place to correct it: in ``defaults``, or in the stack."""
        if mistake.path and mistake.path[0] in self.defaulted:
            return mistake.under("defaults")
        return mistake.under("stacks", self.name)


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a config file."""

    entries: tuple[Entry, ...]
    unused: tuple[tuple[str, Any], ...] = field(repr=False)
    """Defaults that every stack replaces, which would not be checked otherwise."""
    mistakes: tuple[Mistake, ...]
    marks: Mapping[errors.Path, Mark]


def load(path: Path) -> Document:
    """Load a config file. Raises `InvalidArgument` if it cannot be read."""
    content, mistakes, marks = yaml_file.read(path)
    defaults = _mapping(content.get("defaults"))
    own = {name: entry for name, entry in _mapping(content.get("stacks")).items() if isinstance(entry, Mapping)}
    entries = tuple(
        Entry(
            name=name,
            values=_with_name(name, _with_files({**defaults, **entry}, path.parent)),
            defaulted=frozenset(key for key in defaults if key not in entry),
        )
        for name, entry in own.items()
    )
    unused = tuple(
        (key, value)
        for key, value in _with_files(defaults, path.parent).items()
        if all(key in entry for entry in own.values())
    )
    return Document(entries, unused, (*mistakes, *_outline(content)), marks)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _outline(content: Mapping[str, Any]) -> Iterator[Mistake]:
    for key in content:
        if key not in ("defaults", "stacks"):
            yield Mistake("ACM021", (key,), "unknown key", did_you_mean(key, ("defaults", "stacks")))
    for key in ("defaults", "stacks"):
        yield from _is_mapping((key,), content.get(key, {}))
    stacks = content.get("stacks", {})
    misspelt = any(nearest(key, ("defaults", "stacks")) == "stacks" for key in content if key != "defaults")
    if stacks == {} and not ("stacks" not in content and misspelt):
        problem = "is empty" if "stacks" in content else "missing"
        yield Mistake("ACM012", ("stacks",), problem, "Write stacks: and below it one entry for each stack.")
    first: dict[str, str] = {}
    for name, entry in _mapping(stacks).items():
        path = ("stacks", name)
        yield from _is_mapping(path, entry)
        problem = fix = ""
        if not STACK_NAME.fullmatch(name):
            problem = f"{quoted(name)} cannot be the name of a stack, because it becomes a folder"
            fix = "1 to 200 letters (a to z), digits, - and _."
        elif RESERVED.fullmatch(name):
            problem = f"{quoted(name)} cannot be the name of a stack: Windows reserves it"
            fix = "Choose another name."
        elif first.setdefault(name.lower(), name) != name:
            taken = first[name.lower()]
            problem = f"{quoted(taken)} is already a stack, and on some systems {quoted(name)} is the same folder"
            fix = "Choose a name that differs in more than letter case."
        if problem:
            yield Mistake("ACM011", path, problem, fix)


def _is_mapping(path: errors.Path, value: Any) -> Iterator[Mistake]:
    if not isinstance(value, Mapping) and value is not INVALID:
        problem = f"{shown(path, value)} is not a mapping"
        yield Mistake("ACM023", path, problem, "Write keys and values: {key: value}")


def _with_name(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with ``{stack}`` in those of the backend replaced by the stack's name, so that defaults can have one."""

    def named(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: named(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [named(entry) for entry in value]
        return value.replace("{stack}", name) if isinstance(value, str) else value

    return {**values, "backend": named(values["backend"])} if "backend" in values else values


def _with_files(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values, with query files and ``{file: …}`` named relative to the config."""

    def named(value: Any) -> Any:
        # A path would lose one slash of a URL, and messages would no longer hide it.
        return str(folder / value) if isinstance(value, str) and value and "://" not in value else value

    def within(value: Any) -> Any:
        if isinstance(value, list):
            return [within(entry) for entry in value]
        if isinstance(value, Mapping):
            if set(value) == {"file"}:
                return {"file": named(value["file"])}
            return {key: within(entry) for key, entry in value.items()}
        return value

    found = {key: within(value) if key in ("action_group", "routes") else value for key, value in values.items()}
    if isinstance(files := values.get("queries"), Mapping):
        found["queries"] = {notice: named(file) for notice, file in files.items()}
    return found
