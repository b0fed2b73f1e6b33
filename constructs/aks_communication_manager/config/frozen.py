"""An immutable mapping, so that values that contain one can be compared, hashed and shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

Value = TypeVar("Value", covariant=True)


class FrozenMap(Mapping[str, Value]):
    """An immutable, hashable mapping of text to hashable values."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value] | None = None) -> None:
        self._items: dict[str, Value] = dict(items or {})

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{key!r}: …' for key in self)}}}"  # a value can be a secret

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Copy any mapping."""
        values = handler.generate_schema(get_args(source)[0])
        mapping = core_schema.dict_schema(core_schema.str_schema(), values)
        return core_schema.no_info_after_validator_function(cls, mapping)
