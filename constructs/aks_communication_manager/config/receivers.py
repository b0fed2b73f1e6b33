"""Receivers of an action group, one model per kind.

Arguments have azurerm's names, so its documentation serves for ours. Limits: "Azure Monitor service limits", action groups.
"""

from __future__ import annotations

import hmac
import json
import math
import re
from collections.abc import Iterable, Mapping
from secrets import token_bytes
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from aks_communication_manager.arm import ids
from aks_communication_manager.arm.limits import EMAIL_RECEIVERS, RECEIVERS
from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.config.fields import (
    AUTHORITY_AND_REST,
    CountryCode,
    Email,
    HttpsUrl,
    PhoneNumber,
    Text,
    Uuid,
    arm_resource,
    matching,
)
from aks_communication_manager.config.forms import EXAMPLE_UUID, Checked, any_case, string
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.text import did_you_mean

KINDS: dict[str, type[Receiver]] = {}
"""Models of receivers by their ``type``."""

_RUNBOOK_WEBHOOK = (
    "/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Automation/automationAccounts/<name>/webhooks/<name>"
)


_PROCESS = token_bytes(32)


def address_key(kind: str, arguments: Mapping[str, Any]) -> str:
    """Key of the address in the arguments of a receiver, the same for receivers that reach the same person or program.

    The address can be a secret, and cannot be derived from its key, which differs between processes.
    """
    match arguments:
        case {"email_address": str(address)}:
            address = address.strip().lower()
        case {"country_code": code, "phone_number": number}:
            address = f"+{code}{re.sub('[^0-9]', '', str(number)).lstrip('0') or number}"
        case {"service_uri": str(address)}:
            pass
        case _:
            known = sorted((key, value) for key, value in arguments.items() if value is not None)
            address = repr([pair for pair in known if pair[0] not in ("name", "use_common_alert_schema")])
    return hmac.digest(_PROCESS, f"{kind} {address}".encode(errors="replace"), "sha256").hex()


class Receiver(Model):
    """A receiver of an action group. Raises `InvalidArgument` for values that Azure rejects."""

    use_instead = "one of its kinds, such as EmailReceiver"
    accepts_references = True
    takes_variables = ("name",)

    kind: ClassVar[str]
    """The value of ``type`` in a config."""

    at_most: ClassVar[int] = RECEIVERS
    """Limit of Azure for receivers of this type in one action group."""

    name: Text = Field(examples=["platform-team"])
    """A name that is unique in the action group, whatever its letter case. Shown in messages and reports."""

    @classmethod
    def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
        if own := cls.model_fields.get("type"):
            cls.kind = own.default
            KINDS.setdefault(cls.kind, cls)

    @property
    def address_key(self) -> str:
        """Equal for receivers with the same address (see `address_key`)."""
        return address_key(self.kind, self.model_dump(exclude={"type", "name"}))

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # An address or a number can be as secret as a URL.
        return [("name", self.name)]


class _AlertSchemaReceiver(Receiver):
    use_common_alert_schema: bool = True
    """Whether the payload has Azure's common alert schema."""


class _PhoneReceiver(Receiver):
    country_code: CountryCode
    """The country code: digits only, such as ``31``."""

    phone_number: PhoneNumber
    """The phone number: digits only, without the country code."""


class EmailReceiver(_AlertSchemaReceiver):
    """A mail to a person or a distribution list."""

    at_most = EMAIL_RECEIVERS
    type: Literal["email"] = "email"

    email_address: Email
    """The address, of at most 64 characters: Azure rejects longer ones, and only at apply."""


class SmsReceiver(_PhoneReceiver):
    """A text message."""

    type: Literal["sms"] = "sms"


class VoiceReceiver(_PhoneReceiver):
    """A phone call."""

    type: Literal["voice"] = "voice"


class AzureAppPushReceiver(Receiver):
    """A notification in the Azure mobile app."""

    type: Literal["azure_app_push"] = "azure_app_push"

    email_address: Email
    """The address with which the person signs in to the app."""


class AadAuth(Model):
    """How a webhook that Microsoft Entra ID protects is called."""

    object_id: Uuid
    """The object id of the application that the webhook belongs to."""

    identifier_uri: (
        Annotated[
            str,
            matching(
                rf"(?:api|https):\/\/{AUTHORITY_AND_REST}",
                "is not an identifier URI",
                "It begins with api:// or https://, as the application's registration shows it.",
                example="api://aks-notices",
            ),
        ]
        | None
    ) = None
    """The identifier URI of that application. Default: computed by Azure."""

    tenant_id: Uuid | None = None
    """The tenant's id. Default: the subscription's tenant."""


class WebhookReceiver(_AlertSchemaReceiver):
    """A POST to a URL."""

    type: Literal["webhook"] = "webhook"

    service_uri: HttpsUrl
    """The URL, https only. Never shown in messages: it often carries its secret."""

    aad_auth: AadAuth | None = Field(None, examples=[{"object_id": EXAMPLE_UUID}])
    """How Microsoft Entra ID authenticates the call. Default: only a secret in the URL, if any."""


class LogicAppReceiver(_AlertSchemaReceiver):
    """A Logic Apps workflow."""

    type: Literal["logic_app"] = "logic_app"

    resource_id: Annotated[str, arm_resource("Microsoft.Logic/workflows")]
    """The ARM id of the workflow."""

    callback_url: HttpsUrl
    """The URL of the workflow's request trigger. Never shown in messages."""


class AzureFunctionReceiver(_AlertSchemaReceiver):
    """A function with an HTTP trigger."""

    type: Literal["azure_function"] = "azure_function"

    function_app_resource_id: Annotated[str, arm_resource("Microsoft.Web/sites")]
    """The ARM id of the function app."""

    function_name: Text = Field(examples=["notify"])
    """The name of the function in it."""

    http_trigger_url: HttpsUrl
    """The URL of the function's trigger. Never shown in messages."""


class AutomationRunbookReceiver(_AlertSchemaReceiver):
    """An Azure Automation runbook."""

    type: Literal["automation_runbook"] = "automation_runbook"

    automation_account_id: Annotated[str, arm_resource("Microsoft.Automation/automationAccounts")]
    """The ARM id of the account that holds the runbook."""

    runbook_name: Text = Field(examples=["drain"])
    """The name of the runbook."""

    webhook_resource_id: Annotated[
        str,
        matching(
            "[^/]+".join(map(any_case, re.split("<[a-z]+>", _RUNBOOK_WEBHOOK))),
            "is not the id of a runbook's webhook",
            f"Write it in full: {_RUNBOOK_WEBHOOK}",
            example="/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-automation"
            "/providers/Microsoft.Automation/automationAccounts/operations/webhooks/drain",
        ),
    ]
    """The id of the webhook that is linked to the runbook."""

    is_global_runbook: bool
    """Whether the runbook is a global one, which Azure provides."""

    service_uri: HttpsUrl
    """The webhook's URL. Never shown in messages."""


class ArmRoleReceiver(_AlertSchemaReceiver):
    """An e-mail to everybody who has a role on the subscription."""

    type: Literal["arm_role"] = "arm_role"

    role_id: Uuid
    """The id of a built-in role, such as ``8e3af657-a8ff-443c-a75c-2fe8c4bcb635`` (Owner)."""


class EventHubReceiver(_AlertSchemaReceiver):
    """An event hub."""

    type: Literal["event_hub"] = "event_hub"

    event_hub_name: Text = Field(examples=["aks-notices"])
    """The name of the hub."""

    event_hub_namespace: Text = Field(examples=["evhns-operations"])
    """The name of the namespace that holds the hub."""

    tenant_id: Uuid | None = None
    """The tenant's id. Default: the subscription's tenant."""

    subscription_id: Uuid | None = None
    """The id of the subscription of the event hub. Default: the provider's."""


def _number(text: str) -> float:
    if math.isinf(number := float(text)):  # azurerm takes no number beyond those of 64 bits
        raise ValueError("a number is too large")
    return number


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _ticket_configuration(value: str) -> str:
    # azurerm checks only that it is JSON; the service refuses the action group without these two keys.
    try:
        ticket = json.loads(value, parse_constant=_no_constant, parse_float=_number, parse_int=_number)
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

    type: Literal["itsm"] = "itsm"

    workspace_id: Annotated[
        str,
        matching(
            rf"{ids.UUID.pattern}\|{ids.UUID.pattern}",
            "is not a workspace of an ITSM connection",
            "Write <subscription id>|<workspace id>, two UUIDs with | between them.",
            example="11111111-1111-1111-1111-111111111111|22222222-2222-2222-2222-222222222222",
        ),
    ]
    """The workspace, as ``<subscription id>|<workspace id>`` with the workspace's own UUID."""

    connection_id: Uuid
    """The id of the ITSM connection in the workspace."""

    ticket_configuration: Annotated[
        str,
        Checked(
            _ticket_configuration,
            string(r"\s*\{[\s\S]*", examples=['{"PayloadRevision": 0, "WorkItemType": "Incident"}']),
        ),
    ]
    """The ticket, as JSON with at least ``PayloadRevision`` and ``WorkItemType``."""

    region: Text = Field(examples=["westeurope"])
    """The Azure region of the workspace."""


_CHATS = "(?:ms_?|microsoft_?)?teams|slack|discord|mattermost|google_?chat|webex"
_TICKETS = "pager_?duty|ops_?genie|service_?now|jira|zendesk"


def receiver(value: Any) -> Receiver:
    """Parse a receiver; its ``type`` names the model. Raises `InvalidArgument`."""
    if isinstance(value, Receiver):
        return value
    if not isinstance(value, Mapping):
        raise invalid(
            "ACM023",
            f"{shown((), value)} is not a receiver",
            "Write {type: email, name: …, email_address: …}, or another type.",
        )
    kind = value.get("type")
    if kind is INVALID:
        raise InvalidArgument()
    if kind is None:
        raise invalid("ACM020", "missing", f"One of {', '.join(KINDS)}.", "type")
    if not isinstance(kind, str) or kind not in KINDS:
        fix = did_you_mean(str(kind), KINDS)
        if re.fullmatch(_CHATS, str(kind).lower()):
            fix = (
                "Azure Monitor has no type for it. Use logic_app, or the channel's e-mail address (email): "
                "docs/use/teams-and-slack.md shows how."
            )
        elif re.fullmatch(_TICKETS, str(kind).lower()):
            fix = "Azure Monitor has no type for it. Use webhook or logic_app: docs/use/receivers.md shows how."
        raise invalid("ACM025", f"{shown((), kind)} is not a type of receiver", fix, "type")
    return KINDS[kind](**value)
