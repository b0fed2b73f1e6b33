"""The AKS Communication Manager as code: get notified of AKS maintenance before it happens.

Everything public is imported from here, and loaded when it is asked for: so a program can import `fast_start` by
itself, call `fast_start.enable()`, and only then import what loads CDK for Terraform.
"""

import typing as _typing

# The public names, for type checkers and for `_public`, which reads these lines: one name each, and nowhere else.
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
    from aks_communication_manager.config.routes import Route as Route
    from aks_communication_manager.config.stack import StackSettings as StackSettings
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
    _modules: dict[str, str] = {}

    def _public() -> dict[str, str]:
        """The module of each public name. Found at the first question, in a tenth of a millisecond, not at import."""
        if not _modules:
            import re

            lines = __loader__.get_data(__file__).decode()
            _modules.update(
                (name, module) for module, name in re.findall(r"from (\S+) import (\w+) as \2$", lines, re.M)
            )
        return _modules

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return sorted(_public())
        if name not in _public():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(__import__(_public()[name], fromlist=[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted(_public())
