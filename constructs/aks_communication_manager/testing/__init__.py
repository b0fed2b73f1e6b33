"""Test kit for those who use this package: what a config or a stack makes, and who is notified of an event.

Needs the extra ``[testing]``. Everything public is imported from here, and loaded when it is asked for; docs/testing.md shows it in use.
"""

import typing as _typing

if _typing.TYPE_CHECKING:
    from aks_communication_manager.rehearse.alert_rules import AlertRule as AlertRule
    from aks_communication_manager.rehearse.alert_rules import Receiver as Receiver
    from aks_communication_manager.rehearse.events import Record as Record
    from aks_communication_manager.rehearse.rehearsal import Notification as Notification
    from aks_communication_manager.testing.event_factory import event as event
    from aks_communication_manager.testing.snapshot import stable as stable
    from aks_communication_manager.testing.synthesis import synthesize_config as synthesize_config
    from aks_communication_manager.testing.synthesis import synthesize_stack as synthesize_stack
    from aks_communication_manager.testing.view import SynthesizedStack as SynthesizedStack
else:
    from aks_communication_manager._lazy import names as _names

    __getattr__, __dir__ = _names(globals())
