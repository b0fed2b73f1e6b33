"""What the tests of the construct share: ids of clusters, a manager in a stack, and the Terraform JSON that results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider

from aks_communication_manager import ActionGroup, CommunicationManager, EmailReceiver
from aks_communication_manager.testing import synthesize_stack
from tests import framework

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
PRINCIPAL = "33333333-3333-3333-3333-333333333333"

RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
GROUP = "azurerm_monitor_action_group"
IDENTITY = "azurerm_user_assigned_identity"
READER = "azurerm_role_assignment"


def cluster(name: str = "prod", group: str = "rg-aks", subscription: str = SUBSCRIPTION) -> str:
    """The ARM id of a cluster."""
    return f"{resource_group(group, subscription)}/providers/Microsoft.ContainerService/managedClusters/{name}"


def resource_group(name: str = "rg-aks", subscription: str = SUBSCRIPTION) -> str:
    """The ARM id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def action_group(name: str = "ag-aks-notices") -> ActionGroup:
    """An action group with one e-mail receiver."""
    mail = EmailReceiver(name="platform-team", email_address="platform@example.com")
    return ActionGroup.create(name=name, short_name="aksnotices", receivers=[mail])


def stack(subscription: str | None = SUBSCRIPTION) -> TerraformStack:
    """A stack with a provider, as a caller of the construct has it."""
    made = TerraformStack(Testing.app(), "production")
    AzurermProvider(made, "azurerm", features=[{}], subscription_id=subscription)
    return made


def manager(scope: Any, id_: str = "notices", **arguments: Any) -> CommunicationManager:
    """A manager for one cluster, or for what the arguments say."""
    given = {
        "scopes": [cluster()],
        "resource_group_name": "rg-aks-notices",
        "location": "westeurope",
        "action_group": action_group(),
    }
    return CommunicationManager(scope, id_, **(given | arguments))


def synth(made: TerraformStack) -> dict[str, Any]:
    """The Terraform JSON of a stack."""
    return framework.as_in_snapshots(dict(synthesize_stack(made).document))


def terraform(build: Callable[[TerraformStack], Any] | None = None, **arguments: Any) -> dict[str, Any]:
    """The Terraform JSON of a stack with a manager for these arguments, or with what `build` puts in."""
    made = stack()
    if build:
        build(made)
    else:
        manager(made, **arguments)
    return synth(made)


def resources(document: dict[str, Any], type_: str) -> dict[str, dict[str, Any]]:
    """All resources of a type, by logical id."""
    return document["resource"].get(type_, {})


def by_name(document: dict[str, Any], type_: str = RULE) -> dict[str, dict[str, Any]]:
    """All resources of a type, by their name in Azure."""
    return {values["name"]: values for values in resources(document, type_).values()}


def query_of(rule: dict[str, Any]) -> str:
    """The query text of an alert rule."""
    return rule["criteria"][0]["query"]
