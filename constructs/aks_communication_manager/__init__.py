"""The AKS Communication Manager as code: get notified of AKS maintenance before it happens.

Everything public is imported from here, and loaded when it is asked for: so a program can import `fast_start` by
itself, call `fast_start.enable()`, and only then import what loads CDK for Terraform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aks_communication_manager.config.action_group import ActionGroup
    from aks_communication_manager.config.adoption import Adoption
    from aks_communication_manager.config.identity import Identity
    from aks_communication_manager.config.receivers import (
        AadAuth,
        ArmRoleReceiver,
        AutomationRunbookReceiver,
        AzureAppPushReceiver,
        AzureFunctionReceiver,
        EmailReceiver,
        EventHubReceiver,
        ItsmReceiver,
        LogicAppReceiver,
        Receiver,
        SmsReceiver,
        VoiceReceiver,
        WebhookReceiver,
    )
    from aks_communication_manager.config.routes import Route
    from aks_communication_manager.config.stack import StackSettings
    from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mistake
    from aks_communication_manager.terraform.communication_manager import CommunicationManager
    from aks_communication_manager.terraform.runtime import fast_start
    from aks_communication_manager.terraform.stack import CommunicationManagerStack, add_outputs

_RECEIVERS = (
    "AadAuth",
    "ArmRoleReceiver",
    "AutomationRunbookReceiver",
    "AzureAppPushReceiver",
    "AzureFunctionReceiver",
    "EmailReceiver",
    "EventHubReceiver",
    "ItsmReceiver",
    "LogicAppReceiver",
    "Receiver",
    "SmsReceiver",
    "VoiceReceiver",
    "WebhookReceiver",
)
_WHERE = {
    "ActionGroup": "config.action_group",
    "Adoption": "config.adoption",
    "CommunicationManager": "terraform.communication_manager",
    "CommunicationManagerStack": "terraform.stack",
    "Identity": "config.identity",
    "InvalidArgument": "errors",
    "InvalidConfig": "errors",
    "Mistake": "errors",
    "Route": "config.routes",
    "StackSettings": "config.stack",
    "add_outputs": "terraform.stack",
    **dict.fromkeys(_RECEIVERS, "config.receivers"),
}

__all__ = [
    "AadAuth",
    "ActionGroup",
    "Adoption",
    "ArmRoleReceiver",
    "AutomationRunbookReceiver",
    "AzureAppPushReceiver",
    "AzureFunctionReceiver",
    "CommunicationManager",
    "CommunicationManagerStack",
    "EmailReceiver",
    "EventHubReceiver",
    "Identity",
    "InvalidArgument",
    "InvalidConfig",
    "ItsmReceiver",
    "LogicAppReceiver",
    "Mistake",
    "Receiver",
    "Route",
    "SmsReceiver",
    "StackSettings",
    "VoiceReceiver",
    "WebhookReceiver",
    "add_outputs",
    "fast_start",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "fast_start":
        return import_module("aks_communication_manager.terraform.runtime.fast_start")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"aks_communication_manager.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
