"""One stack of the config as a Terraform stack: provider, backend, the manager, and outputs."""

from __future__ import annotations

from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.config.stack import BACKEND_NEEDS, StackSettings
from aks_communication_manager.terraform.bindings import (
    AzurermBackend,
    AzurermProvider,
    Construct,
    LocalBackend,
    TerraformOutput,
    TerraformStack,
)
from aks_communication_manager.terraform.communication_manager import PlannedManager
from aks_communication_manager.terraform.resources import literals, write_resource_group

MANAGER_ID = "notices"
"""The manager's construct id in a stack. A public contract: changing it replaces every resource."""


class CommunicationManagerStack(TerraformStack):
    """What one entry of the config describes. `local_state` is where Terraform keeps its state if there is no backend."""

    def __init__(self, scope: Construct, compiled: CompiledStack, *, local_state: str) -> None:
        super().__init__(scope, compiled.name)
        settings, plan = compiled.settings, compiled.plan
        AzurermProvider(self, "azurerm", features=[{}], subscription_id=settings.subscription_id)
        if settings.provider_version:
            self.add_override("terraform.required_providers.azurerm.version", settings.provider_version)
        _backend(self, settings, local_state)
        group = plan.resource_group
        outside = {group.construct_id: write_resource_group(self, group)} if group else {}
        self.manager = PlannedManager(self, MANAGER_ID, plan, outside=outside)
        add_outputs(self, self.manager)


def add_outputs(stack: TerraformStack, manager: PlannedManager) -> None:
    """Rule ids, action group id and principal ids as outputs of the stack, named after the manager's path in it.

    So a stack can hold several managers, and a pipeline finds the names it expects.
    """
    path = manager.node.path.removeprefix(f"{stack.node.path}/").replace("/", "__")
    for name, value in manager.outputs().items():
        TerraformOutput(stack, f"{path}_{name}", value=value)


def _backend(stack: TerraformStack, settings: StackSettings, local_state: str) -> None:
    if settings.backend is None:
        # Said by us because cdktf would write an absolute path of this machine.
        LocalBackend(stack, path=local_state)
        return
    values = literals(settings.backend["azurerm"])
    backend = AzurermBackend(
        stack,
        storage_account_name=values["storage_account_name"],
        container_name=values["container_name"],
        key=values["key"],
    )
    for key, value in values.items():
        if key not in BACKEND_NEEDS:
            backend.add_override(key, value)
