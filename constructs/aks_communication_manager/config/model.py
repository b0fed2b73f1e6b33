"""The frozen pydantic model that arguments and config share, and its lists and mappings.

Entries are parsed one by one, and the mistakes of a value are raised together, as one `InvalidArgument`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from aks_communication_manager.config.checking import INVALID, Checks, Indexed
from aks_communication_manager.config.references import KINDS, dereferenced, is_reference
from aks_communication_manager.config.validation_errors import (
    NO_LIST,
    hide_value,
    meant,
    mistakes_of,
    shown,
    suggest_reference,
    variable_fix,
)
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.text import quoted

_Key = TypeVar("_Key", str, int)
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class _Gathered:
    """The valid fields of a model, gathered while it is validated."""

    fields: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Indexed[Any]] = field(default_factory=dict)
    """The valid entries of a list with their indices, by field."""


_GATHERED: ContextVar[_Gathered | None] = ContextVar("_GATHERED", default=None)
"""The valid fields of the innermost model in validation."""


_PIPELINE = re.compile(r"\$(?:\{\{[^{}]*\}\}|\([\w.-]+\))")
"""An expression of GitHub Actions or a template of Azure Pipelines, and a variable of Azure Pipelines."""

_LAST_NAME = re.compile(r"([A-Za-z_][\w-]*)\s*[)}]+\s*$")
"""``URL`` in ``${{ secrets.URL }}``; a string in an expression, which can be secret, is none."""


class Model(BaseModel):
    """Frozen, comparable and hashable; unknown keys are mistakes.

    Raises `InvalidArgument` with all mistakes when it is created.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        # A config uses one or two of eleven types of receivers; the others then cost nothing.
        defer_build=True,
    )

    checks: ClassVar[Checks[Any] | None] = None
    """Rules between fields that are right in themselves."""

    takes_variables: ClassVar[tuple[str, ...]] = ()
    """Fields whose value may be ``{variable: NAME}``, but no other reference."""

    accepts_references: ClassVar[bool] = False
    """Whether every other value may be ``{env: NAME}``, ``{file: PATH}`` or ``{variable: NAME}``."""

    use_instead: ClassVar[str] = ""
    """How to create an instance, for abstract classes."""

    removed: ClassVar[Mapping[str, str]] = {}
    """Former keys, with what to do instead."""

    _entries: Mapping[str, Indexed[Any]] | None = PrivateAttr(None)

    def __init__(self, /, **data: Any) -> None:
        if "use_instead" in vars(type(self)):
            raise TypeError(f"{type(self).__name__} is abstract: use {self.use_instead}")
        mistakes: list[Mistake] = []
        invalid = {key for key, value in data.items() if value is INVALID}
        # A misspelt key is neither missing nor at its default: its one mistake is that it is unknown.
        unknown = data.keys() - type(self).model_fields.keys() - self.removed.keys()
        invalid |= {near for key in unknown if (near := meant(key, type(self).model_fields)) and near not in data}
        hidden: dict[str, str] = {}
        for key, value in data.items():
            accepted = self._references(key)
            if accepted and isinstance(value, str) and _PIPELINE.fullmatch(value.strip()):
                invalid.add(key)
                problem = "is an expression of a pipeline, which is not evaluated here"
                name = _LAST_NAME.search(value[-100:])  # a search in a long text would be quadratic
                fix = variable_fix(name[1].replace("-", "_") if name else "NAME")
                mistakes.append(Mistake("ACM015", (key,), problem, fix))
            elif is_reference(value) and accepted:
                try:
                    data[key] = dereferenced(value, only_variables="env" not in accepted)
                except InvalidArgument as error:
                    invalid.add(key)
                    mistakes += [mistake.under(key) for mistake in error.mistakes]
                else:
                    if "variable" not in value:
                        hidden[key] = data[key]
        gathered = _Gathered()
        outer = _GATHERED.set(gathered)
        whole = not invalid
        try:
            super().__init__(**{key: value for key, value in data.items() if key not in invalid})
        except ValidationError as error:
            whole = False
            fields = type(self).model_fields
            found = mistakes_of(error, fields, removed=self.removed, reported=invalid, references=self._references)
            mistakes += [hide_value(mistake, hidden) for mistake in found]
        finally:
            _GATHERED.reset(outer)
        right = {key: value for key, value in gathered.fields.items() if key not in invalid}
        partial = self
        if not whole:
            partial = self.model_construct(**right)
            partial._entries = gathered.entries
        known = {*right, *(f"valid_{name}" for name in gathered.entries)}
        if self.checks:
            mistakes += self.checks.run(partial, known)
        if mistakes or not whole:
            raise InvalidArgument(*mistakes, partial=partial, right=known)

    @classmethod
    def _references(cls, key: str) -> Collection[str]:
        """The kinds of references that the value of a field may be."""
        return ("variable",) if key in cls.takes_variables else KINDS if cls.accepts_references else ()

    @field_validator("*", mode="after")
    @classmethod
    def _gather(cls, value: object, info: ValidationInfo) -> object:
        if (gathered := _GATHERED.get()) is not None and info.field_name is not None:
            gathered.fields[info.field_name] = value
        return value

    @classmethod
    def parse(
        cls, value: Any, problem: str = "is not a mapping", fix: str = "Write keys and values: {key: value}"
    ) -> Self:
        """Create an instance from a mapping; an instance is returned as it is. Raises `InvalidArgument`."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise invalid("ACM023", f"{shown((), value)} {problem}", fix)
        return cls(**value)

    def valid_entries(self, name: str) -> Indexed[Any]:
        """The valid entries of a list with their indices: all of them, unless the model is partial."""
        entries = self._entries
        return tuple(enumerate(getattr(self, name))) if entries is None else entries[name]


def parse_all(
    items: Iterable[tuple[_Key, Any]], parse: Callable[[_Key, Any], _Parsed], found: dict[_Key, Any] | None = None
) -> dict[_Key, _Parsed]:
    """Parse the entries. The mistakes of all of them are raised together, as one `InvalidArgument`.

    `found` receives the valid entries in any case, and a partial model in place of an invalid one.
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
        if isinstance(value, str | bytes | Mapping | BaseModel) or not isinstance(value, Iterable):
            raise invalid(NO_LIST[0], f"{shown((), value)} {NO_LIST[1]}", NO_LIST[2])
        valid: dict[int, Any] = {}
        first: dict[Any, int] = {}

        def parsed(index: int, entry: Any) -> Any:
            found = parse(entry)
            if once and (same := first.setdefault(found, index)) != index:
                raise invalid("ACM026", f"{quoted(entry)} is listed twice, first as {info.field_name}[{same}]", once)
            return found

        try:
            return tuple(parse_all(enumerate(value), parsed, valid).values())
        finally:
            if (gathered := _GATHERED.get()) is not None and info.field_name is not None:
                gathered.entries[info.field_name] = tuple(valid.items())

    return BeforeValidator(check)
