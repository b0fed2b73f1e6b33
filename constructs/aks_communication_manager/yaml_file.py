"""YAML as a person means it: every scalar is text (``0612345678`` is no octal number, ``no`` is Norway), and slips are found.

PyYAML parses; this walks its nodes, because only they know lines and columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from aks_communication_manager.errors import InvalidConfig, Mistake, quoted

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Absent:
    """Stands where a key has no value, so that it is told once."""


def read(path: Path) -> tuple[dict[str, Any], list[Mistake]]:
    """The file's mapping, and what is wrong with it as YAML. Raises `InvalidConfig` where it is none."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidConfig(
            file,
            Mistake(
                "",
                f"cannot be read: {error.strerror}",
                "Write it, or say with COMMUNICATION_MANAGER_CONFIG=<file> where it is.",
            ),
        ) from None
    except UnicodeDecodeError:
        raise InvalidConfig(file, Mistake("", "is not UTF-8 text", "Save it as UTF-8.")) from None
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _at(mark) if mark else ""
        context = f" {error.context}" if error.context else ""
        raise InvalidConfig(file, Mistake(at, f"not YAML: {error.problem}{context}", _tab_hint(error))) from None
    except yaml.YAMLError as error:
        raise InvalidConfig(file, Mistake("", f"not YAML: {error}".splitlines()[0])) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and root.style is None and not root.value.strip()):
        raise InvalidConfig(file, Mistake("", "is empty", "Write stacks: and below it one entry for each stack."))
    if not isinstance(root, yaml.MappingNode):
        raise InvalidConfig(file, Mistake("", "is not a mapping", "It begins with stacks:"))
    walk = _Walk()
    return walk.value(root, ""), walk.mistakes


def _at(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"


def _tab_hint(error: yaml.MarkedYAMLError) -> str:
    return "Indent with spaces, not tabs." if "'\\t'" in str(error.problem) else ""


class _Walk:
    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.ScalarNode):
            # Quoted it is a text; plain it is nothing.
            if node.style is None and node.value in ("", "~", "null", "Null", "NULL"):
                self.mistakes.append(Mistake(path, "has no value", "Write one, or leave the key out."))
                return Absent
            return node.value
        if id(node) in self._open:
            self.mistakes.append(Mistake(_at(node.start_mark), "an alias refers to what it stands in", "Write it out."))
            return Absent
        self._open.add(id(node))
        try:
            return self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        finally:
            self._open.remove(id(node))

    def _list(self, node: yaml.Node, path: str) -> list[Any]:
        entries = [self.value(entry, f"{path}[{index}]") for index, entry in enumerate(node.value)]
        return [entry for entry in entries if entry is not Absent]

    def _mapping(self, node: yaml.Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, Any] = {}
        for key_node, value_node in node.value:
            at = _at(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                self.mistakes.append(Mistake(at, "a key is not a text", "Write key: value."))
                continue
            key = key_node.value
            if key == "<<" and key_node.style is None:
                self.mistakes.append(
                    Mistake(
                        at, "<< is not read here", "What stacks have in common goes under defaults:; aliases work too."
                    )
                )
            elif key in first:
                self.mistakes.append(
                    Mistake(at, f"{quoted(key)} is there already, at {_at(first[key])}", "Leave one of them out.")
                )
            else:
                first[key] = key_node.start_mark
                found[key] = self.value(value_node, f"{path}.{key}" if path else key)
        return found
