"""What was made by hand and is taken over: each thing once, as something that is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.action_group import ActionGroup, CreatedActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.checking import Finding, each_once
from aks_communication_manager.config.delivery import SHARED
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.text import format_path, quoted
from aks_communication_manager.tokens import is_token

Entries = tuple[Adoption, ...]


@OPTIONS("ACM114")
def its_scope_is_watched(adopt: Entries, scopes: tuple[Scope, ...]) -> Iterator[Finding]:
    keys = {scope.key for scope in scopes}
    for index, entry in enumerate(adopt):
        if isinstance(entry.scope, Scope) and entry.scope.key not in keys:
            problem = f"{quoted(entry.scope)} is not listed in `scopes`"
            yield ("adopt", index, "scope"), problem, "Add it to `scopes`, or correct it here."


@OPTIONS("ACM114")
def its_notice_is_watched(adopt: Entries, notices: tuple[str, ...]) -> Iterator[Finding]:
    for index, entry in enumerate(adopt):
        if entry.notice is not None and entry.notice not in notices:
            problem = f"{entry.notice} is not listed in `notices`"
            yield ("adopt", index, "notice"), problem, "Add it there, or remove this entry."


@OPTIONS("ACM115")
def a_rule_made_by_hand_is_not_shared(adopt: Entries, rules: str) -> Iterator[Finding]:
    for index, entry in enumerate(adopt):
        if entry.rule and rules == SHARED:
            yield (
                ("adopt", index, "rule"),
                "a rule created by hand watches one cluster, not all of them",
                "Adopt it with `rules: per-scope`, or delete it in Azure.",
            )


@OPTIONS("ACM116")
def an_action_group_is_the_one_described(adopt: Entries, action_group: ActionGroup) -> Iterator[Finding]:
    for index, entry in enumerate(adopt):
        path = ("adopt", index, "action_group")
        if entry.action_group is None:
            continue
        name = entry.action_group.name
        if not isinstance(action_group, CreatedActionGroup):
            yield (
                path,
                "`action_group` refers to an existing group, so none is created that could adopt it",
                "Describe the group under `action_group`: name, short_name and receivers.",
            )
        elif not is_token(action_group.name) and action_group.name.lower() != name.lower():
            yield (
                path,
                f"is named {quoted(name)}, but `action_group` is named {quoted(action_group.name)}: Terraform would replace it",
                "Use its name as `action_group.name`.",
            )


@OPTIONS("ACM116")
def an_action_group_is_where_it_would_be_made(adopt: Entries, resource_group_name: str) -> Iterator[Finding]:
    for index, entry in enumerate(adopt):
        group = entry.action_group and entry.action_group.resource_group
        if group and not is_token(resource_group_name) and group.lower() != resource_group_name.lower():
            yield (
                ("adopt", index, "action_group"),
                f"is in resource group {quoted(group)}, but the stack uses {quoted(resource_group_name)}: Terraform would replace it",
                "Use its resource group for the stack, or refer to it with `action_group: {id: …}`.",
            )


@OPTIONS("ACM117")
def a_role_assignment_has_an_owner(adopt: Entries, identity: Identity) -> Iterator[Finding]:
    for index, entry in enumerate(adopt):
        if entry.role_assignment and not identity.is_shared and not (entry.scope and entry.notice):
            yield (
                ("adopt", index, "role_assignment"),
                "each rule has its own identity, so the assignment belongs to one rule",
                "Name the rule with `scope` and `notice`.",
            )


@OPTIONS("ACM123")
def a_root_module_adopts(adopt: Entries, provider: FrozenMap[Any] | None) -> Iterator[Finding]:
    if adopt and provider is None:
        yield (
            ("adopt",),
            "`provider: none` makes a module for another configuration, and Terraform takes import blocks in a root module only",
            "Remove it, and write the import blocks in the configuration that calls the module.",
        )


@OPTIONS("ACM118")
def a_rule_becomes_one_rule(adopt: Entries) -> Iterator[Finding]:
    yield from each_once(
        (
            (("adopt", index, "rule"), f"{entry.scope} {entry.notice}".lower(), entry.rule)
            for index, entry in _each_resource(adopt)
            if entry.rule
        ),
        lambda rule, first: f"{quoted(rule)} would become the same alert rule as {format_path(first)}",
        "Delete one of the two in Azure, or correct `scope` or `notice`.",
    )


@OPTIONS("ACM118")
def a_reader_assignment_becomes_one_assignment(adopt: Entries, identity: Identity) -> Iterator[Finding]:
    yield from each_once(
        (
            (
                ("adopt", index, "role_assignment"),
                f"{'' if identity.is_shared else f'{entry.scope} {entry.notice}'} {entry.role_assignment.scope}".lower(),
                entry.role_assignment,
            )
            for index, entry in _each_resource(adopt)
            if entry.role_assignment
        ),
        lambda reader, first: f"{quoted(reader)} would become the same Reader assignment as {format_path(first)}",
        "Keep the one for the principal of that identity.",
    )


def _each_resource(adopt: Entries) -> list[tuple[int, Adoption]]:
    """The entries but for those that adopt the same again: these have no other to be confused with."""
    firsts = {entry.resource.key: index for index, entry in reversed([*enumerate(adopt)])}
    return [(index, adopt[index]) for index in sorted(firsts.values())]


@OPTIONS("ACM118")
def each_is_adopted_once(adopt: Entries) -> Iterator[Finding]:
    yield from each_once(
        (
            (("adopt", index, kind), value.key, value)
            for index, entry in enumerate(adopt)
            for kind in ("rule", "action_group", "role_assignment")
            if (value := getattr(entry, kind)) is not None
        ),
        lambda value, first: f"{quoted(value)} is already adopted by {format_path(first)}",
        "Remove it here.",
    )
