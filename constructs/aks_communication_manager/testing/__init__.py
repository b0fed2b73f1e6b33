"""Test kit for those who use this package: what a config or a stack makes, and who is notified of an event.

Needs the extra ``[testing]``. Everything public is imported from here, and loaded when it is asked for; docs/testing.md shows it in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aks_communication_manager.rehearse.alert_rules import AlertRule, Receiver
    from aks_communication_manager.rehearse.events import Record
    from aks_communication_manager.rehearse.rehearsal import Notification
    from aks_communication_manager.testing.events import event
    from aks_communication_manager.testing.snapshot import stable
    from aks_communication_manager.testing.synthesis import synthesize_config, synthesize_stack
    from aks_communication_manager.testing.view import SynthesizedStack

_WHERE = {
    "AlertRule": "rehearse.alert_rules",
    "Notification": "rehearse.rehearsal",
    "Receiver": "rehearse.alert_rules",
    "Record": "rehearse.events",
    "SynthesizedStack": "testing.view",
    "event": "testing.events",
    "stable": "testing.snapshot",
    "synthesize_config": "testing.synthesis",
    "synthesize_stack": "testing.synthesis",
}

__all__ = [
    "AlertRule",
    "Notification",
    "Receiver",
    "Record",
    "SynthesizedStack",
    "event",
    "stable",
    "synthesize_config",
    "synthesize_stack",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"aks_communication_manager.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
