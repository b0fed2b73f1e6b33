"""Who is notified: one model per kind of receiver of an action group.

Arguments have azurerm's names, so its documentation serves for ours. Limits: "Azure Monitor service limits", action groups.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator

from aks_communication_manager.config.fields import (
    CountryCode,
    Email,
    HttpsUrl,
    PhoneNumber,
    Text,
    Uuid,
    arm_resource,
    matching,
    unless_token,
)
from aks_communication_manager.config.model import Model, Reported, shown
from aks_communication_manager.domain.limits import EMAIL_RECEIVERS, RECEIVERS
from aks_communication_manager.errors import InvalidArgument, did_you_mean, invalid, quoted


class Receiver(Model):
    """Somebody, or something, that an action group calls. Raises `InvalidArgument` for what Azure would refuse."""

    instead = "one of its kinds, such as EmailReceiver"

    kind: ClassVar[str]
    """The value of ``type`` in a config."""

    at_most: ClassVar[int] = RECEIVERS
    """How many of this kind Azure takes in one action group."""

    name: Text
    """Unique in the action group, letter case aside."""


class EmailReceiver(Receiver):
    """A mail to a person or a distribution list."""

    kind = "email"
    at_most = EMAIL_RECEIVERS
    type: Literal["email"] = "email"

    email_address: Email
    """At most 64 characters: Azure refuses longer ones, and only at apply."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share, which mail rules and parsers expect."""


class SmsReceiver(Receiver):
    """A text message."""

    kind = "sms"
    type: Literal["sms"] = "sms"

    country_code: CountryCode
    """Digits only, such as ``31``."""

    phone_number: PhoneNumber
    """Digits only, without the country code."""


class VoiceReceiver(Receiver):
    """A phone call."""

    kind = "voice"
    type: Literal["voice"] = "voice"

    country_code: CountryCode
    """Digits only, such as ``1``."""

    phone_number: PhoneNumber
    """Digits only, without the country code."""


class AzureAppPushReceiver(Receiver):
    """A notification in the Azure mobile app."""

    kind = "azure_app_push"
    type: Literal["azure_app_push"] = "azure_app_push"

    email_address: Email
    """The address with which the person signs in to the app."""


class AadAuth(Model):
    """How a webhook that Microsoft Entra ID protects is called."""

    object_id: Uuid
    """Of the application that the webhook belongs to."""

    identifier_uri: (
        Annotated[
            str,
            matching(
                r"(api|https)://\S+",
                "is not an identifier URI",
                "It begins with api:// or https://, as the application's registration shows it.",
            ),
        ]
        | None
    ) = None
    """Computed by Azure where it is left out."""

    tenant_id: Uuid | None = None
    """The subscription's tenant where it is left out."""


class WebhookReceiver(Receiver):
    """A POST to a URL."""

    kind = "webhook"
    type: Literal["webhook"] = "webhook"

    service_uri: HttpsUrl
    """https only. Never shown in messages: it often carries its secret."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""

    aad_auth: AadAuth | None = None
    """Without it the call is not authenticated beyond what the URL carries."""


class LogicAppReceiver(Receiver):
    """A Logic Apps workflow."""

    kind = "logic_app"
    type: Literal["logic_app"] = "logic_app"

    resource_id: Annotated[str, arm_resource("Microsoft.Logic/workflows")]
    """Of the workflow."""

    callback_url: HttpsUrl
    """Of the workflow's request trigger. Never shown in messages."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""


class AzureFunctionReceiver(Receiver):
    """A function with an HTTP trigger."""

    kind = "azure_function"
    type: Literal["azure_function"] = "azure_function"

    function_app_resource_id: Annotated[str, arm_resource("Microsoft.Web/sites")]
    """Of the function app."""

    function_name: Text
    """Of the function in it."""

    http_trigger_url: HttpsUrl
    """Of the function's trigger. Never shown in messages."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""


class AutomationRunbookReceiver(Receiver):
    """An Azure Automation runbook."""

    kind = "automation_runbook"
    type: Literal["automation_runbook"] = "automation_runbook"

    automation_account_id: Annotated[str, arm_resource("Microsoft.Automation/automationAccounts")]
    """Of the account that holds the runbook."""

    runbook_name: Text
    """Of the runbook."""

    webhook_resource_id: Annotated[
        str,
        matching(
            r"(?i:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Automation/automationAccounts/[^/]+/webhooks/[^/]+)",
            "is not the id of a runbook's webhook",
            "Write it in full: /subscriptions/<id>/resourceGroups/<name>"
            "/providers/Microsoft.Automation/automationAccounts/<name>/webhooks/<name>",
        ),
    ]
    """The id of the webhook that is linked to the runbook."""

    is_global_runbook: bool
    """Whether the runbook is one that Azure provides for all."""

    service_uri: HttpsUrl
    """The webhook's URL. Never shown in messages."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""


class ArmRoleReceiver(Receiver):
    """An e-mail to everybody who has a role on the subscription."""

    kind = "arm_role"
    type: Literal["arm_role"] = "arm_role"

    role_id: Uuid
    """Of a built-in role, such as ``8e3af657-a8ff-443c-a75c-2fe8c4bcb635`` (Owner)."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""


class EventHubReceiver(Receiver):
    """An event hub."""

    kind = "event_hub"
    type: Literal["event_hub"] = "event_hub"

    event_hub_name: Text
    """Of the hub itself."""

    event_hub_namespace: Text
    """The namespace that holds the hub."""

    tenant_id: Uuid | None = None
    """The subscription's tenant where it is left out."""

    subscription_id: Uuid | None = None
    """The provider's subscription where it is left out."""

    use_common_alert_schema: bool = True
    """The payload that all other alerts share."""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _ticket_configuration(value: str) -> str:
    # azurerm checks only that it is JSON; the service refuses the action group without these two keys.
    try:
        ticket = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(
            "ACM042", f"the ticket configuration is not JSON: {error}", 'Write {"PayloadRevision": 0, …}'
        ) from None
    wanted = ("PayloadRevision", "WorkItemType")
    absent = [key for key in wanted if not isinstance(ticket, dict) or key not in ticket]
    if absent:
        raise invalid(
            "ACM042",
            f"the ticket configuration lacks {' and '.join(absent)}",
            'Write both: {"PayloadRevision": 0, "WorkItemType": "Incident"}',
        )
    return value


class ItsmReceiver(Receiver):
    """A ticket through an ITSM connection of a Log Analytics workspace."""

    kind = "itsm"
    type: Literal["itsm"] = "itsm"

    workspace_id: Annotated[
        str,
        matching(
            r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
            "is not a workspace of an ITSM connection",
            "Write <subscription id>|<workspace id>, two UUIDs with | between them.",
        ),
    ]
    """``<subscription id>|<workspace id>``, the workspace's own UUID."""

    connection_id: Uuid
    """Of the ITSM connection in the workspace."""

    ticket_configuration: Annotated[str, AfterValidator(unless_token(_ticket_configuration))]
    """JSON with at least ``PayloadRevision`` and ``WorkItemType``."""

    region: Text
    """Of the workspace, such as ``westeurope``."""


KINDS: Mapping[str, type[Receiver]] = {
    model.kind: model
    for model in (
        EmailReceiver,
        SmsReceiver,
        VoiceReceiver,
        AzureAppPushReceiver,
        WebhookReceiver,
        LogicAppReceiver,
        AzureFunctionReceiver,
        AutomationRunbookReceiver,
        ArmRoleReceiver,
        EventHubReceiver,
        ItsmReceiver,
    )
}


def receiver(value: Any) -> Receiver:
    """A receiver from a config: its ``type`` says which. Raises `InvalidArgument`."""
    if isinstance(value, Receiver):
        return value
    if not isinstance(value, Mapping):
        raise invalid(
            "ACM023",
            f"{shown((), value)} is not a receiver",
            "Write {type: email, name: …, email_address: …}, or another type.",
        )
    kind = value.get("type")
    if kind is Reported:
        raise InvalidArgument()
    if kind is None:
        raise invalid("ACM020", "missing", f"One of {', '.join(KINDS)}.", "type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise invalid("ACM025", f"{quoted(kind)} is not a type of receiver", did_you_mean(str(kind), KINDS), "type")
    return KINDS[kind](**value)
