"""Read YAML with every scalar as text (``0612345678`` is not an octal number, ``no`` is Norway), and find typing errors.

PyYAML's nodes are read instead of its values, because only they have lines and columns.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from aks_communication_manager import errors
from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.errors import InvalidArgument, Mark, Mistake, invalid
from aks_communication_manager.text import printable, quoted
from aks_communication_manager.tokens import is_list_token, is_token

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read(path: Path) -> tuple[dict[str, Any], list[Mistake], dict[errors.Path, Mark]]:
    """Read a file: its mapping, mistakes in the YAML, and positions of the values. Raises `InvalidArgument` if it has no mapping."""
    try:
        with path.open(encoding="utf-8-sig") as opened:
            text = opened.read(_FILE_MAX + 1)
    except OSError as error:
        fix = "Create it, or name another file with --config or COMMUNICATION_MANAGER_CONFIG."
        raise invalid("ACM001", f"cannot be read: {error.strerror}", fix) from None
    except UnicodeDecodeError:
        raise invalid("ACM002", "is not UTF-8 text", "Save it as UTF-8.") from None
    if len(text) > _FILE_MAX:
        raise invalid("ACM008", f"the file has more than {_FILE_MAX:,} characters", "Use several files.")
    if strange := NOT_PRINTABLE.search(text):
        raise InvalidArgument(_strange(text, strange.start()))
    try:
        _check_size(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise InvalidArgument(_not_yaml(error, text)) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and _is_nothing(root)):
        raise invalid("ACM004", "is empty", "Write stacks: and below it one entry for each stack.")
    if not isinstance(root, yaml.MappingNode):
        raise invalid("ACM023", "is not a mapping", "It starts with stacks:")
    walk = _Walk()
    return walk.value(root, ()), walk.mistakes, walk.marks


def _at(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _strange(text: str, position: int) -> Mistake:
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    problem = f"not YAML: the character U+{ord(text[position]):04X} is not allowed"
    fix = "Delete it there, or write it as an escape in double quotes."
    return Mistake("ACM003", (), problem, fix, Mark(line, column))


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> Mistake:
    mark: Any = error.problem_mark or error.context_mark
    begun: Any = error.context_mark
    problem = str(error.problem)
    if "duplicate anchor" in str(error.context):
        [anchor] = re.findall(r"^[^\s,\[\]{}]+", text.split("\n")[mark.line][mark.column :])
        fix = "Rename one of them, or put a value that begins with & in quotes."
        problem = f"not YAML: the anchor {anchor} is defined twice, first at {_at(begun)}"
        return Mistake("ACM003", (), problem, fix, _at(mark))
    if problem.startswith("but "):
        problem, begun = f"{error.context}, {problem}", None
    elif error.context:
        problem += f" {error.context}"
        if begun and (begun.line, begun.column) != (mark.line, mark.column):
            problem += f" that begins at {_at(begun)}"
    return Mistake("ACM003", (), f"not YAML: {problem}", _hint(problem, mark, text), _at(mark) if mark else None)


def _hint(problem: str, mark: yaml.Mark | None, text: str) -> str:
    lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text)  # YAML's line breaks: its marks count them all
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    character = line[mark.column : mark.column + 1] if mark else ""
    if "\t" in re.match(r"\s*", line)[0]:  # type: ignore[index]  # it always matches
        return "Indent with spaces, not tabs."
    if mark and (variable := re.match(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", line[mark.column :].removeprefix("$"))):
        return f"Environment variables are not read there: write {{env: {variable[1]}}}, or put the value in quotes."
    if "mapping values are not allowed" in problem:
        return 'Put a value that holds ": " in quotes, and align the keys of one mapping.'
    if character and character in "*&!@%`":
        return f"Put a value that begins with {character} in quotes."
    if "quoted scalar" in problem:
        unclosed = "end of stream" in problem or "document" in problem
        return "Close the quotes." if unclosed else "In double quotes a backslash begins an escape: use single quotes."
    if mark and ("expected key" in problem or "<block end>" in problem or "block mapping" in problem):
        return f"Check the indentation of line {mark.line + 1}: keys of one mapping start in the same column."
    if "another document" in problem:
        return "Remove the line ---: all stacks belong in one document."
    return ""


NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All but the printable characters of YAML (specification 1.2.2, 5.1). PyYAML reports them without a line."""

_FILE_MAX = 10_000_000
_SCALAR_MAX = 100_000
"""Characters of the file and of one value."""

_DEPTH_MAX = 50
_VALUES_MAX = 50_000
"""Aliases of aliases multiply; a config for a thousand clusters has a few thousand values."""

_OPENING = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSING = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def _check_size(text: str) -> None:
    """Reject nested and huge files before the parser builds nodes: deep recursion would crash it, and many nodes take seconds."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        nodes += isinstance(event, (*_OPENING, yaml.ScalarEvent))
        if depth > _DEPTH_MAX:
            problem = "is nested too deeply to be a config"
            raise InvalidArgument(Mistake("ACM008", (), problem, "Close the brackets.", _at(event.start_mark)))
        if nodes > 2 * _VALUES_MAX:  # keys among them
            raise InvalidArgument(_too_many(_at(event.start_mark)))


def _too_many(mark: Mark) -> Mistake:
    problem = f"the file has more than {_VALUES_MAX:,} values, counting those of an alias each time"
    return Mistake("ACM008", (), problem, "Use fewer values.", mark)


def _is_nothing(node: yaml.ScalarNode) -> bool:
    # A quoted one is text. A plain one has the style None, or "" with libyaml.
    return not node.style and node.value in ("", "~", "null", "Null", "NULL")


class _Walk:
    """Walk through the nodes once. Values with a mistake become `INVALID`."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.marks: dict[errors.Path, Mark] = {}
        self._open: set[int] = set()
        self._values = 0

    def value(self, node: yaml.Node, path: errors.Path) -> Any:
        self._values += 1
        self.marks.setdefault(path, _at(node.start_mark))
        if self._values > _VALUES_MAX:
            raise InvalidArgument(_too_many(_at(node.start_mark)))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            self._report("ACM008", node, "recursive alias", "Write it out.")
            return INVALID
        self._open.add(id(node))
        try:
            return self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        finally:
            self._open.remove(id(node))

    def _report(self, code: str, node: yaml.Node, problem: str, fix: str) -> None:
        self.mistakes.append(Mistake(code, (), problem, fix, _at(node.start_mark)))

    def _scalar(self, node: yaml.ScalarNode, path: errors.Path) -> Any:
        if _is_nothing(node):
            self.mistakes.append(Mistake("ACM006", path, "has no value", "Add a value, or remove the key."))
            return INVALID
        if len(node.value) > _SCALAR_MAX:
            problem = f"has {len(node.value):,} characters, and a value may have at most {_SCALAR_MAX:,}"
            self.mistakes.append(Mistake("ACM008", path, problem, "Shorten it."))
            return INVALID
        if not node.style and re.fullmatch("[“”„‟«»‘’‚‛].*[“”„‟«»‘’‚‛]", node.value, re.DOTALL):
            problem = (
                f"{quoted(node.value)} begins and ends with typographic quotes, which YAML takes as part of the value"
            )
            self.mistakes.append(Mistake("ACM070", path, problem, "Use \" or ', or put the whole value in quotes."))
            return INVALID
        if is_token(node.value) or is_list_token(node.value):
            problem = "contains TfToken[, which CDK for Terraform reserves"
            self.mistakes.append(Mistake("ACM009", path, problem, "Remove it."))
            return INVALID
        if node.value.startswith("<fill in ") and node.value.endswith(">"):
            wanted = node.value.removeprefix("<fill in ").removesuffix(">")
            self.mistakes.append(Mistake("ACM015", path, "is a placeholder", f"Fill in {printable(wanted)}."))
            return INVALID
        return node.value

    def _list(self, node: yaml.Node, path: errors.Path) -> list[Any]:
        return [self.value(entry, (*path, index)) for index, entry in enumerate(node.value)]

    def _mapping(self, node: yaml.Node, path: errors.Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._report("ACM003", key_node, "a key is not text", "Write key: value.")
            elif key == "<<" and not key_node.style:
                fix = "Put what stacks have in common under `defaults:`; aliases work too."
                self._report("ACM007", key_node, "<< is not supported", fix)
            elif key in first:
                problem = f"{quoted(key)} is defined twice, first at {first[key]}"
                self._report("ACM005", key_node, problem, "Remove one of them.")
            elif is_token(key):
                problem = "a key contains ${TfToken[, which CDK for Terraform reserves"
                self.mistakes.append(Mistake("ACM009", path, problem, "Remove it."))
            else:
                first[key] = self.marks[(*path, key)] = _at(key_node.start_mark)
                found[key] = self.value(value_node, (*path, key))
        return found
