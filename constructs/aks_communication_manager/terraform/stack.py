"""One stack of the config as a Terraform stack: provider, backend, the manager, and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aks_communication_manager.checks.declared_variables import used_variables
from aks_communication_manager.checks.estate import comparable
from aks_communication_manager.compiler import CompiledStack, conflicts_with
from aks_communication_manager.config.stack_settings import StackSettings, Variable
from aks_communication_manager.config.strings import StringAt
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.terraform.bindings import AzurermProvider, Construct, cdktf
from aks_communication_manager.terraform.communication_manager import (
    CommunicationManager,
    PlannedManager,
    managers_of,
    plans_of,
)
from aks_communication_manager.terraform.writer import plain, write_resource_group
from aks_communication_manager.text import format_path
from aks_communication_manager.tokens import literal

MANAGER_ID = "notices"
"""The manager's construct id in a stack. A public contract: changing it replaces every resource."""


class CommunicationManagerStack(cdktf.TerraformStack):
    """What one entry of the config describes."""

    def __init__(self, scope: Construct, compiled: CompiledStack) -> None:
        super().__init__(scope, compiled.name)
        settings, plan = compiled.settings, compiled.plan
        # Those of the config have been compared already.
        by_hand = [each for each in managers_of(self) if isinstance(each, CommunicationManager)]
        mistakes, _ = conflicts_with(plans_of(by_hand), comparable(plan, self.node.path, {})) if by_hand else ([], [])
        if mistakes:
            raise InvalidArgument(*mistakes)
        _provider(self, settings)
        _backend(self, settings)
        for name, found in used_variables(settings).items():
            _variable(self, name, found, settings.variables.get(name, Variable()))
        group = plan.resource_group
        outside = {group.construct_id: write_resource_group(self, group)} if group else {}
        self.manager = PlannedManager(self, MANAGER_ID, plan, outside=outside)
        add_outputs(self, self.manager)


def add_outputs(stack: cdktf.TerraformStack, manager: PlannedManager) -> None:
    """Rule ids, action group id and principal ids as outputs of the stack, named after the manager's path in it.

    So a stack can hold several managers, and a pipeline finds the names it expects.
    """
    path = manager.node.path.removeprefix(f"{stack.node.path}/").replace("/", "__")
    for name, value in manager.outputs().items():
        cdktf.TerraformOutput(stack, f"{path}_{name}", value=value)


def _provider(stack: cdktf.TerraformStack, settings: StackSettings) -> None:
    # An override of a list is added to it.
    given: Mapping[str, Any] = settings.provider or {}
    features: list[dict[str, object]] = [] if "features" in given else [{}]
    provider = AzurermProvider(stack, "azurerm", features=features, subscription_id=literal(settings.subscription_id))
    for name, value in given.items():
        provider.add_override(name, plain([value] if name == "features" else value))
    if settings.provider is None:
        stack.add_override("provider", None)  # the constraint of its version stays: Terraform reads it in a module too
    if settings.provider_version:
        stack.add_override("terraform.required_providers.azurerm.version", settings.provider_version)


def _backend(stack: cdktf.TerraformStack, settings: StackSettings) -> None:
    if settings.backend is None:
        # Beside the output folder, from wherever this runs: cdktf would write an absolute path of this machine.
        cdktf.LocalBackend(stack, path=f"../../../terraform.{stack.node.id}.tfstate")
        return
    # cdktf has no classes for partial configurations, and puts a local backend where there is none. Terraform evaluates
    # no expressions in these blocks: escaped, a text would keep its second $.
    for kind, values in settings.backend.items():
        stack.add_override("terraform.cloud" if kind == "cloud" else f"terraform.backend.{kind}", plain(values, str))
    if set(settings.backend) <= {"cloud"}:
        stack.add_override("terraform.backend", None)
    elif "local" not in settings.backend:
        stack.add_override("terraform.backend.local", None)


def _variable(stack: cdktf.TerraformStack, name: str, found: StringAt, given: Variable) -> None:
    variable = cdktf.TerraformVariable(
        stack,
        f"var.{name}",  # with its dot it is the id of no other construct
        type="string",
        description=given.description or f"{format_path(found.path)} of the AKS notices",
        default=given.default,
        sensitive=(found.secret if given.sensitive is None else given.sensitive) or None,
        nullable=False,
    )
    variable.override_logical_id(name)
    for part, (condition, message) in _VALIDATIONS.items():
        if part in found.path[-2:] or (part == "secret" and found.secret and found.path[0] != "provider"):
            variable.add_validation(condition=condition.replace("VALUE", f"var.{name}"), error_message=message)


_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_VALIDATIONS = {
    "subscription_id": (f'${{can(regex("^{_UUID}$", VALUE))}}', "A subscription id is a UUID."),
    "scopes": (
        '${can(regex("(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+'
        '/providers/Microsoft.ContainerService/managedClusters/[^/]+$", VALUE))}',
        "Write the whole ARM id of a cluster.",
    ),
    "email_address": (
        '${can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", VALUE))}',
        "An e-mail address looks like platform@example.com.",
    ),
    "secret": ('${startswith(VALUE, "https://")}', "Write the whole URL, with https:// in front."),
}
"""What Terraform checks before it plans, by the key that the value is for: as much as is checked of a literal."""
