"""From a config file, or from a construct's arguments, to checked plans: each value parsed once, each query rendered once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from aks_communication_manager import checks, errors
from aks_communication_manager.config.delivery import Delivery
from aks_communication_manager.config.loader import Document, Entry, load
from aks_communication_manager.config.model import texts
from aks_communication_manager.config.options import Arguments, Options
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mistake
from aks_communication_manager.plan.planner import Place, plan
from aks_communication_manager.plan.resources import Plan

_Options = TypeVar("_Options", bound=Options)


@dataclass(frozen=True, slots=True)
class CompiledStack:
    """One stack of a config: what it is given, and everything that it will contain."""

    name: str
    settings: StackSettings
    plan: Plan


@dataclass(frozen=True, slots=True)
class Compilation:
    """A whole config."""

    file: str
    stacks: tuple[CompiledStack, ...]
    """Those without mistakes of their own."""
    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]

    def checked(self) -> tuple[CompiledStack, ...]:
        """The stacks. Raises `InvalidConfig` where there is any mistake."""
        if self.mistakes:
            raise InvalidConfig(self.file, *self.mistakes)
        return self.stacks


def compile_config(path: Path) -> Compilation:
    """A config file, with all that is wrong with it."""
    try:
        document = load(path)
    except InvalidConfig as error:
        return Compilation(str(path), (), error.mistakes, ())
    mistakes = [*document.mistakes]
    stacks: list[CompiledStack] = []
    plans: dict[errors.Path, Plan] = {}
    for entry in document.entries:
        settings, planned, wrong = _compile_stack(entry)
        mistakes += [entry.placed(mistake) for mistake in wrong]
        if planned:
            plans["stacks", entry.name] = planned
            if settings and not wrong:
                stacks.append(CompiledStack(entry.name, settings, planned))
    mistakes += _unused_defaults(document)
    mistakes += checks.ESTATE.run({"plans": plans})
    located = dict.fromkeys(mistake.located(document.marks) for mistake in mistakes)
    warnings = [
        *(
            entry.placed(warning)
            for entry in document.entries
            for warning in checks.declared_variables.warnings(entry.values)
        ),
        *_warnings({("stacks", stack.name): stack.settings for stack in stacks}),
        *checks.estate.warnings(plans),
    ]
    return Compilation(
        str(path),
        tuple(stacks),
        tuple(located),
        tuple(dict.fromkeys(warning.located(document.marks) for warning in warnings)),
    )


def compile_arguments(
    arguments: Mapping[str, Any],
    *,
    subscription_id: str | None,
    addresses: Mapping[str, str] | None = None,
    others: checks.estate.Plans | None = None,
    comparable: Callable[[Plan], Plan] = lambda plan: plan,
) -> tuple[Plan, tuple[Mistake, ...]]:
    """The plan of a construct, and what is worth a warning.

    `addresses` has what tokens resolve to, `others` what the program has created so far and by whom, `comparable` makes the
    plan one that can be compared with those. Raises `InvalidArgument`.
    """
    options, _, mistakes = _parsed(Arguments, arguments)
    if options is None or mistakes:
        raise InvalidArgument(*mistakes)
    place = Place(
        subscription_id=subscription_id, resource_group=options.resource_group_name, location=options.location
    )
    planned = plan(options, place, addresses)
    mistakes += checks.PLAN.run({"plan": planned, "options": options})
    found, warnings = beside(others or {}, comparable(planned))
    if mistakes or found:
        raise InvalidArgument(*mistakes, *found)
    return planned, (*_warnings({(): options}), *warnings)


def beside(others: checks.estate.Plans, plan: Plan) -> tuple[list[Mistake], list[Mistake]]:
    """Mistakes and warnings that a plan brings to a program that has others."""
    plans = {**others, (): plan}
    found = checks.ESTATE.run({"plans": plans}), checks.estate.warnings(plans)
    mistakes, warnings = ([each for each in some if each.path[:1] not in others] for some in found)
    return mistakes, warnings


def check_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise `InvalidArgument` where the arguments of a construct are wrong, names of arguments among them."""
    _, _, mistakes = _parsed(Arguments, arguments)
    if mistakes:
        raise InvalidArgument(*mistakes)


def _warnings(options: Mapping[errors.Path, Options]) -> Iterator[Mistake]:
    for path, each in options.items():
        yield from (warning.under(*path) for warning in checks.delivery_limits.warnings(each.how, each.scopes))


def _parsed(model: type[_Options], values: Mapping[str, Any]) -> tuple[_Options | None, dict[str, Any], list[Mistake]]:
    """The options where they are right in themselves, those of them that are, and all mistakes."""
    options: _Options | None = None
    try:
        options = model(**values)
        known: dict[str, Any] = {"known_scopes": tuple(enumerate(options.scopes)), **dict(options)}
        mistakes: list[Mistake] = []
    except InvalidArgument as error:
        known, mistakes = dict(error.known), list(error.mistakes)
    if "resource_group" in known:
        known["resource_group_name"] = known["resource_group"].name
    if known.keys() >= _DELIVERY:
        known["how"] = Delivery(**{name: known[name] for name in _DELIVERY})
    if options is not None and known.get("variables"):  # only they are looked for in all values
        known["everything"] = tuple(texts(options))
    mistakes += checks.OPTIONS.run(known)
    return options, known, mistakes


_DELIVERY = frozenset(field.name for field in fields(Delivery))

_UNIQUENESS = StackSettings.model_fields.keys() - {
    *("severity", "tags", "custom_properties", "backend", "evaluation_frequency"),
    *("look_back", "ingestion_delay", "overlap"),
    *("provider_version", "allow_overlap", "allow_other_subscriptions"),
}
"""What decides which resources there are and what they are called. With these right, other stacks can be compared."""


def _compile_stack(entry: Entry) -> tuple[StackSettings | None, Plan | None, list[Mistake]]:
    settings, known, mistakes = _parsed(StackSettings, entry.values)
    options = settings or (StackSettings.model_construct(**known) if known.keys() >= _UNIQUENESS else None)
    if options is None or any(mistake.code >= "ACM100" for mistake in mistakes):
        return settings, None, mistakes
    place = Place(
        subscription_id=options.subscription_id,
        resource_group=options.resource_group.name,
        location=options.location,
        create=options.resource_group.create,
    )
    planned = plan(options, place)
    if settings:
        mistakes += checks.PLAN.run({"plan": planned, "options": settings})
    return settings, planned, mistakes


def compile_variant(settings: StackSettings, changes: Mapping[str, Any]) -> tuple[Plan | None, list[Mistake]]:
    """The plan of a stack with some keys changed, or why there can be none."""
    _, planned, mistakes = _compile_stack(Entry("", {**dict(settings), **changes}, frozenset()))
    mistakes += checks.ESTATE.run({"plans": {(): planned} if planned else {}})
    return (None if mistakes else planned), mistakes


def _unused_defaults(document: Document) -> list[Mistake]:
    """What is wrong with defaults that every stack replaces."""
    mistakes = []
    for key, value in document.unused:
        try:
            StackSettings(**{key: value})
        except InvalidArgument as error:
            mistakes += [mistake.under("defaults") for mistake in error.mistakes if mistake.path[:1] == (key,)]
    return mistakes
