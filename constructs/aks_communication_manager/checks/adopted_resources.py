"""Adopted resources: each once, in place of one that the stack would create."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import ARGUMENTS, OPTIONS, STACK
from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.checking import Finding, find_duplicates
from aks_communication_manager.config.options import SHARED, Arguments, Options
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.text import format_path, quoted
from aks_communication_manager.tokens import is_token


@OPTIONS.add("ACM114", "adopt", "scopes")
def its_scope_is_watched(options: Options) -> Iterator[Finding]:
    """An adopted resource takes the place of one that the stack creates, and the stack creates none for this entry."""
    keys = {scope.key for scope in options.scopes}
    for index, entry in enumerate(options.adopt):
        if isinstance(entry.scope, Scope) and entry.scope.key not in keys:
            problem = f"{quoted(entry.scope)} is not listed in `scopes`"
            yield ("adopt", index, "scope"), problem, "Add it to `scopes`, or correct it here."


@OPTIONS.add("ACM114", "adopt", "notices", "scopes")
def its_notice_is_watched(options: Options) -> Iterator[Finding]:
    watched = {notice.name for notice in options.watched_notices}
    of_scope = {scope.key: scope.notices or options.notices for scope in options.scopes}
    for index, entry in enumerate(options.adopt):
        names = of_scope.get(entry.scope.key, watched) if isinstance(entry.scope, Scope) else watched
        if entry.notice is not None and entry.notice not in names:
            problem = f"{entry.notice} is not listed in `notices`"
            yield ("adopt", index, "notice"), problem, "Add it there, or remove this entry."


@OPTIONS.add("ACM115", "adopt", "rules")
def a_rule_made_by_hand_is_not_shared(options: Options) -> Iterator[Finding]:
    """An existing rule has one scope, which cannot be changed without replacing the rule."""
    for index, entry in enumerate(options.adopt):
        if entry.rule and options.rules == SHARED:
            yield (
                ("adopt", index, "rule"),
                "a rule created by hand watches one cluster, not all of them",
                "Adopt it with `rules: per-scope`, or delete it in Azure.",
            )


@OPTIONS.add("ACM116", "adopt", "action_group")
def an_action_group_is_the_one_described(options: Options) -> Iterator[Finding]:
    """Terraform would replace the adopted action group, because its name and its resource group cannot change."""
    for index, entry in enumerate(options.adopt):
        path = ("adopt", index, "action_group")
        if entry.action_group is None:
            continue
        name = entry.action_group.name
        if not isinstance(options.action_group, CreatedActionGroup):
            yield (
                path,
                "`action_group` refers to an existing group, so none is created that could adopt it",
                "Describe the group under `action_group`: name, short_name and receivers.",
            )
        elif not is_token(options.action_group.name) and options.action_group.name.lower() != name.lower():
            yield (
                path,
                f"is named {quoted(name)}, but `action_group` is named {quoted(options.action_group.name)}: Terraform would replace it",
                "Use its name as `action_group.name`.",
            )


@ARGUMENTS.add("ACM116", "adopt", "resource_group_name")
def an_action_group_is_where_arguments_make_it(arguments: Arguments) -> Iterator[Finding]:
    yield from _elsewhere(arguments, arguments.resource_group_name)


@STACK.add("ACM116", "adopt", "resource_group")
def an_action_group_is_where_a_stack_makes_it(settings: StackSettings) -> Iterator[Finding]:
    yield from _elsewhere(settings, settings.resource_group.name)


def _elsewhere(options: Options, target: str) -> Iterator[Finding]:
    for index, entry in enumerate(options.adopt):
        group = entry.action_group and entry.action_group.resource_group
        if group and not is_token(target) and group.lower() != target.lower():
            yield (
                ("adopt", index, "action_group"),
                f"is in resource group {quoted(group)}, but the stack uses {quoted(target)}: Terraform would replace it",
                "Use its resource group for the stack, or refer to it with `action_group: {id: …}`.",
            )


@OPTIONS.add("ACM117", "adopt", "identity")
def a_role_assignment_has_an_owner(options: Options) -> Iterator[Finding]:
    """Each rule has its own identity, and each identity has its own assignments."""
    for index, entry in enumerate(options.adopt):
        if entry.role_assignment and not options.identity.is_shared and not (entry.scope and entry.notice):
            yield (
                ("adopt", index, "role_assignment"),
                "each rule has its own identity, so the assignment belongs to one rule",
                "Name the rule with `scope` and `notice`.",
            )


@STACK.add("ACM123", "adopt", "provider")
def a_root_module_adopts(settings: StackSettings) -> Iterator[Finding]:
    """Terraform takes import blocks in a root module only."""
    if settings.adopt and settings.provider is None:
        yield (
            ("adopt",),
            "`provider: none` makes a module for another configuration, and Terraform takes import blocks in a root module only",
            "Remove it, and write the import blocks in the configuration that calls the module.",
        )


@OPTIONS.add("ACM118", "adopt")
def a_rule_becomes_one_rule(options: Options) -> Iterator[Finding]:
    """Terraform imports one resource to one address."""
    yield from find_duplicates(
        (
            (("adopt", index, "rule"), f"{entry.scope} {entry.notice}".lower(), entry.rule)
            for index, entry in _each_resource(options.adopt)
            if entry.rule
        ),
        lambda rule, first: f"{quoted(rule)} would become the same alert rule as {format_path(first)}",
        "Delete one of the two in Azure, or correct `scope` or `notice`.",
    )


@OPTIONS.add("ACM118", "adopt", "identity")
def a_reader_assignment_becomes_one_assignment(options: Options) -> Iterator[Finding]:
    yield from find_duplicates(
        (
            (
                ("adopt", index, "role_assignment"),
                f"{'' if options.identity.is_shared else f'{entry.scope} {entry.notice}'} {entry.role_assignment.scope}".lower(),
                entry.role_assignment,
            )
            for index, entry in _each_resource(options.adopt)
            if entry.role_assignment
        ),
        lambda reader, first: f"{quoted(reader)} would become the same Reader assignment as {format_path(first)}",
        "Keep the one for the principal of that identity.",
    )


def _each_resource(adopt: tuple[Adoption, ...]) -> list[tuple[int, Adoption]]:
    """The first entry for each resource: a repeated one is reported by `each_is_adopted_once` alone."""
    firsts = {entry.resource.key: index for index, entry in reversed([*enumerate(adopt)])}
    return [(index, adopt[index]) for index in sorted(firsts.values())]


@OPTIONS.add("ACM118", "adopt")
def each_is_adopted_once(options: Options) -> Iterator[Finding]:
    yield from find_duplicates(
        (
            (("adopt", index, kind), value.key, value)
            for index, entry in enumerate(options.adopt)
            for kind in ("rule", "action_group", "role_assignment")
            if (value := getattr(entry, kind)) is not None
        ),
        lambda value, first: f"{quoted(value)} is already adopted by {format_path(first)}",
        "Remove it here.",
    )
