"""Microsoft.Insights/actionGroups: eleven kinds of receivers, their required properties and limits.

Sources: REST specification 2023-01-01; Azure Monitor service limits, "Action groups".
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.stand_in.kind import Kind, Setting, check_monitor_name
from tests.stand_in.refusal import bad_request
from tests.stand_in.shapes import GUID, Flag, ListOf, Object, ReadOnly, Shape, Text
from tests.stand_in.store import Resource

_NAME = {"name": Text()}
_COMMON = {"useCommonAlertSchema": Flag()}
_GUID = Text(pattern=GUID)
_URL = Text(pattern=r"https?://\S+")
_ARM_ID = Text(pattern=rf"(?i:/subscriptions/{GUID}/resourceGroups/[^/]+/providers/[^/]+(?:/[^/]+/[^/]+)+)")
# What Azure thinks of a form is published nowhere for these two: nobody documents more than that they are texts.
_ADDRESS = Text(pattern=r"[^@\s]+@[^@\s]+", longest=64)
_PHONE = {"countryCode": Text(pattern=r"\+?\d{1,4}"), "phoneNumber": Text(pattern=r"[+\d\s()-]{3,20}")}


def _receiver(required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Object:
    return Object(required={**_NAME, **required}, optional=optional or {})


RECEIVERS: dict[str, Object] = {
    "emailReceivers": _receiver({"emailAddress": _ADDRESS}, {**_COMMON, "status": ReadOnly()}),
    "smsReceivers": _receiver({**_PHONE}, {"status": ReadOnly()}),
    "voiceReceivers": _receiver({**_PHONE}),
    "azureAppPushReceivers": _receiver({"emailAddress": _ADDRESS}),
    "webhookReceivers": _receiver(
        {"serviceUri": _URL},
        {**_COMMON, "useAadAuth": Flag(), "objectId": _GUID, "identifierUri": Text(empty=True), "tenantId": _GUID},
    ),
    "logicAppReceivers": _receiver({"resourceId": _ARM_ID, "callbackUrl": _URL}, _COMMON),
    "azureFunctionReceivers": _receiver(
        {"functionAppResourceId": _ARM_ID, "functionName": Text(), "httpTriggerUrl": _URL}, _COMMON
    ),
    "automationRunbookReceivers": _receiver(
        {
            "automationAccountId": _ARM_ID,
            "runbookName": Text(),
            "webhookResourceId": _ARM_ID,
            "isGlobalRunbook": Flag(),
        },
        {**_COMMON, "serviceUri": Text(pattern=r"(?:https?://\S+)?", empty=True)},
    ),
    "armRoleReceivers": _receiver({"roleId": _GUID}, _COMMON),
    "eventHubReceivers": _receiver(
        {"eventHubNameSpace": Text(), "eventHubName": Text(), "subscriptionId": _GUID}, {**_COMMON, "tenantId": _GUID}
    ),
    "itsmReceivers": _receiver(
        {
            "workspaceId": Text(pattern=rf"{GUID}\|{GUID}"),
            "connectionId": _GUID,
            "ticketConfiguration": Text(),
            "region": Text(),
        }
    ),
}
"""The shape of each kind's receivers."""

LIMITS = {kind: 1000 if kind == "emailReceivers" else 10 for kind in RECEIVERS}


class ActionGroups(Kind):
    type = "Microsoft.Insights/actionGroups"
    api_versions = frozenset({"2021-09-01", "2022-06-01", "2023-01-01"})
    is_global = True

    def properties(self, api_version: str) -> Shape:
        lists = {kind: ListOf(shape, most=LIMITS[kind]) for kind, shape in RECEIVERS.items()}
        if api_version < "2022-06-01":
            del lists["eventHubReceivers"]
        return Object(required={"groupShortName": Text()}, optional={"enabled": Flag(), **lists})

    def check_name(self, name: str) -> None:
        check_monitor_name(name, "action group")

    def finish(self, body: dict[str, Any], setting: Setting) -> Resource:
        properties = body["properties"]
        if len(properties["groupShortName"]) > 12:
            raise bad_request(
                f"The group short name '{properties['groupShortName']}' is too long: the limit is 12 characters.",
                "GroupShortNameIsTooLong",
            )
        _check_names(properties)
        for hook in properties.get("webhookReceivers", []):
            if hook.get("useAadAuth") and not hook.get("objectId"):
                raise bad_request(f"Webhook receiver '{hook['name']}': useAadAuth needs objectId.")
            if hook.get("useAadAuth"):
                # azurerm's schema: optional, and computed where they are left out.
                hook["identifierUri"] = hook.get("identifierUri") or f"api://{hook['objectId']}"
                hook["tenantId"] = hook.get("tenantId") or setting.tenant_id
        for ticket in properties.get("itsmReceivers", []):
            _check_ticket(ticket)
        for kind in ("emailReceivers", "smsReceivers"):
            for receiver in properties.get(kind, []):
                receiver["status"] = "Enabled"
        return body | {"properties": {"enabled": True, **{kind: [] for kind in RECEIVERS}, **properties}}


def _check_names(properties: dict[str, Any]) -> None:
    """Receiver names are unique in a group, over all kinds and without regard to letter case."""
    names = Counter(receiver["name"].lower() for kind in RECEIVERS for receiver in properties.get(kind, []))
    if double := [name for name, times in names.items() if times > 1]:
        raise bad_request(f"Receiver names must be unique in an action group: {', '.join(double)}", "DuplicateReceiver")


def _check_ticket(receiver: dict[str, Any]) -> None:
    """The two keys that Azure wants in a ticket configuration (azure-rest-api-specs issue 20488)."""
    try:
        configuration = json.loads(receiver["ticketConfiguration"])
    except json.JSONDecodeError:
        configuration = None
    if not isinstance(configuration, dict) or not {"PayloadRevision", "WorkItemType"} <= configuration.keys():
        raise bad_request(
            f"ITSM receiver '{receiver['name']}': ticketConfiguration must be JSON "
            "with PayloadRevision and WorkItemType."
        )
