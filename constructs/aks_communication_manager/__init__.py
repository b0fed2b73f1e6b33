"""The AKS Communication Manager as code: get notified of AKS maintenance before it happens.

Everything public is imported from here, and loaded when it is asked for: so a program can import `fast_start` by
itself, call `fast_start.enable()`, and only then import what loads CDK for Terraform.
"""

import typing as _typing

# The public names, for type checkers and for `_lazy`, which reads these lines: one name each, and nowhere else.
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
    from aks_communication_manager.errors import FrameworkNotFound as FrameworkNotFound
    from aks_communication_manager.errors import InvalidArgument as InvalidArgument
    from aks_communication_manager.errors import InvalidConfig as InvalidConfig
    from aks_communication_manager.errors import Mistake as Mistake
    from aks_communication_manager.errors import NodeNotFound as NodeNotFound
    from aks_communication_manager.terraform.communication_manager import CommunicationManager as CommunicationManager
    from aks_communication_manager.terraform.runtime import fast_start as fast_start
    from aks_communication_manager.terraform.stack import CommunicationManagerStack as CommunicationManagerStack
    from aks_communication_manager.terraform.stack import add_outputs as add_outputs
else:
    from aks_communication_manager._lazy import names as _names

    __getattr__, __dir__ = _names(globals())
