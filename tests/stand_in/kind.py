"""One kind of resource in a resource group: what the resource manager asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.stand_in.addresses import Address
from tests.stand_in.locations import check_location
from tests.stand_in.refusal import bad_request, location_is_fixed
from tests.stand_in.shapes import ENVELOPE, TAGS, Object, Shape, Text
from tests.stand_in.store import Resource, Store


@dataclass(frozen=True)
class Setting:
    """What a kind may know while it checks a body."""

    store: Store
    tenant_id: str
    address: Address
    api_version: str
    existing: Resource | None


class Kind:
    """A resource type: its api-versions, the shape of its body, and the rules that no shape can say."""

    type: str
    api_versions: frozenset[str]
    is_global = False
    """Whether the type takes the location ``global``."""

    def properties(self, api_version: str) -> Shape:
        """The shape of `properties` in one api-version."""
        raise NotImplementedError

    def envelope(self) -> dict[str, Shape]:
        """What the body may hold besides location, tags and properties."""
        return dict(ENVELOPE)

    def check_name(self, name: str) -> None:
        raise NotImplementedError

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        """Checks what lies across properties and adds what Azure writes itself."""
        raise NotImplementedError

    def write(self, body: Any, setting: Setting) -> Resource:
        """The resource that this body makes, or a `Refusal`."""
        self.check_name(setting.address.name)
        shape = Object(
            required={"location": Text(), "properties": self.properties(setting.api_version)},
            optional={"tags": TAGS, **self.envelope()},
        )
        clean = shape.read(body, "")
        clean["location"] = check_location(clean["location"], self.type, is_global=self.is_global)
        address, existing = setting.address, setting.existing
        if existing and existing["location"] != clean["location"]:
            raise location_is_fixed(address.name, address.group, existing["location"], clean["location"])
        return {
            "id": existing["id"] if existing else address.id,
            "name": existing["name"] if existing else address.name,
            "type": self.type,
            **self.finish(clean, setting),
        }


def check_monitor_name(name: str, what: str) -> None:
    """Resource name rules for Microsoft.Insights: 1 to 260, none of ``*<>%{}&:\\?/#`` or control characters."""
    wrong = sorted({letter for letter in name if letter in r"*<>%{}&:\?/#" or ord(letter) < 32})
    if wrong:
        raise bad_request(f"The {what} name '{name}' contains characters that are not allowed: {' '.join(wrong)}")
    if name.endswith((" ", ".")):
        raise bad_request(f"The {what} name '{name}' must not end with a space or a period.")
    if len(name) > 260:
        raise bad_request(f"The {what} name has {len(name)} characters, the limit is 260.")
