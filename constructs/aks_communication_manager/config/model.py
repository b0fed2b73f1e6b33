"""The frozen pydantic model that every value of ours is, and its words for what pydantic finds wrong.

Arguments and config share these models, so each rule is written once. Mistakes come all together, as `InvalidArgument`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo, field_validator

from aks_communication_manager.config.checking import Checks
from aks_communication_manager.errors import InvalidArgument, Mistake, Path, did_you_mean, invalid, quoted

_T = TypeVar("_T")


class Reported:
    """Takes the place of a value of the config whose mistake has been reported already."""


class Model(BaseModel):
    """Frozen, comparable and hashable; unknown keys are mistakes.

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

    checks: ClassVar[Checks | None] = None
    """What can be wrong between fields that are right in themselves."""

    instead: ClassVar[str] = ""
    """For a class that only groups others: what to write instead of making it itself."""

    def __init__(self, /, **data: Any) -> None:
        if "instead" in vars(type(self)):
            raise TypeError(f"{type(self).__name__} is abstract: use {self.instead}")
        known: dict[str, Any] = {}
        reported = {key for key, value in data.items() if value is Reported}
        mistakes: list[Mistake] = []
        whole = not reported
        try:
            # What BaseModel.__init__ does, with a context to gather the right values in.
            self.__pydantic_validator__.validate_python(
                {key: value for key, value in data.items() if key not in reported}, self_instance=self, context=known
            )
        except ValidationError as error:
            whole = False
            mistakes += _mistakes(error, type(self), reported)
        for key in reported:
            known.pop(key, None)
        if self.checks:
            mistakes += self.checks.run(known)
        if mistakes or not whole:
            raise InvalidArgument(*mistakes, known=known)

    @field_validator("*", mode="after")
    @classmethod
    def _gather(cls, value: object, info: ValidationInfo) -> object:
        if info.context is not None and info.field_name is not None:
            info.context[info.field_name] = value
        return value


def _mistakes(error: ValidationError, model: type[Model], reported: set[str]) -> Iterator[Mistake]:
    for detail in error.errors(include_url=False):
        # "[key]" is pydantic's mark for a mapping's key, which is the part before it.
        path = tuple(part for part in detail["loc"] if part != "[key]")
        cause = detail.get("ctx", {}).get("error")
        if detail["input"] is Reported:
            continue
        if isinstance(cause, InvalidArgument):
            yield from (mistake.under(*path) for mistake in cause.mistakes)
        elif detail["type"] == "missing":
            key = str(path[-1])
            examples = model.model_fields[key].examples if key in model.model_fields else None
            if key not in reported:
                yield Mistake(
                    "ACM020",
                    path,
                    "missing",
                    f"Write it, for example {key}: {examples[0]}" if examples else "Write it.",
                )
        elif detail["type"] == "extra_forbidden":
            yield Mistake("ACM021", path, "unknown key", did_you_mean(str(path[-1]), model.model_fields))
        elif detail["type"] == "literal_error":
            choices = detail["ctx"]["expected"].replace("'", "")
            yield Mistake("ACM025", path, f"{shown(path, detail['input'])} cannot be here", f"Write {choices}.")
        else:
            code, says, fix = _WORDS.get(detail["type"], ("ACM024", detail["msg"][:1].lower() + detail["msg"][1:], ""))
            yield Mistake(code, path, f"{shown(path, detail['input'])} {says}", fix)


_LIST = ("ACM022", "is not a list", "Write a list, also for a single one: [ … ]")
_MAPPING = ("ACM023", "is not a mapping", "Write keys and values: {key: value}")
_TEXT = ("ACM024", "is not text", "Write it in quotes.")
_YES_NO = ("ACM024", "is neither true nor false", "Write true or false.")
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


_SECRET_KEYS = ("uri", "url", "key", "token", "secret", "password", "connection_string")


def shown(path: Path, value: object) -> str:
    """A value as errors may show it: URLs and keys can carry secrets, and whole mappings can hold both."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}(…)"
    last = str(path[-1]).lower() if path else ""
    if last.endswith(_SECRET_KEYS) or "://" in str(value):
        return "the value (hidden, it may be a secret)"
    return quoted(value)


def a_list(value: Any) -> Iterable[Any]:
    """The value where it is a list, or anything else that gives one entry after the other, but no single entry."""
    if isinstance(value, str | bytes | Mapping | BaseModel) or not isinstance(value, Iterable):
        raise invalid(_LIST[0], f"{shown((), value)} {_LIST[1]}", _LIST[2])
    return value


def entries(parse: Callable[[Any], object], *, once: str = "") -> BeforeValidator:
    """A list of which each entry is parsed, and known to checks even where others are wrong (see `checking.Known`).

    Of a model that is wrong, its fields that are right are known. `once` is what to do about an entry that is there twice,
    empty where that is for a check to say.
    """

    def check(value: Any, info: ValidationInfo) -> tuple[object, ...]:
        found: list[object] = []
        known: list[tuple[int, object]] = []
        mistakes: list[Mistake] = []
        whole = True
        for index, entry in enumerate(a_list(value)):
            try:
                if entry is Reported:
                    raise InvalidArgument()
                parsed = parse(entry)
                if once and parsed in found:
                    first = next(place for place, value in known if value == parsed)
                    raise invalid("ACM026", f"{quoted(entry)} is listed twice, first as [{first}]", once)
                found.append(parsed)
                known.append((index, found[-1]))
            except InvalidArgument as error:
                whole = False
                mistakes += [mistake.under(index) for mistake in error.mistakes]
                if error.known:
                    known.append((index, SimpleNamespace(**error.known)))
        if info.context is not None:
            info.context[f"known_{info.field_name}"] = tuple(known)
        if not whole:
            raise InvalidArgument(*mistakes)
        return tuple(found)

    return BeforeValidator(check)
