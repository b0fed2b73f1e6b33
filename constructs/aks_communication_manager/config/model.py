"""The frozen pydantic model that every value of ours is, and its words for what pydantic finds wrong.

Arguments and config share these models, so each rule stands once. Mistakes come all together, as `InvalidArgument`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid, quoted

Values = Mapping[str, Any]
"""The fields of a model that are right in themselves, by name."""


class Model(BaseModel):
    """Frozen and comparable, hashable where it holds no mapping; unknown keys are mistakes.

    Raises `InvalidArgument` with every mistake in it when it is made from wrong values.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        # Of eleven kinds of receivers a config uses one or two: the others cost nothing then.
        defer_build=True,
    )

    def __init__(self, /, **data: Any) -> None:
        valid: dict[str, Any] = {}
        mistakes: list[Mistake] = []
        try:
            # What BaseModel.__init__ does, with a context to gather the right values in.
            self.__pydantic_validator__.validate_python(data, self_instance=self, context=valid)
        except ValidationError as error:
            mistakes += _mistakes(error, type(self))
        mistakes += self.relations(valid)
        if mistakes:
            raise InvalidArgument(*mistakes)

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """What is wrong between fields. Called with those that are right, also where others are not:
        pydantic's own model validators stay silent then, and a person would be told twice."""
        return ()

    @field_validator("*", mode="after")
    @classmethod
    def _gather(cls, value: object, info: ValidationInfo) -> object:
        if info.context is not None and info.field_name is not None:
            info.context[info.field_name] = value
        return value


def _mistakes(error: ValidationError, model: type[Model]) -> Iterable[Mistake]:
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"])
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, InvalidArgument):
            yield from (mistake.under(path) for mistake in cause.mistakes)
        elif detail["type"] == "missing":
            key = str(detail["loc"][-1])
            examples = model.model_fields[key].examples if key in model.model_fields else None
            yield Mistake(path, "missing", f"Write it, for example {key}: {examples[0]}" if examples else "Write it.")
        elif detail["type"] == "extra_forbidden":
            yield Mistake(path, "unknown key", did_you_mean(str(detail["loc"][-1]), model.model_fields))
        elif detail["type"] == "literal_error":
            yield Mistake(path, f"{shown(path, detail['input'])} cannot be here", f"Write {detail['ctx']['expected']}.")
        else:
            says, fix = _WORDS.get(detail["type"], (detail["msg"][:1].lower() + detail["msg"][1:], ""))
            yield Mistake(path, f"{shown(path, detail['input'])} {says}", fix)


_LIST = ("is not a list", "Write a list, also for a single one: [ … ]")
_MAPPING = ("is not a mapping", "Write keys and values: {key: value}")
_TEXT = ("is not text", "Write it in quotes.")
_YES_NO = ("is neither true nor false", "Write true or false.")
_WORDS = {
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "string_type": _TEXT,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
}


def _path(location: Iterable[str | int]) -> str:
    path = ""
    for part in location:
        if part == "[key]":  # pydantic's mark for a mapping's key, which stands before it
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


_SECRET_KEYS = ("uri", "url", "key", "token", "secret", "password", "connection_string")


def shown(path: str, value: object) -> str:
    """A value as errors may show it: URLs and keys can carry secrets, and whole mappings can hold both."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}(…)"
    last = path.rsplit(".", 1)[-1].lower()
    if last.endswith(_SECRET_KEYS) or "://" in str(value):
        return "the value (not shown, it may be a secret)"
    return quoted(value)


def a_list(value: Any) -> Iterable[Any]:
    """The value where it is a list, or anything else that gives one entry after the other, but no single entry."""
    if isinstance(value, str | bytes | Mapping | BaseModel) or not isinstance(value, Iterable):
        raise invalid(f"{shown('', value)} {_LIST[0]}", _LIST[1])
    return value


def each_once(
    entries: Iterable[tuple[str, str, object]], problem: Callable[[object, str], str], fix: str
) -> Iterable[Mistake]:
    """A mistake at every later entry whose key was there before. Entries: path, key, what to show."""
    first: dict[str, str] = {}
    for path, key, value in entries:
        if key in first:
            yield Mistake(path, problem(value, first[key]), fix)
        else:
            first[key] = path
