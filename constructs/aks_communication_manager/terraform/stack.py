"""One stack of the config as a Terraform stack: provider, backend, the manager, and outputs."""

from __future__ import annotations

from collections.abc import Mapping

from aks_communication_manager.config.settings import BACKEND_NEEDS, StackSettings
from aks_communication_manager.domain.tokens import literal, literals
from aks_communication_manager.terraform.bindings import (
    AzurermBackend,
    AzurermProvider,
    Construct,
    LocalBackend,
    ResourceGroup,
    TerraformOutput,
    TerraformStack,
)
from aks_communication_manager.terraform.communication_manager import CommunicationManager

MANAGER_ID = "notices"
"""The manager's construct id in a stack. A public contract: changing it replaces every resource."""


class CommunicationManagerStack(TerraformStack):
    """What one entry of the config describes. `local_state` is where Terraform keeps its state if there is no backend."""

    def __init__(self, scope: Construct, id: str, settings: StackSettings, *, local_state: str) -> None:
        super().__init__(scope, id)
        AzurermProvider(self, "azurerm", features=[{}], subscription_id=settings.subscription_id)
        if settings.provider_version:
            self.add_override("terraform.required_providers.azurerm.version", settings.provider_version)
        if settings.backend:
            _azurerm_backend(self, settings.backend["azurerm"])
        else:
            # Said by us because cdktf would write an absolute path of this machine.
            LocalBackend(self, path=local_state)
        group = settings.resource_group
        group_name = group.name
        if group.create:
            tags = literals(settings.tags) or None
            group_name = ResourceGroup(
                self, "resource-group", name=group.name, location=literal(settings.location), tags=tags
            ).name
        self.manager = CommunicationManager(
            self,
            MANAGER_ID,
            resource_group_name=group_name,
            location=settings.location,
            **settings.for_manager(),
        )
        add_outputs(self, self.manager)


def add_outputs(stack: TerraformStack, manager: CommunicationManager) -> None:
    """Rule ids, action group id and principal ids as outputs of the stack, named after the manager's path in it.

    So a stack can hold several managers, and a pipeline finds the names it expects.
    """
    path = manager.node.path.removeprefix(f"{stack.node.path}/").replace("/", "__")
    values: Mapping[str, object] = {
        "alert_rule_ids": manager.alert_rule_ids,
        "action_group_id": manager.action_group_id,
        "principal_ids": manager.principal_ids,
    }
    for name, value in values.items():
        TerraformOutput(stack, f"{path}_{name}", value=value)


def _azurerm_backend(stack: TerraformStack, values: Mapping[str, str]) -> None:
    values = literals(values)
    backend = AzurermBackend(
        stack,
        storage_account_name=values["storage_account_name"],
        container_name=values["container_name"],
        key=values["key"],
    )
    for key, value in values.items():
        if key not in BACKEND_NEEDS:
            backend.add_override(key, value)
