"""What the login may write, and room for more role assignments.

Sources: REST specification of Microsoft.Authorization 2022-04-01; "Azure RBAC limits"; "Azure built-in roles".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from aks_communication_manager.arm.limits import ROLE_ASSIGNMENTS
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.expected import ExpectedStack, is_within
from aks_communication_manager.azure.failures import NO_ACCESS
from aks_communication_manager.azure.findings import Finding, attention, az, ok, wrong
from aks_communication_manager.text import listed

API_VERSION = "2022-04-01"
NEARLY = 0.9
"""The share of the limit from which on it is worth a word."""

READS_CLUSTERS = "Microsoft.ContainerService/managedClusters/read"
_YOU = "<your object id>"
_ASSIGN = "Microsoft.Authorization/roleAssignments/write"

_ROLES = {
    "Microsoft.Insights": "Monitoring Contributor",
    "Microsoft.AlertsManagement": "Monitoring Contributor",
    "Microsoft.ManagedIdentity": "Managed Identity Contributor",
    "Microsoft.Authorization": "Role Based Access Control Administrator",
    "Microsoft.Resources": "Contributor",
}
"""The built-in role that allows to write what a namespace holds."""


def allows(permissions: Iterable[Json], action: str) -> bool:
    """Whether any of these permissions, each with actions and exceptions from them, allows an action."""
    return any(
        _fits(action, permission.get("actions") or ()) and not _fits(action, permission.get("notActions") or ())
        for permission in permissions
    )


def _fits(action: str, patterns: Iterable[str]) -> bool:
    """Azure's patterns know ``*`` alone, which matches any characters."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE) for pattern in patterns
    )


def assignments_in(arm: Arm, subscription: str) -> list[Json]:
    """The properties of all role assignments that reach anything in a subscription."""
    path = f"{subscription}/providers/Microsoft.Authorization/roleAssignments"
    return [one["properties"] for one in arm.entries(path, API_VERSION)]


def needed_actions(stack: ExpectedStack) -> Mapping[str, tuple[str, ...]]:
    """What the login has to be allowed to do, by scope."""
    needed: dict[str, list[str]] = defaultdict(list)
    home = stack.subscription if stack.creates_resource_group else stack.resource_group_id
    if stack.creates_resource_group:
        needed[home].append("Microsoft.Resources/subscriptions/resourceGroups/write")
    if stack.rules:
        needed[home].append("Microsoft.Insights/scheduledQueryRules/write")
    for resources, action in (
        (stack.action_groups, "Microsoft.Insights/actionGroups/write"),
        (stack.processing_rules, "Microsoft.AlertsManagement/actionRules/write"),
        (stack.identities, "Microsoft.ManagedIdentity/userAssignedIdentities/write"),
    ):
        if any(one.created for one in resources):
            needed[home].append(action)
    for identity in stack.identities:
        where = home if identity.created else identity.id.partition("/providers/")[0]
        needed[where].append("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action")
    for _, reader in sorted(stack.created_assignments):
        if _ASSIGN not in needed[reader]:
            needed[reader].append(_ASSIGN)
    return {scope: tuple(actions) for scope, actions in needed.items()}


def check_rights(arm: Arm, stack: ExpectedStack, missing: Iterable[str]) -> list[Finding]:
    """A row for each scope at which something is written; scopes that do not exist are left out."""
    gone = {scope.lower() for scope in missing}
    needed = {scope: actions for scope, actions in needed_actions(stack).items() if scope.lower() not in gone}

    def check(scope: str) -> list[Finding]:
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        try:
            permissions = list(arm.entries(path, API_VERSION))
        except NO_ACCESS:
            permissions = []
        refused = [action for action in needed[scope] if not allows(permissions, action)]
        roles = sorted({_ROLES[action.partition("/")[0]] for action in refused})
        if not refused:
            return [ok(_label(scope, stack), "rights", f"this login may {_in_words(needed[scope])}")]
        return [
            wrong(
                _label(scope, stack),
                "rights",
                f"this login may not {_in_words(refused)} ({', '.join(refused)})",
                "; ".join(az("role assignment create", assignee=_YOU, role=role, scope=scope) for role in roles),
            )
        ]

    return [row for rows in arm.map("Rights", check, needed) for row in rows]


def check_room(arm: Arm, stack: ExpectedStack, existing: frozenset[str]) -> list[Finding]:
    """Whether the subscriptions have room for the role assignments; `existing` are ids that have theirs already."""
    new: dict[str, int] = {}
    for principal, reader in stack.created_assignments:
        subscription = "/".join(reader.split("/")[:3])
        new[subscription] = new.get(subscription, 0) + (principal.lower() not in existing)
    rows = []
    for subscription, count in sorted(new.items()):
        arm.progress(f"Role assignments of {subscription}")
        try:
            used = sum(is_within(one["scope"], subscription) for one in assignments_in(arm, subscription))
        except NO_ACCESS:
            text = "this login may not count the role assignments"
            rows.append(attention(_label(subscription, stack), "role assignments", text))
            continue
        total = used + count
        text = f"{used:,} of {ROLE_ASSIGNMENTS:,} role assignments exist, {count:,} more are needed"
        row = wrong if total > ROLE_ASSIGNMENTS else attention if total > NEARLY * ROLE_ASSIGNMENTS else ok
        rows.append(row(_label(subscription, stack), "role assignments", text))
    return rows


def _label(scope: str, stack: ExpectedStack) -> str:
    parts = scope.split("/")
    if len(parts) <= 3:
        return "subscription" if parts[-1] == stack.subscription_id else f"subscription {parts[-1]}"
    return parts[-1] if len(parts) <= 5 else f"{parts[-1]}@{parts[4]}"


_WORDS = {
    "resourceGroups/write": "write resource groups",
    "scheduledQueryRules/write": "write alert rules",
    "actionGroups/write": "write action groups",
    "actionRules/write": "write alert processing rules",
    "userAssignedIdentities/write": "write identities",
    "assign/action": "use identities",
    "roleAssignments/write": "write role assignments",
}


def _in_words(actions: Iterable[str]) -> str:
    """``write alert rules, action groups and identities``: the verb once for all in a row."""
    words: list[str] = []
    verb = ""
    for action in actions:
        text = _WORDS["/".join(action.split("/")[-2:])]
        words.append(text.removeprefix(f"{verb} "))
        verb = text.partition(" ")[0]
    return listed(words)
