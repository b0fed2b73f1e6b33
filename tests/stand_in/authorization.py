"""Microsoft.Authorization: built-in role definitions, role assignments at any scope, and what the caller may do.

Sources: REST specification 2022-04-01; "Troubleshoot Azure RBAC" for the codes.
"""

from __future__ import annotations

import re
from typing import Any

from tests.stand_in.addresses import group_of, parse_resource, subscription_of
from tests.stand_in.exchange import Answer, Request
from tests.stand_in.refusal import Refusal, bad_request, group_not_found, principal_not_found, resource_not_found
from tests.stand_in.rights import PERMISSIONS, Rights, action_of
from tests.stand_in.shapes import GUID, Object, ReadOnly, Text
from tests.stand_in.store import Resource, Store, is_within

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
ALLOWED = "Microsoft.Authorization/permissions"
API_VERSIONS = {
    ALLOWED: frozenset({"2015-07-01", "2018-07-01", "2022-04-01"}),
    ASSIGNMENTS: frozenset({"2018-01-01-preview", "2020-04-01-preview", "2022-04-01"}),
    DEFINITIONS: frozenset({"2018-01-01-preview", "2022-04-01", "2022-05-01-preview"}),
}

MAX_ASSIGNMENTS = 4000
"""Role assignments per subscription."""

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Monitoring Reader": "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "Monitoring Contributor": "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
    "Azure Kubernetes Service Cluster User Role": "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
}

_PATH = re.compile(
    r"(?P<scope>.*)/providers/Microsoft\.Authorization/(?P<kind>roleAssignments|roleDefinitions|permissions)(?:/(?P<name>[^/]+))?",
    re.IGNORECASE,
)
_ASSIGNMENT = Object(
    required={
        "properties": Object(
            required={"roleDefinitionId": Text(), "principalId": Text()},
            optional={
                "principalType": Text(choices=("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")),
                "description": Text(empty=True),
                "condition": Text(),
                "conditionVersion": Text(choices=("1.0", "2.0")),
                "delegatedManagedIdentityResourceId": Text(),
                **{key: ReadOnly() for key in ("scope", "createdOn", "updatedOn", "createdBy", "updatedBy")},
            },
        )
    },
    optional={key: ReadOnly() for key in ("id", "name", "type")},
)
_FIXED = ("principalId", "roleDefinitionId")


class Authorization:
    """Answers requests below ``{scope}/providers/Microsoft.Authorization``."""

    def __init__(self, store: Store, tenant_id: str, rights: Rights) -> None:
        self._store = store
        self._tenant_id = tenant_id
        self._rights = rights

    def type_of(self, path: str) -> str | None:
        """The type a path is about, or None when it is about another namespace."""
        match = _PATH.fullmatch(path)
        return match and next(kind for kind in API_VERSIONS if kind.lower().endswith(f"/{match['kind'].lower()}"))

    def answer(self, request: Request) -> Answer:
        match = _PATH.fullmatch(request.path)
        assert match, request.path
        scope, name = match["scope"].rstrip("/"), match["name"] or ""
        if self.type_of(request.path) == ALLOWED:
            self._check_scope(scope)
            return Answer(200, {"value": self._rights.permissions(scope)})
        if self.type_of(request.path) == DEFINITIONS:
            return self._definition(request, scope, name)
        self._rights.check(*action_of(request.method, scope, ASSIGNMENTS))
        match (request.method, bool(name)):
            case ("GET", False):
                return Answer(200, {"value": self._list(scope, request.query.get("$filter", ""))})
            case ("GET", True):
                return Answer(200, self._get(scope, name))
            case ("PUT", True):
                return self._put(scope, name, request.body)
            case ("DELETE", True):
                return self._delete(scope, name)
        raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed here.")

    def _definition(self, request: Request, scope: str, name: str) -> Answer:
        if request.method != "GET":
            raise Refusal(405, "MethodNotAllowed", "Only built-in roles, which cannot be changed, are kept here.")
        if not name:
            wanted = re.fullmatch(r"roleName eq '(.*)'", request.query.get("$filter", ""))
            names = [role for role in ROLES if not wanted or role.lower() == wanted[1].lower()]
            return Answer(200, {"value": [_definition(scope, role) for role in names]})
        for role, guid in ROLES.items():
            if guid == name.lower():
                return Answer(200, _definition(scope, role))
        raise _no_definition(name)

    def _list(self, scope: str, filter_: str) -> list[Resource]:
        """At, above and below the scope; ``atScope()`` leaves out what lies below."""
        wanted = re.search(r"(?:principalId eq|assignedTo\()\s*'([^']*)'", filter_)
        return [
            assignment
            for assignment in self._store.of_type(ASSIGNMENTS)
            for at in [assignment["properties"]["scope"]]
            if (is_within(scope, at) or (is_within(at, scope) and "atScope()" not in filter_))
            and (not wanted or wanted[1].lower() == assignment["properties"]["principalId"])
        ]

    def _get(self, scope: str, name: str) -> Resource:
        if (identifier := _id(scope, name)) in self._store:
            return self._store[identifier]
        self._check_scope(scope)
        raise Refusal(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")

    def _put(self, scope: str, name: str, body: Any) -> Answer:
        if not re.fullmatch(GUID, name):
            raise bad_request(f"The role assignment ID '{name}' must be a GUID.", "InvalidRoleAssignmentId")
        self._check_scope(scope)
        properties = _ASSIGNMENT.read(body, "")["properties"]
        role = _role_definition_id(properties["roleDefinitionId"], scope)
        principal = properties["principalId"].lower()
        wanted = {"scope": scope or "/", "roleDefinitionId": role, "principalId": principal}
        same_name = self._store.get(_id(scope, name))
        if same_name and any(same_name["properties"][key] != wanted[key] for key in _FIXED):
            raise bad_request(
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
                "RoleAssignmentUpdateNotPermitted",
            )
        kind = self._principal(principal, properties.get("principalType"))
        if not same_name:
            self._check_is_new(wanted)
        assignment = {
            "id": _id(scope, name),
            "name": name,
            "type": ASSIGNMENTS,
            "properties": properties | wanted | {"principalType": kind},
        }
        self._store.keep(assignment)
        return Answer(200 if same_name else 201, assignment)

    def _delete(self, scope: str, name: str) -> Answer:
        if (identifier := _id(scope, name)) not in self._store:
            self._check_scope(scope)
            return Answer(204)
        assignment = self._store[identifier]
        self._store.remove(identifier)
        return Answer(200, assignment)

    def _check_scope(self, scope: str) -> None:
        """A scope must exist: a subscription, a resource group or a resource."""
        subscription = subscription_of(scope)
        if subscription.lower() not in self._store.subscriptions:
            raise Refusal(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
        if (group := group_of(scope)) and group not in self._store:
            raise group_not_found(group.rpartition("/")[2])
        if (resource := parse_resource(scope)) and resource.id not in self._store:
            raise resource_not_found(resource.type, resource.name, resource.group)

    def _principal(self, principal: str, claimed: str | None) -> str:
        if not re.fullmatch(GUID, principal):
            raise bad_request(f"The principal ID '{principal}' must be a GUID.", "InvalidPrincipalId")
        actual = self._store.principal_type(principal)
        if actual is None:
            raise principal_not_found(principal, self._tenant_id)
        if claimed and claimed != actual:
            raise bad_request(
                f"The PrincipalId '{principal}' has type '{actual}', which is different from the specified "
                f"PrincipalType '{claimed}'.",
                "UnmatchedPrincipalType",
            )
        return actual

    def _check_is_new(self, wanted: dict[str, str]) -> None:
        """The same role for the same principal at the same scope exists once, whatever its name."""
        subscription = subscription_of(wanted["scope"]).lower()
        assignments = self._store.of_type(ASSIGNMENTS)
        for assignment in assignments:
            if all(assignment["properties"][key].lower() == wanted[key].lower() for key in wanted):
                raise Refusal(409, "RoleAssignmentExists", "The role assignment already exists.")
        there = [one for one in assignments if subscription_of(one["id"]).lower() == subscription]
        if len(there) >= MAX_ASSIGNMENTS:
            raise bad_request("No more role assignments can be created.", "RoleAssignmentLimitExceeded")


def _id(scope: str, name: str) -> str:
    return f"{scope}/providers/{ASSIGNMENTS}/{name}"


def _no_definition(name: str) -> Refusal:
    return Refusal(404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{name}' does not exist.")


def _definition(scope: str, role: str) -> Resource:
    return {
        "id": _definition_id(subscription_of(scope), ROLES[role]),
        "name": ROLES[role],
        "type": DEFINITIONS,
        "properties": {
            "roleName": role,
            "type": "BuiltInRole",
            "assignableScopes": ["/"],
            "permissions": [PERMISSIONS[role]],
        },
    }


def _definition_id(subscription: str, guid: str) -> str:
    return f"{f'/subscriptions/{subscription}' if subscription else ''}/providers/{DEFINITIONS}/{guid}"


def _role_definition_id(identifier: str, scope: str) -> str:
    """As Azure returns it: below the subscription of the scope, whichever way it was written."""
    match = re.fullmatch(rf"(?:/subscriptions/[^/]+)?/providers/{DEFINITIONS}/([^/]+)", identifier, re.IGNORECASE)
    if not match or match[1].lower() not in ROLES.values():
        raise _no_definition(identifier.rpartition("/")[2])
    return _definition_id(subscription_of(scope), match[1].lower())
