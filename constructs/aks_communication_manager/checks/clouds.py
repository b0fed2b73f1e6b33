"""Azure clouds without alert rules over Azure Resource Graph, or without documentation of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aks_communication_manager.checks.registry import OPTION_WARNINGS, OPTIONS, STACK, AnyOptions
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token

_GOVERNMENT = re.compile(r"us(?:gov|dod|sec|nat)[a-z]*")
_CHINA = re.compile(r"china[a-z0-9]*")


def _environment(settings: StackSettings) -> str:
    return str(settings.provider.get("environment", "")) if settings.provider else ""


def _is_in(regions: re.Pattern[str], location: str) -> bool:
    """Whether a location is one of these regions. Names are compared as azurerm does, without spaces and letter case."""
    return not is_token(location) and bool(regions.fullmatch(location.replace(" ", "").lower()))


@OPTIONS.add("ACM129", "location")
def rules_exist_in_the_region(options: AnyOptions) -> Iterator[Finding]:
    """Azure Monitor takes no queries over Azure Resource Graph in government clouds
    ("Query Azure Resource Graph data from Azure Monitor").
    """
    if _is_in(_GOVERNMENT, options.location):
        yield ("location",), f"{quoted(options.location)} is a region of a government cloud, {_UNSUPPORTED}", _PUBLIC


@STACK.add("ACM129", "provider")
def rules_exist_in_the_cloud(settings: StackSettings) -> Iterator[Finding]:
    environment = _environment(settings)
    if environment.lower().startswith("usgov"):
        yield ("provider", "environment"), f"{quoted(environment)} is a government cloud, {_UNSUPPORTED}", _PUBLIC


_UNSUPPORTED = "where Azure Monitor takes no alert rules over Azure Resource Graph"
_PUBLIC = "Use a subscription of the public cloud."


@OPTION_WARNINGS.add("ACM156", "location", "provider")
def rules_are_documented_in_the_region(options: AnyOptions) -> Iterator[Finding]:
    """Microsoft documents alert rules over Azure Resource Graph for the public cloud only."""
    environment = _environment(options) if isinstance(options, StackSettings) else ""
    in_region = _is_in(_CHINA, options.location)
    if in_region or environment.lower() == "china":
        path = ("location",) if in_region else ("provider", "environment")
        value = options.location if in_region else environment
        yield (
            path,
            f"{quoted(value)} is in the cloud operated by 21Vianet, where alert rules over Azure Resource Graph are not documented",
            "Try one rule with the live test first (docs/evidence/live-test.md).",
        )
