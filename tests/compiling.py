"""Options and config files compiled as the product compiles them: the plan, or everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver, InvalidArgument
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.compiler import compile_arguments, compile_config
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import Mistake
from aks_communication_manager.plan.resources import Plan, ProcessingRule

SUB = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
PLACE = {"resource_group_name": "rg-aks-notices", "location": "westeurope"}
TELL = ActionGroup.create(
    name="ag-aks", short_name="aks", receivers=[EmailReceiver(name="a", email_address="a@example.com")]
)


def cluster(name: str = "prod", group: str = "rg-aks", subscription: str = SUB) -> str:
    """The ARM id of a cluster."""
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.ContainerService/managedClusters/{name}"
    )


def known_later(address: str = "azurerm_kubernetes_cluster.prod.id") -> Scope:
    """A cluster that only Terraform knows, as the construct passes it on."""
    return Scope(
        text=f"${{TfToken[{address}]}}",
        key=address,
        label=address,
        kind="cluster",
        subscription_id="${TfToken[subscription]}",
        resource_group="${TfToken[group]}",
        cluster="${TfToken[name]}",
        arm=None,
        readers=(f"${{TfToken[group of {address}]}}", f"${{TfToken[subscription of {address}]}}"),
        literals=(f'${{jsonencode("{address}")}}', f'${{jsonencode("{address}/")}}'),
    )


def compiled(subscription: str | None = SUB, **options: Any) -> tuple[Plan, tuple[Mistake, ...]]:
    """The plan of a manager of one cluster, changed by these options, and its warnings. Raises `InvalidArgument`."""
    given = {"scopes": [cluster()], "action_group": TELL, **PLACE} | options
    return compile_arguments(given, subscription_id=subscription)


def planned(subscription: str | None = SUB, **options: Any) -> Plan:
    """The plan alone."""
    return compiled(subscription, **options)[0]


def wrong(subscription: str | None = SUB, **options: Any) -> tuple[Mistake, ...]:
    """Everything that is wrong with these options."""
    with pytest.raises(InvalidArgument) as error:
        compiled(subscription, **options)
    return error.value.mistakes


def said(subscription: str | None = SUB, **options: Any) -> str:
    """What a person reads of these options."""
    return "\n".join(str(mistake) for mistake in wrong(subscription, **options))


def settings_of(config: Path) -> dict[str, StackSettings]:
    """The stacks of a config file, by name. Raises `InvalidConfig`."""
    return {stack.name: stack.settings for stack in compile_config(config).checked()}


def marker(rule: ProcessingRule) -> str:
    """The text by which the planner's processing rule finds the alert rules of its manager."""
    [[text]] = [condition.values for condition in rule.conditions if condition.field == "description"]
    return text
