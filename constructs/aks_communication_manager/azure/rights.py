"""Permissions of the login, and the limit on role assignments.

Sources: REST specification of Microsoft.Authorization 2022-04-01; "Azure RBAC limits"; "Azure built-in roles".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial

from aks_communication_manager.arm.id_parts import (
    group_id_of,
    is_within,
    name_of,
    resource_group_of,
    subscription_of,
)
from aks_communication_manager.arm.limits import ROLE_ASSIGNMENTS
from aks_communication_manager.arm.resource_types import (
    ACTION_GROUP,
    ALERT_RULE,
    CLUSTER,
    CREATED,
    HEALTH_ALERT,
    IDENTITY,
    PROCESSING_RULE,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
)
from aks_communication_manager.azure.answers import Permission, RoleAssignment
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.findings import Finding, attention, az, checked, ok, wrong
from aks_communication_manager.azure.stack_ids import StackIds
from aks_communication_manager.text import listed

NEARLY = 0.9
"""Share of the limit from which on a row draws attention to it."""

READS_CLUSTERS = f"{CLUSTER.arm}/read"
_YOU = "<your object id>"
_USE_IDENTITY = f"{IDENTITY.arm}/assign/action"

_IN_HOME = (RESOURCE_GROUP, ALERT_RULE, ACTION_GROUP, PROCESSING_RULE, HEALTH_ALERT, IDENTITY)
"""Types that a stack creates in its own resource group, in the order of messages."""

_WORDS = {type_.write_action: f"write {type_.plural}" for type_ in CREATED} | {_USE_IDENTITY: "use managed identities"}
"""Words for each action in messages."""

_ROLES = {type_.write_action: type_.writer for type_ in CREATED} | {_USE_IDENTITY: "Managed Identity Operator"}
"""Built-in role for each action."""


def allows(permissions: Iterable[Permission], action: str) -> bool:
    """Whether any permission allows an action and does not except it."""
    return any(
        _fits(action, permission.actions) and not _fits(action, permission.not_actions) for permission in permissions
    )


def _fits(action: str, patterns: Iterable[str]) -> bool:
    """Match Azure's patterns, whose only wildcard is ``*``."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE) for pattern in patterns
    )


def assignments_in(arm: Arm, subscription: str) -> list[RoleAssignment] | None:
    """Role assignments with effect in a subscription; None if the login may not read them."""
    path = f"{subscription}/providers/{ROLE_ASSIGNMENT.arm}"
    return arm.find_entries(path, RoleAssignment)


def needed_actions(ids: StackIds) -> Mapping[str, tuple[str, ...]]:
    """Actions that the login needs, by scope."""
    needed: dict[str, list[str]] = defaultdict(list)
    home = ids.subscription if ids.plan.resource_group else ids.resource_group
    created = {resource.resource_type for resource in ids.plan.all if resource.import_id is None}
    created |= {ALERT_RULE for rule in ids.plan.alert_rules}
    needed[home] += [type_.write_action for type_ in _IN_HOME if type_ in created]
    for identity in ids.identities:
        needed[home if identity.created else group_id_of(identity.id)].append(_USE_IDENTITY)
    for _, reader in sorted(ids.assignments):
        if ROLE_ASSIGNMENT.write_action not in needed[reader]:
            needed[reader].append(ROLE_ASSIGNMENT.write_action)
    return {scope: tuple(actions) for scope, actions in needed.items() if actions}


def check_rights(arm: Arm, ids: StackIds, missing: Iterable[str]) -> list[Finding]:
    """Check the permissions on each scope that is written to, except those in `missing`."""
    gone = {scope.lower() for scope in missing}
    needed = {scope: actions for scope, actions in needed_actions(ids).items() if scope.lower() not in gone}

    def check(scope: str) -> list[Finding]:
        label = _label(scope, ids)
        return checked(label, "rights", partial(_check_scope, arm, scope, label, needed[scope]))

    return [row for rows in arm.map("Rights", check, needed) for row in rows]


def _check_scope(arm: Arm, scope: str, label: str, needed: Iterable[str]) -> Iterable[Finding]:
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    permissions = arm.find_entries(path, Permission) or []
    refused = [action for action in needed if not allows(permissions, action)]
    if not refused:
        yield ok(label, "rights", f"this login may {_in_words(needed)}")
        return
    roles = sorted({_ROLES[action] for action in refused})
    text = f"this login may not {_in_words(refused)} ({', '.join(refused)})"
    fix = "; ".join(az("role assignment create", assignee=_YOU, role=role, scope=scope) for role in roles)
    yield wrong(label, "rights", text, fix)


def check_room(arm: Arm, ids: StackIds, existing: frozenset[str]) -> list[Finding]:
    """Compare the role assignments with the limit of each subscription. `existing`: ids whose assignments exist already."""
    new: dict[str, int] = {}
    for principal, reader in ids.assignments:
        subscription = f"/subscriptions/{subscription_of(reader)}"
        new[subscription] = new.get(subscription, 0) + (principal.lower() not in existing)
    return [
        row
        for subscription, count in sorted(new.items())
        for row in checked(
            _label(subscription, ids),
            ROLE_ASSIGNMENT.plural,
            partial(_check_subscription, arm, subscription, _label(subscription, ids), count),
        )
    ]


def _check_subscription(arm: Arm, subscription: str, label: str, count: int) -> Iterable[Finding]:
    arm.progress(f"Role assignments of {subscription}")
    assignments = assignments_in(arm, subscription)
    if assignments is None:
        yield attention(label, ROLE_ASSIGNMENT.plural, "this login may not count the role assignments")
        return
    used = sum(is_within(found.scope, subscription) for found in assignments)
    total = used + count
    text = f"{used:,} of {ROLE_ASSIGNMENTS:,} role assignments exist, {count:,} more are needed"
    row = wrong if total > ROLE_ASSIGNMENTS else attention if total > NEARLY * ROLE_ASSIGNMENTS else ok
    yield row(label, ROLE_ASSIGNMENT.plural, text)


def _label(scope: str, ids: StackIds) -> str:
    name, group = name_of(scope), resource_group_of(scope)
    if not group:
        return "subscription" if name == ids.settings.subscription_id else f"subscription {name}"
    return name if group == name else f"{name}@{group}"


def _in_words(actions: Iterable[str]) -> str:
    """``write alert rules, action groups and identities``: consecutive actions share a verb."""
    words: list[str] = []
    verb = ""
    for action in actions:
        text = _WORDS[action]
        words.append(text.removeprefix(f"{verb} "))
        verb = text.partition(" ")[0]
    return listed(words)
