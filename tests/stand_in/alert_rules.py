"""Microsoft.Insights/scheduledQueryRules: log search alert rules, over Azure Resource Graph and otherwise.

Sources: REST specifications 2021-08-01 to 2023-12-01; Azure Monitor service limits, "Alerts"; "Create a log search
alert rule" (limits of ``arg("")``). Defaults are those of the REST specification, not azurerm's: `autoMitigate` is on.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.stand_in.kind import Kind, Setting, check_monitor_name
from tests.stand_in.refusal import bad_request
from tests.stand_in.shapes import GUID, Flag, ListOf, MapOf, Number, Object, ReadOnly, Shape, Text
from tests.stand_in.store import Resource, Store

NO_IDENTITY = "The 'adx' pattern cannot be used with the current authentication scheme"
"""What Azure answers to a query over Resource Graph in a rule without a managed identity."""

MAX_PROPERTIES = 64 * 1024
MAX_RULES_PER_IDENTITY = 50
MAX_LOOK_BACK = timedelta(hours=48)

FREQUENCIES = ("PT1M", *(f"PT{n}M" for n in (5, 10, 15, 30, 45)), *(f"PT{n}H" for n in range(1, 7)), "P1D")
WINDOWS = (*FREQUENCIES, "P2D")

_CONDITION = Object(
    required={
        "query": Text(),
        "timeAggregation": Text(choices=("Count", "Average", "Minimum", "Maximum", "Total")),
        # azurerm writes Equal, the specification Equals: Azure takes both.
        "operator": Text(
            choices=("Equal", "Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual")
        ),
        "threshold": Number(whole=False),
    },
    optional={
        "metricMeasureColumn": Text(empty=True),
        "resourceIdColumn": Text(empty=True),
        "dimensions": ListOf(
            Object(
                required={
                    "name": Text(),
                    "operator": Text(choices=("Include", "Exclude")),
                    "values": ListOf(Text()),
                }
            ),
            most=6,
        ),
        "failingPeriods": Object(
            required={
                "numberOfEvaluationPeriods": Number(1, 6),
                "minFailingPeriodsToAlert": Number(1, 6),
            }
        ),
    },
)

_IDENTITY = Object(
    required={"type": Text()},
    optional={
        "principalId": ReadOnly(),
        "tenantId": ReadOnly(),
        "userAssignedIdentities": MapOf(Object(optional={"principalId": ReadOnly(), "clientId": ReadOnly()})),
    },
)


class AlertRules(Kind):
    type = "Microsoft.Insights/scheduledQueryRules"
    api_versions = frozenset({"2021-08-01", "2022-06-15", "2022-08-01-preview", "2023-03-15-preview", "2023-12-01"})

    def envelope(self) -> dict[str, Shape]:
        return super().envelope() | {"kind": Text(choices=("LogAlert",)), "identity": _IDENTITY}

    def properties(self, api_version: str) -> Shape:
        actions: dict[str, Shape] = {"actionGroups": ListOf(Text()), "customProperties": MapOf(Text(empty=True))}
        optional: dict[str, Shape] = {
            "description": Text(longest=4096, empty=True),
            "displayName": Text(empty=True),
            "enabled": Flag(),
            "overrideQueryTimeRange": Text(choices=(*WINDOWS, "PT20M")),
            "muteActionsDuration": Text(choices=WINDOWS),
            "targetResourceTypes": ListOf(Text()),
            "actions": Object(optional=actions),
            "checkWorkspaceAlertsStorageConfigured": Flag(),
            "skipQueryValidation": Flag(),
            "autoMitigate": Flag(),
            "createdWithApiVersion": ReadOnly(),
            "isLegacyLogAnalyticsRule": ReadOnly(),
            "isWorkspaceAlertsStorageConfigured": ReadOnly(),
        }
        if api_version >= "2023-03-15":
            actions["actionProperties"] = MapOf(Text(empty=True))
            optional["resolveConfiguration"] = Object(optional={"autoResolved": Flag(), "timeToResolve": Text()})
        return Object(
            required={
                "scopes": ListOf(Text()),
                "severity": Number(0, 4),
                "evaluationFrequency": Text(choices=FREQUENCIES),
                "windowSize": Text(choices=WINDOWS),
                "criteria": Object(required={"allOf": ListOf(_CONDITION)}),
            },
            optional=optional,
        )

    def check_name(self, name: str) -> None:
        check_monitor_name(name, "rule")

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        properties = body["properties"]
        identity = body.pop("identity", {"type": "None"})
        _check_size(properties)
        _check_scopes(properties["scopes"])
        condition = _only_condition(properties["criteria"])
        _check_condition(condition)
        _check_times(properties, condition)
        _check_mute(properties)
        _check_action_groups(properties.get("actions", {}), setting.store)
        _check_identity(identity, setting)
        if is_over_resource_graph(properties):
            _check_resource_graph(properties, identity, setting)
        resource = body | {
            "kind": "LogAlert",
            "etag": f'"{uuid4()}"',
            "systemData": {"createdBy": "tests", "createdByType": "Application"},
            "properties": {
                "enabled": True,
                "autoMitigate": True,
                "checkWorkspaceAlertsStorageConfigured": False,
                "skipQueryValidation": False,
                **properties,
                "createdWithApiVersion": setting.api_version,
                "isLegacyLogAnalyticsRule": False,
                "isWorkspaceAlertsStorageConfigured": False,
            },
        }
        return resource | _with_principals(identity, setting)


def is_over_resource_graph(properties: dict[str, Any]) -> bool:
    """Whether the rule's query reads Azure Resource Graph: it calls ``arg("")``."""
    return any(re.search(r"\barg\s*\(", condition["query"]) for condition in properties["criteria"]["allOf"])


def as_timedelta(duration: str) -> timedelta:
    """One of the durations above."""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", duration)
    assert match, duration
    days, hours, minutes = (int(number or 0) for number in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _check_size(properties: dict[str, Any]) -> None:
    size = len(json.dumps(properties, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_PROPERTIES:
        raise bad_request(f"The rule's properties have {size} bytes, the limit is {MAX_PROPERTIES} (64 KB).")


def _check_scopes(scopes: list[str]) -> None:
    if len(scopes) != 1:
        raise bad_request(f"properties.scopes: exactly one scope is supported, {len(scopes)} were given.")
    if not re.match(rf"/subscriptions/{GUID}(?:/|$)", scopes[0], re.IGNORECASE):
        raise bad_request(f"properties.scopes: '{scopes[0]}' does not contain a subscription.")


def _only_condition(criteria: dict[str, Any]) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = criteria["allOf"]
    if len(conditions) != 1:
        raise bad_request(f"properties.criteria.allOf: exactly one condition is supported, not {len(conditions)}.")
    return conditions[0]


def _check_condition(condition: dict[str, Any]) -> None:
    is_count = condition["timeAggregation"] == "Count"
    if is_count == bool(condition.get("metricMeasureColumn")):
        word = "must not be given with" if is_count else "is required unless"
        raise bad_request(f"MetricMeasureColumn {word} time aggregation Count.")
    names = [dimension["name"].lower() for dimension in condition.get("dimensions", [])]
    if len(set(names)) < len(names):
        raise bad_request("Dimension names must be unique.")
    for dimension in condition.get("dimensions", []):
        if not dimension["values"]:
            raise bad_request(f"Dimension '{dimension['name']}' has no values.")
    periods = condition.get("failingPeriods", {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1})
    if periods["minFailingPeriodsToAlert"] > periods["numberOfEvaluationPeriods"]:
        raise bad_request("MinFailingPeriodsToAlert must not be greater than NumberOfEvaluationPeriods.")


def _check_times(properties: dict[str, Any], condition: dict[str, Any]) -> None:
    """The frequency is at most the window times the periods, and an evaluation looks back two days at most."""
    frequency, window = as_timedelta(properties["evaluationFrequency"]), as_timedelta(properties["windowSize"])
    look_back = window * condition.get("failingPeriods", {}).get("numberOfEvaluationPeriods", 1)
    if frequency > look_back:
        raise bad_request(
            f"EvaluationFrequency {properties['evaluationFrequency']} must not be greater than "
            f"WindowSize {properties['windowSize']} times the number of evaluation periods."
        )
    if look_back > MAX_LOOK_BACK:
        raise bad_request(f"WindowSize times the number of evaluation periods is {look_back}, the limit is 48 hours.")


def _check_mute(properties: dict[str, Any]) -> None:
    if not (mute := properties.get("muteActionsDuration")):
        return
    if properties.get("autoMitigate", True):
        raise bad_request("MuteActionsDuration cannot be used together with AutoMitigate.")
    if as_timedelta(properties["evaluationFrequency"]) > as_timedelta(mute):
        raise bad_request("EvaluationFrequency cannot be greater than MuteActionsDuration")


def _check_action_groups(actions: dict[str, Any], store: Store) -> None:
    for identifier in actions.get("actionGroups", []):
        if identifier not in store or store[identifier]["type"].lower() != "microsoft.insights/actiongroups":
            raise bad_request(f"The action group '{identifier}' does not exist.")


def _check_identity(identity: dict[str, Any], setting: Setting) -> None:
    """A rule has a system-assigned identity or one that was made before, never both."""
    given = identity.get("userAssignedIdentities", {})
    if identity["type"] not in ("None", "SystemAssigned", "UserAssigned"):
        raise bad_request(f"Identity type '{identity['type']}' is not supported: SystemAssigned or UserAssigned.")
    if bool(given) != (identity["type"] == "UserAssigned"):
        raise bad_request(f"userAssignedIdentities do not fit the identity type '{identity['type']}'.")
    if len(given) > 1:
        raise bad_request("Only one user-assigned identity is supported.")
    for identifier in given:
        if identifier not in setting.store:
            raise bad_request(
                f"Identity operation for resource '{setting.address.id}' failed: "
                f"the identity '{identifier}' was not found.",
                "FailedIdentityOperation",
            )
    if identity["type"] != "None" and ";" in setting.address.name:
        raise bad_request(f"The name of a rule with an identity must not contain ';': '{setting.address.name}'")


def _check_resource_graph(properties: dict[str, Any], identity: dict[str, Any], setting: Setting) -> None:
    if identity["type"] == "None":
        raise bad_request(NO_IDENTITY)
    if properties["evaluationFrequency"] == "PT1M":
        raise bad_request("A frequency of one minute is not supported for queries over Azure Resource Graph.")
    for identifier in identity.get("userAssignedIdentities", {}):
        others = [
            rule
            for rule in setting.store.of_type(AlertRules.type)
            if rule["id"].lower() != setting.address.id.lower()
            and identifier.lower() in map(str.lower, rule.get("identity", {}).get("userAssignedIdentities", {}))
            and is_over_resource_graph(rule["properties"])
        ]
        if len(others) >= MAX_RULES_PER_IDENTITY:
            raise bad_request(
                f"The identity '{identifier}' has {len(others)} rules over Azure Resource Graph already, "
                f"the limit is {MAX_RULES_PER_IDENTITY}."
            )


def _with_principals(identity: dict[str, Any], setting: Setting) -> Resource:
    """What Azure adds to the identity; a system-assigned principal stays as long as the rule keeps its identity."""
    if identity["type"] == "None":
        return {}
    if identity["type"] == "SystemAssigned":
        before = (setting.existing or {}).get("identity", {}).get("principalId")
        return {
            "identity": {
                "type": "SystemAssigned",
                "principalId": before or str(uuid4()),
                "tenantId": setting.tenant_id,
            }
        }
    principals = {}
    for identifier in identity["userAssignedIdentities"]:
        properties = setting.store[identifier]["properties"]
        principals[identifier] = {key: properties[key] for key in ("principalId", "clientId")}
    return {"identity": {"type": "UserAssigned", "userAssignedIdentities": principals}}
