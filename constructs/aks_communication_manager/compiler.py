"""From a config file, or from a construct's arguments, to checked plans: each value parsed once, each query rendered once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aks_communication_manager import errors
from aks_communication_manager.checks import declared_variables, estate
from aks_communication_manager.checks.plan_limits import PLAN, Planned
from aks_communication_manager.checks.registry import ARGUMENTS, OPTION_WARNINGS, OPTIONS, STACK
from aks_communication_manager.config.loader import Document, Entry, load
from aks_communication_manager.config.options import Arguments, Options
from aks_communication_manager.config.receivers import EmailReceiver
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.config.strings import find_strings
from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mistake
from aks_communication_manager.plan import planner
from aks_communication_manager.plan.names import Place
from aks_communication_manager.plan.resources import Plan, PlannedGroup
from aks_communication_manager.text import listed, quoted

_Options = TypeVar("_Options", bound=Arguments | StackSettings)


@dataclass(frozen=True, slots=True)
class CompiledStack:
    """One stack of a config: what it is given, and everything that it will contain."""

    name: str
    settings: StackSettings
    plan: Plan
    email_addresses: tuple[str, ...] = field(default=(), repr=False)
    """Of the e-mail receivers, those that are written in the config: others can be secret, or only Terraform knows them."""


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

    def chosen(self, stack: str | None) -> tuple[CompiledStack, ...]:
        """The stack of this name; all where it is None. Raises `InvalidConfig` where there is any mistake or no such stack."""
        found = tuple(each for each in self.checked() if stack in (None, each.name))
        if not found:
            self.require(stack)
        return found

    def require(self, stack: str | None) -> None:
        """Raise `InvalidArgument` where there is no stack of this name, with or without mistakes."""
        wrong = (
            str(mistake.path[1]) for mistake in self.mistakes if len(mistake.path) > 1 and mistake.path[0] == "stacks"
        )
        names = list(dict.fromkeys([*(each.name for each in self.stacks), *wrong]))
        if stack is not None and stack not in names:
            fix = f"Its stack{'s are' if len(names) > 1 else ' is'} {listed(names)}." if names else "It has no stacks."
            raise errors.invalid("ACM016", f"{quoted(stack)} is not a stack of {self.file}", fix, "--stack")


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
        settings, planned, wrong = _compile_stack(entry, plans.values())
        mistakes += [entry.placed(mistake) for mistake in wrong]
        if planned:
            plans["stacks", entry.name] = planned
            if settings and not wrong:
                stacks.append(CompiledStack(entry.name, settings, planned, _written_addresses(entry, planned)))
    mistakes += _unused_defaults(document)
    mistakes += estate.ESTATE.run(plans)
    mistakes += estate.BACKENDS.run({("stacks", stack.name): stack.settings for stack in stacks})
    located = dict.fromkeys(mistake.located(document.marks) for mistake in mistakes)
    warnings = [
        *(
            entry.placed(warning)
            for entry in document.entries
            for warning in declared_variables.WRITTEN.run(entry.values)
        ),
        *(warning.under("stacks", stack.name) for stack in stacks for warning in OPTION_WARNINGS.run(stack.settings)),
        *estate.WARNINGS.run(plans),
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
    others: estate.Plans | None = None,
    comparable: Callable[[Plan], Plan] = lambda plan: plan,
    label: str = "",
) -> tuple[Plan, tuple[Mistake, ...]]:
    """The plan of a construct, and its warnings. Raises `InvalidArgument`.

    `addresses`: what tokens resolve to. `others`: the plans that the program has made so far, by what makes them.
    `comparable`: makes the plan one that can be compared with those. `label`: distinguishes it from those.
    """
    options = check_arguments(arguments)
    place = Place(
        subscription_id=subscription_id, resource_group=options.resource_group_name, location=options.location
    )
    others = others or {}
    planned = _plan_beside(options, place, others.values(), label, addresses, comparable)
    mistakes = PLAN.run(Planned(planned, options))
    found, warnings = conflicts_with(others, comparable(planned))
    if mistakes or found:
        raise InvalidArgument(*mistakes, *found)
    return planned, (*OPTION_WARNINGS.run(options), *warnings)


def conflicts_with(others: estate.Plans, plan: Plan) -> tuple[list[Mistake], list[Mistake]]:
    """Mistakes and warnings that a plan brings to a program that has others."""
    plans = {**others, (): plan}
    found = estate.ESTATE.run(plans), estate.WARNINGS.run(plans)
    mistakes, warnings = ([mistake for mistake in some if mistake.path[:1] not in others] for some in found)
    return mistakes, warnings


def check_arguments(arguments: Mapping[str, Any]) -> Arguments:
    """The arguments of a construct. Raises `InvalidArgument`, also for unknown names of arguments."""
    options, valid, mistakes = _parse(Arguments, arguments)
    mistakes += [*OPTIONS.run(options, valid), *ARGUMENTS.run(options, valid)]
    if mistakes:
        raise InvalidArgument(*mistakes)
    return options


def _parse(model: type[_Options], values: Mapping[str, Any]) -> tuple[_Options, Collection[str], list[Mistake]]:
    """Options, with defaults in place of invalid values; names of the valid fields; mistakes of single values."""
    try:
        return model(**values), {*model.model_fields, "valid_scopes"}, []
    except InvalidArgument as error:
        return error.partial, error.right, [*error.mistakes]


NEEDED_TO_PLAN = frozenset(
    {
        *("subscription_id", "location", "resource_group", "provider", "scopes", "action_group", "notices", "routes"),
        *("query", "queries", "grouping", "resolved_messages", "health_alert", "rules"),
        *("identity", "reader_scopes", "name_prefix", "adopt", "variables"),
    }
)
"""What decides which resources there are, and their names: with these right, a stack is compared with others."""


def _compile_stack(
    entry: Entry, others: Collection[Plan] = ()
) -> tuple[StackSettings | None, Plan | None, list[Mistake]]:
    options, valid, mistakes = _parse(StackSettings, entry.values)
    settings = None if mistakes else options
    conflicts = [*OPTIONS.run(options, valid), *STACK.run(options, valid)]
    mistakes += conflicts
    if conflicts or not set(valid) >= NEEDED_TO_PLAN:
        return settings, None, mistakes
    place = Place(
        subscription_id=options.subscription_id,
        resource_group=options.resource_group.name,
        location=options.location,
        create=options.resource_group.create,
    )
    planned = _plan_beside(options, place, others, entry.name)
    if settings:
        mistakes += PLAN.run(Planned(planned, settings))
    return settings, planned, mistakes


def _plan_beside(
    options: Options,
    place: Place,
    others: Collection[Plan],
    label: str,
    addresses: Mapping[str, str] | None = None,
    comparable: Callable[[Plan], Plan] = lambda plan: plan,
) -> Plan:
    """The plan, with the label in names of its own where an earlier plan has the same namespace.

    So the first keeps its names whatever is added after it.
    """
    planned = planner.plan(options, place, addresses)
    if comparable(planned).namespace in (other.namespace for other in others):
        planned = planner.plan(options, place, addresses, label=label)
    return planned


def compile_variant(settings: StackSettings, changes: Mapping[str, Any]) -> tuple[Plan | None, list[Mistake]]:
    """The plan of a stack with some keys changed, or why there can be none."""
    _, planned, mistakes = _compile_stack(Entry("", {**dict(settings), **changes}, frozenset()))
    mistakes += estate.ESTATE.run({(): planned} if planned else {})
    return (None if mistakes else planned), mistakes


def _written_addresses(entry: Entry, plan: Plan) -> tuple[str, ...]:
    written = {found.text.strip() for found in find_strings(entry.values) if found.path[-1] == "email_address"}
    receivers = (receiver for group in plan.of(PlannedGroup) for receiver in group.receivers)
    addresses = {receiver.email_address for receiver in receivers if isinstance(receiver, EmailReceiver)}
    return tuple(sorted(addresses & written))


def _unused_defaults(document: Document) -> list[Mistake]:
    """Mistakes in defaults that every stack replaces."""
    mistakes = []
    for key, value in document.unused:
        try:
            StackSettings(**{key: value})
        except InvalidArgument as error:
            mistakes += [mistake.under("defaults") for mistake in error.mistakes if mistake.path[:1] == (key,)]
    return mistakes
