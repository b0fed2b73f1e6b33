"""Microsoft.ManagedIdentity/userAssignedIdentities, with a principal of their own in the directory.

Sources: REST specification 2024-11-30; resource name rules for Microsoft.ManagedIdentity.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tests.stand_in.kind import Kind, Setting
from tests.stand_in.refusal import bad_request
from tests.stand_in.shapes import Object, ReadOnly, Shape, Text
from tests.stand_in.store import Resource


class UserAssignedIdentities(Kind):
    type = "Microsoft.ManagedIdentity/userAssignedIdentities"
    api_versions = frozenset({"2018-11-30", "2023-01-31", "2024-11-30"})

    def properties(self, api_version: str) -> Shape:
        optional: dict[str, Shape] = {key: ReadOnly() for key in ("principalId", "clientId", "tenantId")}
        if api_version >= "2024-11-30":
            optional["isolationScope"] = Text(choices=("None", "Regional"))
        return Object(optional=optional)

    def check_name(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", name):
            raise bad_request(
                f"The identity name '{name}' is not valid: 3 to 128 letters, digits, '-' and '_', "
                "a letter or digit first."
            )

    def write(self, body: Any, setting: Setting) -> Resource:
        # The specification does not require `properties` here.
        if isinstance(body, dict) and body.get("properties") is None:
            body = body | {"properties": {}}
        return super().write(body, setting)

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        if setting.existing:
            kept = setting.existing["properties"]
        else:
            kept = {"tenantId": setting.tenant_id, "principalId": str(uuid4()), "clientId": str(uuid4())}
        return body | {"properties": kept | body["properties"]}
