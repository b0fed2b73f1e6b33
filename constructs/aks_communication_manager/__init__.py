"""The AKS Communication Manager as code: get notified of AKS maintenance before it happens.

All public names are imported from here. Each is loaded at its first use, so that a program can call `fast_start.enable()`
before anything loads CDK for Terraform.
"""

import typing as _typing

from aks_communication_manager._lazy import lazy as _lazy

if _typing.TYPE_CHECKING:
    from aks_communication_manager.config.action_group import ActionGroup as ActionGroup
    from aks_communication_manager.config.adoption import Adoption as Adoption
    from aks_communication_manager.config.identity import Identity as Identity
    from aks_communication_manager.config.receivers import AadAuth as AadAuth
    from aks_communication_manager.config.receivers import ArmRoleReceiver as ArmRoleReceiver
    from aks_communication_manager.config.receivers import AutomationRunbookReceiver as AutomationRunbookReceiver
    from aks_communication_manager.config.receivers import AzureAppPushReceiver as AzureAppPushReceiver
    from aks_communication_manager.config.receivers import AzureFunctionReceiver as AzureFunctionReceiver
    from aks_communication_manager.config.receivers import EmailReceiver as EmailReceiver
    from aks_communication_manager.config.receivers import EventHubReceiver as EventHubReceiver
    from aks_communication_manager.config.receivers import ItsmReceiver as ItsmReceiver
    from aks_communication_manager.config.receivers import LogicAppReceiver as LogicAppReceiver
    from aks_communication_manager.config.receivers import Receiver as Receiver
    from aks_communication_manager.config.receivers import SmsReceiver as SmsReceiver
    from aks_communication_manager.config.receivers import VoiceReceiver as VoiceReceiver
    from aks_communication_manager.config.receivers import WebhookReceiver as WebhookReceiver
    from aks_communication_manager.config.route import Route as Route
    from aks_communication_manager.config.stack_settings import StackSettings as StackSettings
    from aks_communication_manager.config.watched_scope import WatchedScope as WatchedScope
    from aks_communication_manager.errors import FrameworkNotFound as FrameworkNotFound
    from aks_communication_manager.errors import InvalidArgument as InvalidArgument
    from aks_communication_manager.errors import InvalidConfig as InvalidConfig
    from aks_communication_manager.errors import Mistake as Mistake
    from aks_communication_manager.errors import NodeNotFound as NodeNotFound
    from aks_communication_manager.terraform.communication_manager import CommunicationManager as CommunicationManager
    from aks_communication_manager.terraform.runtime import fast_start as fast_start
    from aks_communication_manager.terraform.stack import CommunicationManagerStack as CommunicationManagerStack
    from aks_communication_manager.terraform.stack import add_outputs as add_outputs

_LAZY = {
    "AadAuth": "aks_communication_manager.config.receivers",
    "ActionGroup": "aks_communication_manager.config.action_group",
    "Adoption": "aks_communication_manager.config.adoption",
    "ArmRoleReceiver": "aks_communication_manager.config.receivers",
    "AutomationRunbookReceiver": "aks_communication_manager.config.receivers",
    "AzureAppPushReceiver": "aks_communication_manager.config.receivers",
    "AzureFunctionReceiver": "aks_communication_manager.config.receivers",
    "CommunicationManager": "aks_communication_manager.terraform.communication_manager",
    "CommunicationManagerStack": "aks_communication_manager.terraform.stack",
    "EmailReceiver": "aks_communication_manager.config.receivers",
    "EventHubReceiver": "aks_communication_manager.config.receivers",
    "FrameworkNotFound": "aks_communication_manager.errors",
    "Identity": "aks_communication_manager.config.identity",
    "InvalidArgument": "aks_communication_manager.errors",
    "InvalidConfig": "aks_communication_manager.errors",
    "ItsmReceiver": "aks_communication_manager.config.receivers",
    "LogicAppReceiver": "aks_communication_manager.config.receivers",
    "Mistake": "aks_communication_manager.errors",
    "NodeNotFound": "aks_communication_manager.errors",
    "Receiver": "aks_communication_manager.config.receivers",
    "Route": "aks_communication_manager.config.route",
    "SmsReceiver": "aks_communication_manager.config.receivers",
    "StackSettings": "aks_communication_manager.config.stack_settings",
    "VoiceReceiver": "aks_communication_manager.config.receivers",
    "WatchedScope": "aks_communication_manager.config.watched_scope",
    "WebhookReceiver": "aks_communication_manager.config.receivers",
    "add_outputs": "aks_communication_manager.terraform.stack",
    "fast_start": "aks_communication_manager.terraform.runtime",
}
"""Lazy public names and the modules that define them. Type checkers read the imports above."""

__all__ = sorted(_LAZY)
if not _typing.TYPE_CHECKING:  # a checker that saw `__getattr__` would accept any name
    __getattr__, __dir__ = _lazy(__name__, _LAZY)
