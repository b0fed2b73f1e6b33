"""Microsoft.AlertsManagement/actionRules: alert processing rules, which suppress notifications or add to them.

Sources: REST specification 2021-08-08; "Alert processing rules" (scopes in the rule's own subscription, at most five
values per filter). Names: azurerm's validation, letters, digits, ``-`` and ``_``.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tests.stand_in.addresses import subscription_of
from tests.stand_in.kind import Kind, Setting
from tests.stand_in.refusal import bad_request
from tests.stand_in.shapes import Flag, ListOf, Number, Object, ReadOnly, Shape, Text
from tests.stand_in.store import Resource

MAX_VALUES = 5
"""Values in one condition."""

FIXED_VALUES = {
    "MonitorCondition": ("Fired", "Resolved"),
    "Severity": ("Sev0", "Sev1", "Sev2", "Sev3", "Sev4"),
    "SignalType": ("Metric", "Log", "Unknown", "Health"),
}
"""Fields whose values Azure does not extend."""

_ONLY_EQUAL = (*FIXED_VALUES, "MonitorService", "TargetResourceType")
_FIELDS = (
    *_ONLY_EQUAL,
    *("AlertContext", "AlertRuleId", "AlertRuleName", "Description", "TargetResource", "TargetResourceGroup"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = Text(pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_TIME_OF_DAY = Text(pattern=r"\d\d:\d\d:\d\d")


class AlertProcessingRules(Kind):
    type = "Microsoft.AlertsManagement/actionRules"
    api_versions = frozenset({"2021-08-08", "2021-08-08-preview"})
    is_global = True

    def properties(self, api_version: str) -> Shape:
        action = Object(
            required={"actionType": Text(choices=("RemoveAllActionGroups", "AddActionGroups"))},
            optional={"actionGroupIds": ListOf(Text())},
        )
        condition = Object(
            required={
                "field": Text(choices=_FIELDS),
                "operator": Text(choices=("Equals", "NotEquals", "Contains", "DoesNotContain")),
                "values": ListOf(Text(), most=MAX_VALUES),
            }
        )
        recurrence = Object(
            required={"recurrenceType": Text(choices=("Daily", "Weekly", "Monthly"))},
            optional={
                "startTime": _TIME_OF_DAY,
                "endTime": _TIME_OF_DAY,
                "daysOfWeek": ListOf(Text(choices=_DAYS)),
                "daysOfMonth": ListOf(Number(1, 31)),
            },
        )
        schedule = Object(
            optional={
                "effectiveFrom": _TIME,
                "effectiveUntil": _TIME,
                "timeZone": Text(),
                "recurrences": ListOf(recurrence),
            }
        )
        return Object(
            required={"scopes": ListOf(Text()), "actions": ListOf(action)},
            optional={
                "conditions": ListOf(condition),
                "schedule": schedule,
                "description": Text(empty=True),
                "enabled": Flag(),
                **{key: ReadOnly() for key in ("createdAt", "createdBy", "lastModifiedAt", "lastModifiedBy")},
            },
        )

    def check_name(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            raise bad_request(
                f"The name '{name}' of an alert processing rule is not valid: letters, digits, '-' and '_', "
                "a letter or digit first."
            )

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        properties = body["properties"]
        if body["location"] != "global":
            raise bad_request(f"An alert processing rule is global, not in '{body['location']}'.")
        _check_scopes(properties["scopes"], setting.address.subscription)
        _check_conditions(properties.get("conditions", []))
        if not properties["actions"]:
            raise bad_request("properties.actions: at least one action is required.")
        for action in properties["actions"]:
            if (action["actionType"] == "AddActionGroups") != bool(action.get("actionGroupIds")):
                raise bad_request("actionGroupIds belongs to the action AddActionGroups, which needs it.")
        defaults = {"enabled": True, "description": ""}
        return body | {"etag": f'"{uuid4()}"', "properties": {**defaults, **properties}}


def _check_scopes(scopes: list[str], subscription: str) -> None:
    if not scopes:
        raise bad_request("properties.scopes: at least one scope is required.")
    for scope in scopes:
        if subscription_of(scope).lower() != subscription.lower():
            raise bad_request(
                f"properties.scopes: '{scope}' is not in the subscription '{subscription}' of the alert processing rule."
            )


def _check_conditions(conditions: list[dict[str, Any]]) -> None:
    fields = [condition["field"] for condition in conditions]
    if len(set(fields)) < len(fields):
        raise bad_request("properties.conditions: a field may occur once.")
    for condition in conditions:
        field = condition["field"]
        if not condition["values"]:
            raise bad_request(f"properties.conditions: the field '{field}' has no values.")
        if field in _ONLY_EQUAL and condition["operator"] not in ("Equals", "NotEquals"):
            raise bad_request(f"properties.conditions: '{field}' takes Equals and NotEquals only.")
        for value in condition["values"]:
            if value not in FIXED_VALUES.get(field, (value,)):
                raise bad_request(f"properties.conditions: '{value}' is not a value of '{field}'.")
