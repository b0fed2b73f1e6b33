"""Microsoft.Insights/activityLogAlerts: alerts on events of the activity log, the health of resources among them.

Sources: REST specification 2020-10-01; "Create an activity log alert rule"; resource group and provider conditions
of Service Health and Resource Health alerts.
"""

from __future__ import annotations

from typing import Any

from tests.stand_in.kind import Kind, Setting, check_monitor_name
from tests.stand_in.refusal import bad_request
from tests.stand_in.shapes import Flag, ListOf, MapOf, Object, Shape, Text
from tests.stand_in.store import Resource

CATEGORIES = (
    "Administrative",
    "Autoscale",
    "Policy",
    "Recommendation",
    "ResourceHealth",
    "Security",
    "ServiceHealth",
)
HEALTH = ("Available", "Degraded", "Unavailable", "Unknown")
_LEAF: dict[str, Shape] = {"field": Text(), "equals": Text(), "containsAny": ListOf(Text())}
_VALUES = {"properties.currentHealthStatus": HEALTH, "properties.previousHealthStatus": HEALTH, "category": CATEGORIES}
"""Fields whose values Azure does not extend."""


class ActivityLogAlerts(Kind):
    type = "Microsoft.Insights/activityLogAlerts"
    api_versions = frozenset({"2020-10-01"})
    is_global = True

    def properties(self, api_version: str) -> Shape:
        condition = Object(optional={**_LEAF, "anyOf": ListOf(Object(optional=_LEAF))})
        action = Object(required={"actionGroupId": Text()}, optional={"webhookProperties": MapOf(Text(empty=True))})
        return Object(
            required={
                "scopes": ListOf(Text()),
                "condition": Object(required={"allOf": ListOf(condition)}),
                "actions": Object(optional={"actionGroups": ListOf(action)}),
            },
            optional={"enabled": Flag(), "description": Text(empty=True)},
        )

    def check_name(self, name: str) -> None:
        check_monitor_name(name, "activity log alert")

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        properties = body["properties"]
        if not properties["scopes"]:
            raise bad_request("properties.scopes: at least one scope is required.")
        for scope in properties["scopes"]:
            if not scope.lower().startswith("/subscriptions/"):
                raise bad_request(
                    f"properties.scopes: '{scope}' is not the id of a subscription, a group or a resource."
                )
        conditions = properties["condition"]["allOf"]
        leaves = [leaf for condition in conditions for leaf in condition.get("anyOf", [condition])]
        if [leaf["field"] for leaf in leaves if "field" in leaf].count("category") != 1:
            raise bad_request("properties.condition: exactly one condition has to be on the field 'category'.")
        for leaf in leaves:
            if not leaf.get("field") or ("equals" in leaf) == ("containsAny" in leaf):
                raise bad_request("properties.condition: a condition has a field and either equals or containsAny.")
            if leaf.get("equals") not in (None, *_VALUES.get(leaf["field"], (leaf.get("equals"),))):
                raise bad_request(f"properties.condition: '{leaf['equals']}' is not a value of '{leaf['field']}'.")
        return body | {"properties": {"enabled": True, "description": "", **properties}}
