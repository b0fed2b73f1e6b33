"""What the caller of the tests may do: roles at scopes, and the permissions API that reports them."""

from __future__ import annotations

import re
from typing import Any

from tests.stand_in.refusal import Refusal
from tests.stand_in.sign_in import CLIENT_ID, OBJECT_ID
from tests.stand_in.store import is_within

Permission = dict[str, list[str]]

_READ_ALL = {"actions": ["*/read"], "notActions": []}
_ALERTS = ["Microsoft.AlertsManagement/*", "Microsoft.Insights/*"]

PERMISSIONS: dict[str, Permission] = {
    "Owner": {"actions": ["*"], "notActions": []},
    "Contributor": {
        "actions": ["*"],
        "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
    },
    "Reader": _READ_ALL,
    "Monitoring Reader": _READ_ALL,
    "Monitoring Contributor": {"actions": ["*/read", *_ALERTS], "notActions": []},
    "Azure Kubernetes Service Cluster User Role": {
        "actions": ["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"],
        "notActions": [],
    },
}
"""Built-in roles: what of them matters here."""


class Rights:
    """The roles of the one caller; at first Owner of everything."""

    def __init__(self) -> None:
        self.roles: list[tuple[str, str]] = [("", "Owner")]
        """Scope and role; the empty scope holds everything."""

    def permissions(self, scope: str) -> list[Permission]:
        """What the caller may do at a scope, one entry for each role that reaches it."""
        return [PERMISSIONS[role] for at, role in self.roles if is_within(scope, at)]

    def may(self, action: str, scope: str) -> bool:
        return any(
            _fits(action, permission["actions"]) and not _fits(action, permission["notActions"])
            for permission in self.permissions(scope)
        )

    def check(self, action: str, scope: str) -> None:
        """Refuses as Azure does."""
        # A subscription shows itself to everybody who has a role anywhere in it.
        if action == "Microsoft.Resources/subscriptions/read" and any(is_within(at, scope) for at, _ in self.roles):
            return
        if not self.may(action, scope):
            raise Refusal(
                403,
                "AuthorizationFailed",
                f"The client '{CLIENT_ID}' with object id '{OBJECT_ID}' does not have authorization to perform action "
                f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
                "refresh your credentials.",
            )


def action_of(method: str, scope: str, resource_type: str) -> tuple[str, str]:
    """The action that a request needs, and the scope at which it needs it."""
    verb = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(method, "write")
    return f"{resource_type}/{verb}", scope


def _fits(action: str, patterns: list[Any]) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) is not None for pattern in patterns
    )
