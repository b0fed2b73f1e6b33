"""Strings within values, with their paths and whether they can be secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.errors import Path
from aks_communication_manager.text import can_be_secret


@dataclass(frozen=True, slots=True)
class StringAt:
    """A string within a value."""

    path: Path
    text: str = field(repr=False)
    secret: bool
    """Whether the field can hold a secret."""


def find_strings(value: object, path: Path = (), secret: bool = False) -> Iterator[StringAt]:
    """All strings within models, lists, mappings and scopes."""
    if isinstance(value, Scope):
        value = value.text
    if isinstance(value, str):
        yield StringAt(path, value, secret)
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from find_strings(
                inner, (*path, name), can_be_secret(name) or not type(value).model_fields[name].repr
            )
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from find_strings(inner, (*path, name), secret)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from find_strings(inner, (*path, index), secret)
