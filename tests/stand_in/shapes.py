"""Shapes of request bodies: what the REST specifications say about names, types, enums and what is required.

`read` gives back a clean copy: null means "not given", and what Azure itself writes (``id``, ``etag``, …) may be sent
back, as azurerm does on update, and is dropped. Everything the shape does not name is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.stand_in.refusal import bad_request, unreadable


class Shape(Protocol):
    def read(self, value: Any, path: str) -> Any: ...


@dataclass(frozen=True)
class Text:
    """A string; `choices` is an enum that Azure does not extend, `pattern` matches the whole."""

    choices: tuple[str, ...] = ()
    pattern: str = ""
    longest: int | None = None
    empty: bool = False

    def read(self, value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type(path, "string", value)
        if not value and not self.empty:
            raise bad_request(f"{path}: must not be empty.")
        if self.choices and value not in self.choices:
            raise bad_request(f"{path}: '{value}' is not one of {', '.join(self.choices)}.")
        if self.longest is not None and len(value) > self.longest:
            raise bad_request(f"{path}: has {len(value)} characters, the limit is {self.longest}.")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise bad_request(f"{path}: '{value}' is not valid.")
        return value


@dataclass(frozen=True)
class Number:
    """A number; whole unless `whole` is false."""

    least: float | None = None
    most: float | None = None
    whole: bool = True

    def read(self, value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            raise _wrong_type(path, "integer" if self.whole else "number", value)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise bad_request(f"{path}: {value} is not between {self.least} and {self.most}.")
        return value


class Flag:
    """true or false."""

    def read(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            raise _wrong_type(path, "boolean", value)
        return value


class ReadOnly:
    """Written by Azure; whatever is sent is dropped."""

    def read(self, value: Any, path: str) -> None:
        return None


@dataclass(frozen=True)
class ListOf:
    """An array."""

    item: Shape
    most: int | None = None

    def read(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(path, "array", value)
        if self.most is not None and len(value) > self.most:
            raise bad_request(f"{path}: has {len(value)} entries, the limit is {self.most}.")
        return [self.item.read(item, f"{path}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True)
class MapOf:
    """An object whose keys are the caller's; `key` is the shape of each."""

    item: Shape
    most: int | None = None
    key: Shape | None = None

    def read(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(path, "object", value)
        if self.most is not None and len(value) > self.most:
            raise bad_request(f"{path}: has {len(value)} entries, the limit is {self.most}.")
        if self.key:
            for key in value:
                self.key.read(key, f"{path}: the name '{key}'")
        return {key: self.item.read(item, f"{path}['{key}']") for key, item in value.items()}


@dataclass(frozen=True)
class Object:
    """An object whose keys the specification names."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def read(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(path, "object", value)
        clean: dict[str, Any] = {}
        for key, item in value.items():
            shape = self.required.get(key) or self.optional.get(key)
            if shape is None:
                inside = f"object at '{path}'" if path else "the resource"
                raise unreadable(f"Could not find member '{key}' on {inside}. Path '{_join(path, key)}'")
            if item is not None and (read := shape.read(item, _join(path, key))) is not None:
                clean[key] = read
        for key in self.required:
            if key not in clean:
                raise bad_request(f"Invalid Input : {_join(path, key)}: Property is missing")
        return clean


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _wrong_type(path: str, wanted: str, value: Any) -> Exception:
    return unreadable(f"Error converting value {value!r} to type '{wanted}'. Path '{path}'")


GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

TAGS = MapOf(Text(longest=256, empty=True), most=50, key=Text(pattern=r"[^<>%&\\?/]+", longest=512))
"""Limits of Azure Resource Manager: 50 tags, names of 512 characters and without some, values of 256 characters."""

ENVELOPE: Mapping[str, Shape] = {
    key: ReadOnly() for key in ("id", "name", "type", "etag", "systemData", "managedBy", "plan", "sku")
}
"""What every resource carries besides location, tags and properties, and no caller here sets."""
