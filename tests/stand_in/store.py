"""What exists in the pretended Azure: subscriptions, resources by id, and the principals of the directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from tests.stand_in.addresses import group_of, parse_resource, subscription_of

Resource = dict[str, Any]

GROUP_TYPE = "Microsoft.Resources/resourceGroups"


class Store(Mapping[str, Resource]):
    """Resources by id, without regard to letter case, in the order they were made. What is read is a copy."""

    def __init__(self) -> None:
        self.subscriptions: set[str] = set()
        self.extra_principals: dict[str, str] = {}
        self._resources: dict[str, Resource] = {}

    def __getitem__(self, identifier: str) -> Resource:
        return deepcopy(self._resources[identifier.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter([resource["id"] for resource in self._resources.values()])

    def __len__(self) -> int:
        return len(self._resources)

    def __contains__(self, identifier: object) -> bool:
        return isinstance(identifier, str) and identifier.lower() in self._resources

    def of_type(self, resource_type: str, under: str = "") -> list[Resource]:
        """Every resource of a type such as ``Microsoft.Insights/actionGroups``, optionally below an id."""
        return [
            deepcopy(resource)
            for resource in list(self._resources.values())
            if resource["type"].lower() == resource_type.lower() and is_within(resource["id"], under)
        ]

    def keep(self, resource: Resource) -> None:
        self._resources[resource["id"].lower()] = deepcopy(resource)

    def remove(self, identifier: str) -> None:
        """Removes a resource; a resource group takes with it all that lies in it."""
        for key in [key for key in self._resources if is_within(key, identifier)]:
            del self._resources[key]

    def seed(self, identifier: str, location: str = "westeurope") -> None:
        """Makes something exist that no test creates: a subscription, a resource group, a cluster with its group."""
        self.subscriptions.add(subscription_of(identifier).lower())
        if (group := group_of(identifier)) and group not in self:
            name = group.rpartition("/")[2]
            properties = {"provisioningState": "Succeeded"}
            self.keep({"id": group, "name": name, "type": GROUP_TYPE, "location": location, "properties": properties})
        if (address := parse_resource(identifier)) and address.id not in self:
            name = address.name.rpartition("/")[2]
            self.keep({"id": address.id, "name": name, "type": address.type, "location": location, "properties": {}})

    def principal_type(self, principal: str) -> str | None:
        """What kind of principal an object id is: identities, rules with an identity, and those that were seeded."""
        for resource in self._resources.values():
            ids = (resource.get("identity", {}).get("principalId"), resource["properties"].get("principalId"))
            is_assignment = resource["type"] == "Microsoft.Authorization/roleAssignments"
            if not is_assignment and principal.lower() in ids:
                return "ServicePrincipal"
        return self.extra_principals.get(principal.lower())


def is_within(identifier: str, parent: str) -> bool:
    """Whether an id is `parent` or lies below it; everything lies below the empty id."""
    identifier, parent = identifier.lower(), parent.lower().rstrip("/")
    return not parent or identifier == parent or identifier.startswith(f"{parent}/")
