"""The frozen pydantic model that every value of ours is, and its words for what pydantic finds wrong.

Arguments and config share these models, so each rule is written once. Mistakes come all together, as `InvalidArgument`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.checking import Checks
from aks_communication_manager.config.forms import Checked
from aks_communication_manager.config.references import dereferenced, is_reference
from aks_communication_manager.errors import InvalidArgument, Mistake, Path, invalid
from aks_communication_manager.text import can_be_secret, did_you_mean, quoted, without_secrets
from aks_communication_manager.tokens import is_token

_Key = TypeVar("_Key", str, int)
_Parsed = TypeVar("_Parsed")


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

    takes_variables: ClassVar[tuple[str, ...]] = ()
    """Fields whose value may be ``{variable: NAME}``, and nothing else that is elsewhere."""

    elsewhere: ClassVar[bool] = False
    """Whether every other value may be ``{env: NAME}``, ``{file: PATH}`` or ``{variable: NAME}``."""

    instead: ClassVar[str] = ""
    """For a class that only groups others: what to write instead of making it itself."""

    def __init__(self, /, **data: Any) -> None:
        if "instead" in vars(type(self)):
            raise TypeError(f"{type(self).__name__} is abstract: use {self.instead}")
        known: dict[str, Any] = {}
        reported = {key for key, value in data.items() if value is Reported}
        mistakes: list[Mistake] = []
        whole = not reported
        hidden: dict[str, str] = {}
        for key, value in [(key, value) for key, value in data.items() if is_reference(value)]:
            if self.elsewhere or key in self.takes_variables:
                try:
                    only_variables = not self.elsewhere or key in self.takes_variables
                    data[key] = dereferenced(value, only_variables=only_variables)
                    if "variable" not in value:
                        hidden[key] = data[key]
                except InvalidArgument as error:
                    reported.add(key)
                    mistakes += [mistake.under(key) for mistake in error.mistakes]
        try:
            # What BaseModel.__init__ does, with a context to gather the right values in.
            self.__pydantic_validator__.validate_python(
                {key: value for key, value in data.items() if key not in reported}, self_instance=self, context=known
            )
        except ValidationError as error:
            whole = False
            mistakes += (_without_value(mistake, hidden) for mistake in _mistakes(error, type(self), reported))
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
            yield from (_without_variable(mistake, detail["input"]).under(*path) for mistake in cause.mistakes)
        elif detail["type"] == "missing":
            key = str(path[-1])
            if key not in reported:
                example = _example(model.model_fields[key])
                fix = f"Write it, for example {key}: {example}" if example else "Write it."
                yield Mistake("ACM020", path, "missing", fix)
        elif detail["type"] == "extra_forbidden":
            yield Mistake("ACM021", path, "unknown key", suggested(str(path[-1]), model.model_fields))
        elif detail["type"] == "literal_error":
            choices = detail["ctx"]["expected"].replace("'", "")
            yield Mistake("ACM025", path, f"{shown(path, detail['input'])} is not a valid value", f"Write {choices}.")
        else:
            code, says, fix = _WORDS.get(detail["type"], ("ACM024", detail["msg"][:1].lower() + detail["msg"][1:], ""))
            what = shown(path, detail["input"])
            if is_token(detail["input"]) or is_reference(detail["input"]):
                says, fix = "cannot be used here", "Write the value itself." if says == _TEXT[1] else fix
                what = "a value that only Terraform knows" if is_token(detail["input"]) else what
            yield Mistake(code, path, f"{what} {says}", fix)


def _example(field: FieldInfo) -> object:
    """The field's own, or that of its form."""
    forms = [{"examples": field.examples}, *(each.form for each in field.metadata if isinstance(each, Checked))]
    return next((form["examples"][0] for form in forms if form.get("examples")), None)


HIDDEN = "the value (hidden, it may be a secret)"


def _without_value(mistake: Mistake, hidden: Mapping[str, str]) -> Mistake:
    """The mistake without a value that was read from the environment or a file, where it is because it is secret."""
    value = hidden.get(str(mistake.path[0])) if mistake.path else None
    if value is None:
        return mistake
    parts = {value, *(part for part in re.split(r"\W", value.rpartition("://")[2]) if len(part) > 3)}
    problem, fix = mistake.problem.replace(quoted(value), HIDDEN), mistake.fix
    if any(part in problem.replace(HIDDEN, "") for part in parts):
        problem = f"{HIDDEN} is not valid"
    if any(part in fix for part in parts):
        fix = "Check what the environment variable or the file holds."
    return replace(mistake, problem=problem, fix=fix)


_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def _without_variable(mistake: Mistake, value: object) -> Mistake:
    """The mistake, with what to do where the value was meant to come from the environment."""
    match = _VARIABLE.fullmatch(value) if isinstance(value, str) and not mistake.path else None
    if match is None:
        return mistake
    fix = (
        "Environment variables are not read there. Replace it before the file is read (envsubst), "
        f"or, for what can be secret, write {{env: {match[1]}}}."
    )
    return replace(mistake, fix=fix)


_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("url", "uri", "endpoint", "webhook", "webhook_url"), ("service_uri", "callback_url", "http_trigger_url")
    ),
    **dict.fromkeys(("email", "mail", "address", "e_mail"), ("email_address",)),
    **dict.fromkeys(("phone", "number", "tel", "mobile"), ("phone_number",)),
    **dict.fromkeys(("country", "prefix_code"), ("country_code",)),
    **dict.fromkeys(("kind",), ("type",)),
    **dict.fromkeys(("role", "role_definition_id"), ("role_id",)),
    **dict.fromkeys(("workflow_id", "logic_app_id"), ("resource_id",)),
    **dict.fromkeys(("function", "function_app_id"), ("function_name", "function_app_resource_id")),
    **dict.fromkeys(("namespace",), ("event_hub_namespace",)),
    **dict.fromkeys(("frequency", "interval", "window", "window_duration"), ("evaluation_frequency",)),
    **dict.fromkeys(("cluster", "clusters", "cluster_id", "cluster_ids", "scope", "ids"), ("scopes",)),
    **dict.fromkeys(("subscription",), ("subscription_id",)),
    **dict.fromkeys(("region",), ("location",)),
    **dict.fromkeys(("resource_group", "rg"), ("resource_group_name", "resource_group")),
    **dict.fromkeys(("resource_group_name",), ("resource_group",)),
    **dict.fromkeys(("action_groups", "receivers", "group"), ("action_group",)),
    **dict.fromkeys(("events", "notifications"), ("notices",)),
    **dict.fromkeys(("prefix", "rule_prefix"), ("name_prefix",)),
    **dict.fromkeys(("delay",), ("ingestion_delay",)),
    **dict.fromkeys(("properties",), ("custom_properties",)),
    **dict.fromkeys(("reader", "readers", "roles"), ("reader_scopes",)),
    **dict.fromkeys(("principal", "object_id"), ("principal_id",)),
}
"""What people write, and what the key is called, for words that are not alike."""


def suggested(key: str, known: Iterable[str]) -> str:
    """``Did you mean service_uri?``"""
    known = list(known)
    meant = [word for word in _SYNONYMS.get(key.lower(), ()) if word in known]
    return f"Did you mean {meant[0]}?" if meant else did_you_mean(key, known)


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


def shown(path: Path, value: object) -> str:
    """A value as errors may show it: URLs and keys can carry secrets, and whole mappings can hold both."""
    if is_reference(value):
        return f"{{{next(iter(value))}: …}}"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return quoted(value)
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}(…)"
    text = str(value)
    if (path and can_be_secret(str(path[-1]))) or without_secrets(text) != text:
        return HIDDEN
    return "None" if value is None else quoted(value)


def a_list(value: Any) -> Iterable[Any]:
    """The value where it is a list, or anything else that gives one entry after the other, but no single entry."""
    if isinstance(value, str | bytes | Mapping | BaseModel) or not isinstance(value, Iterable):
        raise invalid(_LIST[0], f"{shown((), value)} {_LIST[1]}", _LIST[2])
    return value


def each(
    items: Iterable[tuple[_Key, Any]], parse: Callable[[_Key, Any], _Parsed], known: dict[_Key, Any] | None = None
) -> dict[_Key, _Parsed]:
    """What the entries are parsed to. The mistakes of all of them are raised together.

    `known` gets those that are right also then, and of a model that is wrong its fields that are right.
    """
    found: dict[_Key, Any] = {} if known is None else known
    mistakes: list[Mistake] = []
    whole = True
    for key, entry in items:
        try:
            if entry is Reported:
                raise InvalidArgument()
            found[key] = parse(key, entry)
        except InvalidArgument as error:
            whole = False
            mistakes += [_without_variable(mistake, entry).under(key) for mistake in error.mistakes]
            if error.known:
                found[key] = SimpleNamespace(**error.known)
    if not whole:
        raise InvalidArgument(*mistakes)
    return found


def entries(parse: Callable[[Any], object], *, once: str = "") -> BeforeValidator:
    """A list of which each entry is parsed, and known to checks even where others are wrong (see `checking.Known`).

    `once` is what to do about an entry that is there twice, empty where that is for a check to say.
    """

    def check(value: Any, info: ValidationInfo) -> tuple[object, ...]:
        whole = a_list(value)
        known: dict[int, object] = {}

        def parsed(_: int, entry: Any) -> object:
            found = parse(entry)
            if once and found in known.values():
                first = next(index for index, other in known.items() if other == found)
                raise invalid("ACM026", f"{quoted(entry)} is listed twice, first as {info.field_name}[{first}]", once)
            return found

        try:
            return tuple(each(enumerate(whole), parsed, known).values())
        finally:
            if info.context is not None:
                info.context[f"known_{info.field_name}"] = tuple(known.items())

    return BeforeValidator(check)


@dataclass(frozen=True, slots=True)
class Found:
    """A text somewhere within values."""

    path: Path
    text: str = field(repr=False)
    secret: bool
    """Whether it can be one."""


def texts(value: object, path: Path = (), secret: bool = False) -> Iterator[Found]:
    """All texts within models, lists, mappings and scopes."""
    if isinstance(value, Scope):
        value = value.text
    if isinstance(value, str):
        yield Found(path, value, secret)
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from texts(inner, (*path, name), can_be_secret(name) or not type(value).model_fields[name].repr)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts(inner, (*path, name), secret)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from texts(inner, (*path, index), secret)
