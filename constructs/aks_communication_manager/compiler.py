"""Compile a config file, or a construct's arguments, to checked plans. Each value is parsed once, each query rendered once."""

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
    """One stack of a config: its settings and its plan."""

    name: str
    settings: StackSettings
    plan: Plan
    email_addresses: tuple[str, ...] = field(default=(), repr=False)
    """E-mail addresses that are written in the config. Others can be secret, or known only to Terraform."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """A compiled config."""

    file: str
    stacks: tuple[CompiledStack, ...]
    """Stacks without mistakes of their own."""
    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]

    def checked(self) -> tuple[CompiledStack, ...]:
        """All stacks. Raises `InvalidConfig` if there is any mistake."""
        if self.mistakes:
            raise InvalidConfig(self.file, *self.mistakes)
        return self.stacks

    def chosen(self, stack: str | None) -> tuple[CompiledStack, ...]:
        """The stack of this name, or all stacks for None. Raises `InvalidConfig` if there is any mistake, `InvalidArgument` for an unknown name."""
        found = tuple(each for each in self.checked() if stack in (None, each.name))
        if not found:
            self.require(stack)
        return found

    def require(self, stack: str | None) -> None:
        """Raise `InvalidArgument` if no stack has this name, valid or not."""
        wrong = (
            str(mistake.path[1]) for mistake in self.mistakes if len(mistake.path) > 1 and mistake.path[0] == "stacks"
        )
        names = list(dict.fromkeys([*(each.name for each in self.stacks), *wrong]))
        if stack is not None and stack not in names:
            fix = f"Its stack{'s are' if len(names) > 1 else ' is'} {listed(names)}." if names else "It has no stacks."
            raise errors.invalid("ACM016", f"{quoted(stack)} is not a stack of {self.file}", fix, "--stack")


def compile_config(path: Path) -> Compilation:
    """Compile a config file. Its mistakes are part of the result."""
    try:
        document = load(path)
    except InvalidArgument as error:
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
    """Plan a construct. Returns the plan and its warnings; raises `InvalidArgument`.

    `addresses`: what tokens resolve to. `others`: the earlier plans of the program, by path. `comparable`: converts a plan for
    the comparison with those. `label`: distinguishes the manager from an earlier one of its namespace.
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
    """Mistakes and warnings of a plan in a program with other plans."""
    plans = {**others, (): plan}
    found = estate.ESTATE.run(plans), estate.WARNINGS.run(plans)
    mistakes, warnings = ([mistake for mistake in some if mistake.path[:1] not in others] for some in found)
    return mistakes, warnings


def check_arguments(arguments: Mapping[str, Any]) -> Arguments:
    """Validate the arguments of a construct. Raises `InvalidArgument`, also for unknown arguments."""
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
"""Keys that decide which resources a stack has, and their names. If all are valid, the stack is compared with others."""


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
    """Plan a manager, with the label in its names if an earlier plan has the same namespace.

    So the first plan keeps its names, whatever is added later.
    """
    planned = planner.plan(options, place, addresses)
    if comparable(planned).namespace in (other.namespace for other in others):
        planned = planner.plan(options, place, addresses, label=label)
    return planned


def compile_variant(settings: StackSettings, changes: Mapping[str, Any]) -> tuple[Plan | None, list[Mistake]]:
    """Plan a stack with some keys changed. Returns None and mistakes if that is not possible."""
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
