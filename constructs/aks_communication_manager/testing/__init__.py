"""Test kit: synthesize configs and stacks, and assert who is notified of an event.

Needs the extra ``[testing]``. All public names are importable from here and load at first use; docs/reference/testing.md has examples.
"""

import typing as _typing

from aks_communication_manager._lazy import lazy as _lazy

if _typing.TYPE_CHECKING:
    from aks_communication_manager.notices.record import Record as Record
    from aks_communication_manager.plan.resources import AlertRule as AlertRule
    from aks_communication_manager.plan.resources import Receiver as Receiver
    from aks_communication_manager.rehearse.rehearsal import Notification as Notification
    from aks_communication_manager.testing.event_factory import event as event
    from aks_communication_manager.testing.snapshot import stable as stable
    from aks_communication_manager.testing.synthesis import synthesize_config as synthesize_config
    from aks_communication_manager.testing.synthesis import synthesize_stack as synthesize_stack
    from aks_communication_manager.testing.view import SynthesizedStack as SynthesizedStack

_LAZY = {
    "AlertRule": "aks_communication_manager.plan.resources",
    "Notification": "aks_communication_manager.rehearse.rehearsal",
    "Receiver": "aks_communication_manager.plan.resources",
    "Record": "aks_communication_manager.notices.record",
    "SynthesizedStack": "aks_communication_manager.testing.view",
    "event": "aks_communication_manager.testing.event_factory",
    "stable": "aks_communication_manager.testing.snapshot",
    "synthesize_config": "aks_communication_manager.testing.synthesis",
    "synthesize_stack": "aks_communication_manager.testing.synthesis",
}
"""Lazy public names and the modules that define them. Type checkers read the imports above."""

__all__ = sorted(_LAZY)
if not _typing.TYPE_CHECKING:  # a checker that saw `__getattr__` would accept any name
    __getattr__, __dir__ = _lazy(__name__, _LAZY)
