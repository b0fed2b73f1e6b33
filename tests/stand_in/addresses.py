"""Azure Resource Manager addresses: which resource, or which list, a path means. Keywords in any letter case."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GROUP = r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
_RESOURCE = re.compile(rf"{_GROUP}/providers/(?P<namespace>[^/]+)/(?P<rest>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """A resource in a resource group, or the list of a kind: then the last type has no name."""

    subscription: str
    group: str
    type: str
    name: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def is_list(self) -> bool:
        return len(list(filter(None, self.name.split("/")))) < self.type.count("/")

    @property
    def parent_id(self) -> str:
        """Of a list: the resource group, or the resource to which the listed ones belong."""
        if not self.name:
            return self.group_id
        return Address(self.subscription, self.group, self.type.rpartition("/")[0], self.name).id

    @property
    def id(self) -> str:
        """As ARM returns it: the keywords in one spelling, the names as given."""
        namespace, *types = self.type.split("/")
        pairs = zip(types, self.name.split("/"), strict=True)
        return f"{self.group_id}/providers/{namespace}/" + "/".join(f"{kind}/{name}" for kind, name in pairs)


def parse_resource(path: str) -> Address | None:
    """`path` as a resource or a list of resources in a group; None for any other path."""
    if not (match := _RESOURCE.fullmatch(path)):
        return None
    segments = match["rest"].split("/")
    return Address(
        match["subscription"],
        match["group"],
        "/".join([match["namespace"], *segments[::2]]),
        "/".join(segments[1::2]),
    )


def subscription_of(identifier: str) -> str:
    """The subscription in an id, or nothing."""
    match = re.match(r"/subscriptions/([^/]+)", identifier, re.IGNORECASE)
    return match[1] if match else ""


def group_of(identifier: str) -> str:
    """The id of the resource group in an id, or nothing."""
    match = re.match(_GROUP, identifier, re.IGNORECASE)
    return f"/subscriptions/{match['subscription']}/resourceGroups/{match['group']}" if match else ""
