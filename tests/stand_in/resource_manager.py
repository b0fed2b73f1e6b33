"""Azure Resource Manager without the network: a request in, an answer out, one store behind all api-versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from tests.stand_in import container_service, resource_graph, resource_health
from tests.stand_in.action_groups import ActionGroups
from tests.stand_in.activity_log_alerts import ActivityLogAlerts
from tests.stand_in.addresses import Address, parse_resource, subscription_of
from tests.stand_in.alert_processing_rules import AlertProcessingRules
from tests.stand_in.alert_rules import AlertRules
from tests.stand_in.authorization import API_VERSIONS, Authorization
from tests.stand_in.exchange import Answer, Request
from tests.stand_in.identities import UserAssignedIdentities
from tests.stand_in.kind import Kind, Setting
from tests.stand_in.locations import check_location
from tests.stand_in.refusal import Refusal, bad_request, group_not_found, resource_not_found, wrong_tenant
from tests.stand_in.registrations import Registrations
from tests.stand_in.rights import Rights, action_of
from tests.stand_in.shapes import ENVELOPE, TAGS, Object, ReadOnly, Text
from tests.stand_in.store import GROUP_TYPE, Resource, Store, is_within

KINDS: tuple[Kind, ...] = (
    ActionGroups(),
    ActivityLogAlerts(),
    AlertRules(),
    AlertProcessingRules(),
    UserAssignedIdentities(),
)

READ_ONLY = {one.lower(): one for one in (container_service.CLUSTERS, container_service.CONFIGURATIONS)}
"""Types that tests seed and no client writes."""

_API_VERSION = re.compile(r"20\d\d-\d\d-\d\d(?:-preview)?")
_SUBSCRIPTION = re.compile(r"/subscriptions/(?P<id>[^/]+)(?P<rest>/.*)?", re.IGNORECASE)
_GROUP = re.compile(r"/resourceGroups(?:/(?P<name>[^/]+)(?P<resources>/resources)?)?", re.IGNORECASE)
_LIST = re.compile(r"/providers/(?P<type>[^/]+/[^/]+)", re.IGNORECASE)
_PROVIDER = re.compile(r"/providers/(?P<namespace>[^/]+)(?:/(?P<operation>(?:un)?register))?", re.IGNORECASE)
_VERSIONS = re.compile(r"/providers/Microsoft\.ContainerService/locations/[^/]+/kubernetesVersions", re.IGNORECASE)
_HEALTH = re.compile(r"(?P<of>.+)/providers/Microsoft\.ResourceHealth/availabilityStatuses/current", re.IGNORECASE)
_OPERATION = re.compile(r"/operationresults/(?P<id>[^/]+)", re.IGNORECASE)
_GROUP_BODY = Object(
    required={"location": Text()},
    optional={
        "tags": TAGS,
        "managedBy": Text(empty=True),
        "properties": ReadOnly(),
        **{key: shape for key, shape in ENVELOPE.items() if key != "managedBy"},
    },
)


class ResourceManager:
    """Answers every request that is not about signing in. Refuses with a `Refusal`."""

    def __init__(self, store: Store, tenant_id: str) -> None:
        self.group_delete_polls = 1
        """How often the deletion of a resource group is reported as running."""
        self.retry_after = 1
        """Seconds a client is asked to wait between two polls."""
        self.url = ""
        self.page_size: int | None = None
        """How many entries of a list one answer holds; None: all of them."""
        self.foreign: dict[str, str] = {}
        """Subscriptions of other tenants: id in lower case, tenant."""
        self.rights = Rights()
        self.graph = resource_graph.ResourceGraph(store, self.rights)
        self.registrations = Registrations()
        self.health = resource_health.ResourceHealth(store)
        self._store = store
        self._tenant_id = tenant_id
        self._authorization = Authorization(store, tenant_id, self.rights)
        self._operations: dict[str, _Operation] = {}

    def answer(self, request: Request) -> Answer:
        self._check_body(request)
        return self._page(request, self._dispatch(request))

    def _dispatch(self, request: Request) -> Answer:
        if request.path.lower() == resource_graph.PATH:
            _check_api_version(request, "Microsoft.ResourceGraph/resources", resource_graph.API_VERSIONS)
            return self.graph.answer(request)
        self._check_tenant(request)
        if kind := self._authorization.type_of(request.path):
            _check_api_version(request, kind, API_VERSIONS[kind])
            return self._authorization.answer(request)
        match = _SUBSCRIPTION.fullmatch(request.path)
        if not match:
            raise Refusal(404, "NotFound", f"Nothing is at '{request.path}'.")
        self._check_subscription(match["id"])
        rest = match["rest"] or ""
        if operation := _OPERATION.fullmatch(rest):
            return self._poll(operation["id"])
        self._advance(request)
        _check_api_version(request)
        if not rest:
            self.rights.check("Microsoft.Resources/subscriptions/read", request.path)
            return Answer(200, self._subscription(match["id"]))
        if provider := _PROVIDER.fullmatch(rest):
            return self.registrations.answer(request, match["id"], provider["namespace"], provider["operation"] or "")
        if _VERSIONS.fullmatch(rest):
            return Answer(200, container_service.versions())
        if health := _HEALTH.fullmatch(request.path):
            _check_api_version(request, "Microsoft.ResourceHealth", resource_health.API_VERSIONS)
            self.rights.check("Microsoft.ResourceHealth/availabilityStatuses/read", health["of"])
            return self.health.answer(health["of"])
        if group := _GROUP.fullmatch(rest):
            return self._group(request, match["id"], group["name"] or "", bool(group["resources"]))
        if listing := _LIST.fullmatch(rest):
            return self._list(request, listing["type"], f"/subscriptions/{match['id']}")
        if address := parse_resource(request.path):
            return self._resource(request, address)
        raise Refusal(404, "NotFound", f"Nothing is at '{request.path}'.")

    def _page(self, request: Request, answer: Answer) -> Answer:
        """A list in several answers, each with the link to the next, as Azure gives long ones."""
        if (
            self.page_size is None
            or not isinstance(answer.body, dict)
            or not isinstance(answer.body.get("value"), list)
        ):
            return answer
        start, values = int(request.query.get("$skiptoken", 0)), answer.body["value"]
        end = start + self.page_size
        body = {"value": values[start:end]}
        if end < len(values):
            body["nextLink"] = f"{self.url}{quote(request.path)}?{urlencode({**request.query, '$skiptoken': str(end)})}"
        return Answer(answer.status, body, answer.headers)

    def delay(self, request: Request, polls: int, header: str) -> Answer:
        """Accepts a deletion that is done after `polls` questions; until then the resource is ``Deleting``.

        A GET of the resource is a question as well: azurerm waits for its 404 and never calls the polling URL.
        """
        resource = self._store.get(request.path)
        if resource is None:
            return Answer(204)
        resource.setdefault("properties", {})["provisioningState"] = "Deleting"
        self._store.keep(resource)
        name = str(uuid4())
        subscription = subscription_of(request.path)
        url = f"{self.url}/subscriptions/{subscription}/operationresults/{name}?api-version={request.api_version}"
        self._operations[name] = _Operation(request.path, url, header, polls)
        return Answer(202, None, {header: url, "Retry-After": str(self.retry_after)})

    def _poll(self, name: str) -> Answer:
        if (operation := self._operations.get(name)) is None:
            raise Refusal(404, "OperationNotFound", f"The operation '{name}' was not found.")
        done = self._ask(operation)
        if operation.header == "Azure-AsyncOperation":
            return Answer(
                200,
                {"name": name, "status": "Succeeded" if done else "InProgress"},
                {} if done else {"Retry-After": str(self.retry_after)},
            )
        if done:
            return Answer(200)
        return Answer(202, None, {"Location": operation.url, "Retry-After": str(self.retry_after)})

    def _ask(self, operation: _Operation) -> bool:
        """Counts a question; whether the deletion is done by now."""
        operation.polls -= 1
        # Once only: the same name may have been made again since.
        if operation.polls == -1:
            self._store.remove(operation.target)
        return operation.polls < 0

    def _advance(self, request: Request) -> None:
        for operation in self._operations.values():
            if request.method == "GET" and operation.polls >= 0 and operation.target.lower() == request.path.lower():
                self._ask(operation)

    def _check_body(self, request: Request) -> None:
        if request.method in ("PUT", "PATCH") and not isinstance(request.body, dict):
            raise bad_request("The request content was invalid: a JSON object is expected.", "InvalidRequestContent")

    def _check_subscription(self, subscription: str) -> None:
        if subscription.lower() not in self._store.subscriptions:
            raise Refusal(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")

    def _check_tenant(self, request: Request) -> None:
        if tenant := self.foreign.get(subscription_of(request.path).lower()):
            raise wrong_tenant(self.url, self._tenant_id, tenant)

    def _subscription(self, subscription: str) -> Resource:
        return {
            "id": f"/subscriptions/{subscription}",
            "subscriptionId": subscription,
            "displayName": "A subscription of the tests",
            "state": "Enabled",
            "tenantId": self._tenant_id,
        }

    def _list(self, request: Request, resource_type: str, under: str) -> Answer:
        name, api_versions = _known(resource_type)
        _check_api_version(request, name, api_versions)
        if request.method != "GET":
            raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed on a list.")
        self.rights.check(f"{name}/read", under)
        return Answer(200, {"value": self._store.of_type(name, under)})

    def _group(self, request: Request, subscription: str, name: str, lists_resources: bool) -> Answer:
        if not name:
            return Answer(200, {"value": self._store.of_type(GROUP_TYPE, f"/subscriptions/{subscription}")})
        identifier = f"/subscriptions/{subscription}/resourceGroups/{name}"
        self.rights.check(*action_of(request.method, identifier, "Microsoft.Resources/subscriptions/resourceGroups"))
        existing = self._store.get(identifier)
        if request.method == "PUT" and not lists_resources:
            return self._put_group(identifier, request.body, existing)
        if existing is None:
            raise group_not_found(name)
        if lists_resources:
            return Answer(200, {"value": self._resources_in(identifier)})
        match request.method:
            case "GET":
                return Answer(200, existing)
            case "HEAD":
                return Answer(204)
            case "PATCH":
                return self._put_group(identifier, _merge(existing, request.body), existing)
            case "DELETE":
                return self.delay(request, self.group_delete_polls, "Location")
        raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed on a resource group.")

    def _put_group(self, identifier: str, body: Any, existing: Resource | None) -> Answer:
        name = identifier.rpartition("/")[2]
        if not re.fullmatch(r"[\w().-]{1,90}", name) or name.endswith("."):
            raise bad_request(f"The resource group name '{name}' is not valid.", "InvalidResourceGroupName")
        clean = _GROUP_BODY.read(body, "")
        clean["location"] = check_location(clean["location"], GROUP_TYPE)
        if existing and existing["location"] != clean["location"]:
            raise Refusal(
                409,
                "InvalidResourceGroupLocation",
                f"Invalid resource group location '{clean['location']}'. The Resource group already exists in "
                f"location '{existing['location']}'.",
            )
        kept = existing or {"id": identifier, "name": name}
        group = {
            "id": kept["id"],
            "name": kept["name"],
            "type": GROUP_TYPE,
            **clean,
            "properties": {"provisioningState": "Succeeded"},
        }
        self._store.keep(group)
        return Answer(200 if existing else 201, group)

    def _resources_in(self, group: str) -> list[Resource]:
        """What Azure lists as resources: role assignments are none."""
        keys = ("id", "name", "type", "location", "tags")
        return [
            {key: resource[key] for key in keys if key in resource}
            for resource in map(self._store.__getitem__, list(self._store))
            if is_within(resource["id"], group) and "location" in resource and resource["type"] != GROUP_TYPE
        ]

    def _resource(self, request: Request, address: Address) -> Answer:
        if address.group_id not in self._store:
            raise group_not_found(address.group)
        if address.is_list:
            return self._list(request, address.type, address.parent_id)
        name, api_versions = _known(address.type)
        _check_api_version(request, name, api_versions)
        self.rights.check(*action_of(request.method, address.id, name))
        if address.type.lower() in READ_ONLY:
            return self._read_only(request, address)
        kind = _kind(address.type)
        existing = self._store.get(address.id)
        if request.method == "DELETE":
            self._store.remove(address.id)
            return Answer(200 if existing else 204)
        if existing is None and request.method != "PUT":
            raise resource_not_found(kind.type, address.name, address.group)
        match request.method:
            case "GET":
                return Answer(200, existing)
            case "PUT" | "PATCH":
                body = request.body
                if request.method == "PATCH":
                    assert existing
                    body = _merge(existing, body)
                # What was made in the group carries the group's name as the group spells it.
                group = self._store[address.group_id]["name"]
                address = Address(address.subscription, group, kind.type, address.name)
                setting = Setting(self._store, self._tenant_id, address, request.api_version, existing)
                resource = kind.write(body, setting)
                self._store.keep(resource)
                return Answer(200 if existing else 201, resource)
        raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed on a resource.")

    def _read_only(self, request: Request, address: Address) -> Answer:
        if request.method != "GET":
            raise Refusal(405, "MethodNotAllowed", f"{address.type} is only read here.")
        if address.id not in self._store:
            raise resource_not_found(address.type, address.name, address.group)
        return Answer(200, self._store[address.id])


@dataclass
class _Operation:
    """A deletion under way."""

    target: str
    url: str
    header: str
    polls: int


def _known(resource_type: str) -> tuple[str, frozenset[str]]:
    """A type in its own spelling, and its api-versions."""
    if name := READ_ONLY.get(resource_type.lower()):
        return name, container_service.API_VERSIONS
    kind = _kind(resource_type)
    return kind.type, kind.api_versions


def _kind(resource_type: str) -> Kind:
    for kind in KINDS:
        if kind.type.lower() == resource_type.lower():
            return kind
    raise Refusal(
        404, "InvalidResourceType", f"The resource type '{resource_type}' could not be found in this endpoint."
    )


def _check_api_version(request: Request, resource_type: str = "", known: frozenset[str] = frozenset()) -> None:
    version = request.api_version
    if not version:
        raise bad_request(
            "The api-version query parameter (?api-version=) is required for all requests.",
            "MissingApiVersionParameter",
        )
    if not _API_VERSION.fullmatch(version):
        raise bad_request(f"The api-version '{version}' is invalid.", "InvalidApiVersionParameter")
    if known and version not in known:
        raise bad_request(
            f"No registered resource provider found for API version '{version}' of type '{resource_type}'. "
            f"The supported api-versions are '{', '.join(sorted(known))}'.",
            "NoRegisteredProviderFound",
        )


def _merge(existing: Resource, patch: dict[str, Any]) -> Resource:
    """PATCH: properties one by one, everything else as a whole."""
    merged = existing | {key: value for key, value in patch.items() if key != "properties"}
    if patch.get("properties") is not None:
        merged["properties"] = existing.get("properties", {}) | patch["properties"]
    return merged
