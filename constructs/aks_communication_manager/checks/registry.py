"""Registries of the checks between the options of one manager. `compiler` runs them."""

from __future__ import annotations

from typing import TypeAlias

from aks_communication_manager.config.checking import Checks
from aks_communication_manager.config.options import Arguments
from aks_communication_manager.config.stack_settings import StackSettings

AnyOptions: TypeAlias = Arguments | StackSettings

OPTIONS: Checks[AnyOptions] = Checks("options")
"""Checks of the options of constructs and stacks."""

ARGUMENTS: Checks[Arguments] = Checks("options")
"""Checks of the construct's arguments."""

STACK: Checks[StackSettings] = Checks("options")
"""Checks of a stack's settings."""

OPTION_WARNINGS: Checks[AnyOptions] = Checks("warning")
"""Warnings about options without mistakes."""
