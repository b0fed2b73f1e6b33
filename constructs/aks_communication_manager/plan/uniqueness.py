"""What a program makes: the same resource by two managers or two stacks would be refused by Azure, and only at apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.options import Options
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import Mistake, quoted
from aks_communication_manager.plan.planner import Plan

Key: TypeAlias = tuple[str, ...]
Made: TypeAlias = tuple[Key, str, str]
"""What makes it one and the same, what to call it, and how to make two of it."""


_OTHER_GROUP = "Give one of them another name, or refer to the first by its id."


def names(
    planned: Plan,
    options: Options,
    resource_group: str,
    subscription_id: str | None,
    same: Callable[[str], str] = str.lower,
) -> Iterable[Made]:
    """Everything that can be made only once: type, subscription, resource group and name, without letter case.

    `same` gives one text for all spellings of a name, and for all tokens of one value.
    """
    where = (same(str(subscription_id)), same(resource_group))
    prefix = "Give one of them another name_prefix or another resource group."
    for rule in planned.rules:
        name = rule.construct_id if is_token(rule.name) else rule.name
        group = same(rule.resource_group or resource_group)
        yield ("alert rule", where[0], group, same(rule.name)), f"the alert rule {quoted(name)}", prefix
    groups: dict[Key, CreatedActionGroup] = {}
    for action_group in (options.action_group, *(route.action_group for route in options.routes)):
        if not isinstance(action_group, CreatedActionGroup):
            continue
        key: Key = ("action group", *where, same(action_group.name))
        # Routes may name one group several times, as long as they mean the same.
        first = groups.setdefault(key, action_group)
        if first != action_group.model_copy(update={"name": first.name}):
            yield key, f"the action group {quoted(action_group.name)}", _OTHER_GROUP
    for key, action_group in groups.items():
        yield key, f"the action group {quoted(action_group.name)}", _OTHER_GROUP
    identity = options.identity
    if identity.kind == "user-assigned":
        yield (
            ("identity", *where, same(str(identity.name))),
            f"the identity {quoted(identity.name)}",
            "Give one of them another name, identity: {name: …}, or refer to the first by its id.",
        )
    if identity.kind == "existing" and identity.principal_id:
        for reader in {reader.key: reader for rule in planned.rules for reader in rule.readers}.values():
            yield (
                ("Reader", same(identity.principal_id), same(reader.text)),
                f"the Reader assignment on {quoted(reader.text)} for principal {identity.principal_id}",
                "Say reader_scopes: [] in one of them: the identity may read already.",
            )


def twice(things: Iterable[Made], before: dict[Key, str], by: str) -> Iterable[Mistake]:
    """A mistake for each thing that was made before; the others are remembered as made by this one."""
    own: set[Key] = set()
    for key, what, fix in things:
        first = before.setdefault(key, by)
        if first != by:
            yield Mistake("", f"{what} is made by {first} already", fix)
        elif key in own:
            yield Mistake("", f"{what} would be made twice", fix)
        own.add(key)
