"""Arguments of Terraform resources, read as the types that azurerm gives them.

A value that only Terraform knows raises `NotKnown`: an expression in place of a value, a list or a block; a ``dynamic`` block; in a
plan, a value that is known after apply.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from aks_communication_manager.arm.durations import parse as parse_duration
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.text import quoted

_EXPRESSION = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
"""The texts that Terraform converts to booleans."""

_T = TypeVar("_T")


class NotKnown(Exception):
    """The value cannot be used here; the message gives the reason."""


@dataclass(frozen=True)
class Block:
    """The arguments of a resource, or of a block within one."""

    arguments: Mapping[str, Any]

    templates: bool
    """Whether strings are Terraform templates, as in ``.tf.json``; plan and state hold plain values."""

    expressions: Mapping[str, Any] = field(default_factory=dict)
    """Expressions of the configuration, in a plan."""

    unknown: Any = None
    """``after_unknown`` of a plan: true, or an object with true for each argument known after apply. None where it is not given."""

    path: str = ""

    def text(self, key: str, default: str | None = None) -> str:
        """Text, or a number or boolean as Terraform converts it to text."""
        value = self._value(key)
        return self._required(key, default) if value is None else self.as_text(key, value)

    def flag(self, key: str, default: bool) -> bool:
        """A boolean, possibly written as text."""
        value = self._value(key)
        if value is None:
            return default
        found = value if isinstance(value, bool) else _FLAGS.get(value) if isinstance(value, str) else None
        if found is None:
            raise NotKnown(f"its {self.path}{key} is {_kind(value)}, not true or false")
        return found

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number, possibly written as text."""
        value = self._value(key)
        if value is None:
            return self._required(key, default)
        try:
            if isinstance(value, bool) or not math.isfinite(number := float(value)):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise NotKnown(f"its {self.path}{key} is {_kind(value)}, not a number") from None
        return number

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number that Azure takes."""
        number = float(self.number(key, default))
        if not number.is_integer() or not least <= number <= most:
            raise NotKnown(f"its {self.path}{key} is {number:g}; Azure takes whole numbers from {least} to {most}")
        return int(number)

    def duration(self, key: str, least: timedelta, most: timedelta) -> timedelta | None:
        """An ISO 8601 duration in a range, or None where the argument is absent, or empty as a state holds it then."""
        if not (text := self.text(key, "")):
            return None
        try:
            duration = parse_duration(text)
        except InvalidArgument:
            raise NotKnown(f"its {self.path}{key} is {quoted(text)}, which is not a duration") from None
        if not least <= duration <= most:
            raise NotKnown(f"its {self.path}{key} is {quoted(text)}, which Azure does not take")
        return duration

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of text, empty where the argument is absent."""
        return tuple(self.as_text(key, self._known(key, item)) for item in self.items(key))

    def items(self, key: str) -> Sequence[Any]:
        """The items of a list as they are written: expressions too, and None for those known after apply."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise NotKnown(f"its {self.path}{key} is {_kind(value)}, not a list")
        return value

    def block(self, key: str) -> Block | None:
        """The first block of a kind, or None where there is none."""
        return next(iter(self.blocks(key)), None)

    def blocks(self, key: str) -> list[Block]:
        """The blocks of a kind, those of ``dynamic`` blocks too where their ``for_each`` is written out."""
        written = self._value(key)
        found = [written] if isinstance(written, Mapping) else [] if written is None else written
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise NotKnown(f"its {self.path}{key} is {_kind(written)}, not a block")
        expressions, unknown = _listed(self.expressions.get(key)), self._unknown(key)
        unknowns = unknown if isinstance(unknown, list) and len(unknown) == len(found) else [unknown] * len(found)
        return [
            Block(
                one,
                self.templates,
                expressions[place] if len(expressions) == len(found) else {},
                unknowns[place],
                f"{self.path}{key}.",
            )
            for place, one in enumerate(found)
        ] + [Block(one, self.templates, path=f"{self.path}{key}.") for one in self._dynamic(key)]

    def names(self) -> list[str]:
        """The names of arguments and blocks, also of those known after apply."""
        unknown = self.unknown if isinstance(self.unknown, Mapping) else {}
        dynamic = (key for one in self._dynamics() for key in one)
        return list(dict.fromkeys([*self.arguments, *self.expressions, *unknown, *dynamic]))

    def references(self, key: str) -> list[str]:
        """The addresses that the expression of an argument refers to, the longest of each, in a plan."""
        expression = self.expressions.get(key)
        found = expression.get("references") if isinstance(expression, Mapping) else None
        names = [name for name in found or () if isinstance(name, str)] if isinstance(found, list) else []
        return [
            name for name in dict.fromkeys(names) if not any(one.startswith((f"{name}.", f"{name}[")) for one in names)
        ]

    def is_expression(self, text: str) -> bool:
        return self.templates and bool(_EXPRESSION.search(text))

    def unescape(self, text: str) -> str:
        return text.replace("$${", "${").replace("%%{", "%{") if self.templates else text

    def _value(self, key: str) -> Any:
        value = self.arguments.get(key)
        if value is None and self._is_unknown(key):
            raise NotKnown(f"its {self.path}{key} is not known before Terraform applies it")
        return None if value is None else self._known(key, value)

    def _known(self, key: str, value: Any) -> Any:
        if value is None:
            raise NotKnown(f"its {self.path}{key} is not known before Terraform applies it")
        if isinstance(value, str) and self.is_expression(value):
            raise NotKnown(f"its {self.path}{key} is a Terraform expression, which only Terraform can compute")
        return value

    def _unknown(self, key: str) -> Any:
        return self.unknown.get(key, False) if isinstance(self.unknown, Mapping) else self.unknown

    def _is_unknown(self, key: str) -> bool:
        unknown = self._unknown(key)
        if unknown is None:
            expression = self.expressions.get(key)
            return isinstance(expression, Mapping) and bool(expression.get("references"))
        return unknown is True

    def _required(self, key: str, default: _T | None) -> _T:
        if default is None:
            raise NotKnown(f"it has no {self.path}{key}")
        return default

    def as_text(self, key: str, value: Any) -> str:
        """A value as Terraform converts it to text."""
        match value:
            case bool():
                return str(value).lower()
            case int():
                return str(value)
            case float():
                return f"{value:.15g}"
            case str():
                return self.unescape(value)
        raise NotKnown(f"its {self.path}{key} is {_kind(value)}, not text")

    def _dynamics(self) -> Iterator[Mapping[str, Any]]:
        yield from _listed(self.arguments.get("dynamic") if self.templates else None)

    def _dynamic(self, key: str) -> Iterator[Mapping[str, Any]]:
        for dynamics in self._dynamics():
            for dynamic in _listed(dynamics.get(key)):
                each, iterator = dynamic.get("for_each"), dynamic.get("iterator", key)
                items = each.items() if isinstance(each, Mapping) else enumerate(each) if isinstance(each, list) else ()
                contents = _listed(dynamic.get("content"))
                if isinstance(each, str) or not contents or not isinstance(iterator, str):
                    raise NotKnown(f"its {self.path}{key} is a dynamic block, which only Terraform can compute")
                for name, value in items:
                    yield _substituted(contents[0], iterator, {"key": name, "value": value})


def _substituted(node: Any, iterator: str, values: Mapping[str, Any]) -> Any:
    """Substitute one element into the content of a dynamic block; other expressions stay."""
    if isinstance(node, Mapping):
        return {key: _substituted(value, iterator, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_substituted(value, iterator, values) for value in node]
    name = re.escape(iterator)
    found = re.fullmatch(rf"\$\{{\s*{name}\.(key|value)(?:\.([\w-]+))?\s*\}}", node) if isinstance(node, str) else None
    if not found:
        return node
    value = values[found[1]]
    if found[2]:
        value = value.get(found[2]) if isinstance(value, Mapping) else None
    return node if value is None else value


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """Normalize an object or a list of objects to a list, without items of other types."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, Mapping)]
    return [value] if isinstance(value, Mapping) else []


def _kind(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return "a number"
        case str():
            return quoted(value)
        case list():
            return "a list"
    return "an object"
