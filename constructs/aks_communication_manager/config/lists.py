"""Lists and mappings whose entries are parsed one by one, so that the mistakes of all of them are reported together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationInfo

from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.config.model import GATHERED
from aks_communication_manager.config.validation_errors import NO_LIST, shown, suggest_reference
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.text import quoted

_Key = TypeVar("_Key", str, int)
_Parsed = TypeVar("_Parsed")


def require_list(value: Any) -> Iterable[Any]:
    """The value, if it is a list or another iterable of entries. Raises `InvalidArgument`."""
    if isinstance(value, str | bytes | Mapping | BaseModel) or not isinstance(value, Iterable):
        raise invalid(NO_LIST[0], f"{shown((), value)} {NO_LIST[1]}", NO_LIST[2])
    return value


def parse_all(
    items: Iterable[tuple[_Key, Any]], parse: Callable[[_Key, Any], _Parsed], found: dict[_Key, Any] | None = None
) -> dict[_Key, _Parsed]:
    """Parse the entries. The mistakes of all of them are raised together, as one `InvalidArgument`.

    `found` receives those that are right also then, and a partial model for one that is wrong.
    """
    found = {} if found is None else found
    mistakes: list[Mistake] = []
    whole = True
    for key, entry in items:
        try:
            if entry is INVALID:
                raise InvalidArgument()
            found[key] = parse(key, entry)
        except InvalidArgument as error:
            whole = False
            mistakes += [suggest_reference(mistake, entry).under(key) for mistake in error.mistakes]
            if error.partial is not None:
                found[key] = error.partial
    if not whole:
        raise InvalidArgument(*mistakes)
    return found


def entries(parse: Callable[[Any], Any], *, once: str = "") -> BeforeValidator:
    """A list whose entries are parsed one by one; checks see the valid ones also where others are wrong.

    `once`: how to correct an entry that is listed twice; empty where that is allowed here.
    """

    def check(value: Any, info: ValidationInfo) -> tuple[object, ...]:
        whole = require_list(value)
        valid: dict[int, Any] = {}
        first: dict[Any, int] = {}

        def parsed(index: int, entry: Any) -> Any:
            found = parse(entry)
            if once and (same := first.setdefault(found, index)) != index:
                raise invalid("ACM026", f"{quoted(entry)} is listed twice, first as {info.field_name}[{same}]", once)
            return found

        try:
            return tuple(parse_all(enumerate(whole), parsed, valid).values())
        finally:
            if (gathered := GATHERED.get()) is not None and info.field_name is not None:
                gathered.entries[info.field_name] = tuple(valid.items())

    return BeforeValidator(check)
