"""One stack of the config as a Terraform stack: provider, backend, the manager, and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aks_communication_manager.arm.ids import UUID
from aks_communication_manager.checks.declared_variables import used_variables
from aks_communication_manager.checks.estate import comparable
from aks_communication_manager.compiler import CompiledStack, conflicts_with
from aks_communication_manager.config.stack_settings import StackSettings, Variable
from aks_communication_manager.config.strings import StringAt
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.terraform.bindings import Bindings, Construct, bindings_of
from aks_communication_manager.terraform.communication_manager import CommunicationManager
from aks_communication_manager.terraform.planned_manager import PlannedManager, managers_of, plans_of
from aks_communication_manager.terraform.writer import Writer, plain
from aks_communication_manager.text import format_path
from aks_communication_manager.tokens import literal

if TYPE_CHECKING:
    from aks_communication_manager.terraform.bindings import TerraformStack

MANAGER_ID = "notices"
"""The manager's construct id in a stack. A public contract: changing it replaces every resource."""


class CommunicationManagerStack:
    """The Terraform stack for one entry of the config: provider, backend, variables, the manager, and outputs.

    Uses the framework of the app given as `scope`. Raises `InvalidArgument` if another manager of the program creates one of
    its resources.
    """

    stack: TerraformStack
    """The Terraform stack, for overrides and further constructs."""

    manager: PlannedManager
    """The manager, with all alert rules of the stack."""

    def __init__(self, scope: Construct, compiled: CompiledStack) -> None:
        bindings = bindings_of(scope)
        self.stack = stack = bindings.TerraformStack(scope, compiled.name)
        settings, plan = compiled.settings, compiled.plan
        # Stacks of the config have been compared already.
        by_hand = [manager for manager in managers_of(stack) if isinstance(manager, CommunicationManager)]
        mistakes, _ = conflicts_with(plans_of(by_hand), comparable(plan, stack.node.path, {})) if by_hand else ([], [])
        if mistakes:
            raise InvalidArgument(*mistakes)
        _provider(stack, bindings, settings)
        _backend(stack, bindings, settings)
        for name, found in used_variables(settings).items():
            _variable(stack, bindings, name, found, settings.variables.get(name, Variable()))
        around = Writer(stack, bindings, {})
        around.write([plan.resource_group] if plan.resource_group else [])
        self.manager = PlannedManager(stack, MANAGER_ID, plan, outside=around.made)
        add_outputs(stack, self.manager)
        if compiled.email_addresses:
            bindings.TerraformOutput(
                stack,
                "addresses_to_verify",
                value=[literal(address) for address in compiled.email_addresses],
                description="E-mail addresses that get a code if they are new in this tenant, to confirm within 30 minutes.",
            )


def add_outputs(stack: TerraformStack, manager: PlannedManager) -> None:
    """Add rule ids, action group id and principal ids as outputs of the stack.

    Their names contain the path of the manager, so a stack can have several.
    """
    path = manager.node.path.removeprefix(f"{stack.node.path}/").replace("/", "__")
    output = bindings_of(stack).TerraformOutput
    for name, value in manager.outputs().items():
        output(stack, f"{path}_{name}", value=value)


def _provider(stack: TerraformStack, bindings: Bindings, settings: StackSettings) -> None:
    # An override of a list is appended to it.
    given: Mapping[str, Any] = settings.provider or {}
    features: list[dict[str, object]] = [] if "features" in given else [{}]
    provider = bindings.AzurermProvider(
        stack, "azurerm", features=features, subscription_id=literal(settings.subscription_id)
    )
    for name, value in given.items():
        provider.add_override(name, plain([value] if name == "features" else value))
    if settings.provider is None:
        stack.add_override("provider", None)  # its version constraint stays: Terraform reads it in modules too
    if settings.provider_version:
        stack.add_override("terraform.required_providers.azurerm.version", settings.provider_version)


def _backend(stack: TerraformStack, bindings: Bindings, settings: StackSettings) -> None:
    if settings.backend is None:
        # Relative to the stack's folder: cdktf would write an absolute path of this machine.
        bindings.LocalBackend(stack, path=f"../../../terraform.{stack.node.id}.tfstate")
        return
    # cdktf has no classes for partial configurations, and adds a local backend if there is none. Terraform does not evaluate
    # expressions in these blocks, so text is not escaped.
    for kind, values in settings.backend.items():
        stack.add_override("terraform.cloud" if kind == "cloud" else f"terraform.backend.{kind}", plain(values, str))
    if set(settings.backend) <= {"cloud"}:
        stack.add_override("terraform.backend", None)
    elif "local" not in settings.backend:
        stack.add_override("terraform.backend.local", None)


def _variable(stack: TerraformStack, bindings: Bindings, name: str, found: StringAt, given: Variable) -> None:
    variable = bindings.TerraformVariable(
        stack,
        f"var.{name}",  # the dot avoids the ids of other constructs
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


_VALIDATIONS = {
    "subscription_id": (f'${{can(regex("^{UUID.pattern}$", VALUE))}}', "A subscription id is a UUID."),
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
"""Validations of variables, by the key the value is for. They match the checks of literal values."""
