"""Findings of a check, one row each, and the commands that correct them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from aks_communication_manager.arm.id_parts import resource_group_of, subscription_of
from aks_communication_manager.azure.failures import Unexpected
from aks_communication_manager.text import printable

Verdict = Literal["ok", "attention", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of a report. Its texts are printable, whatever Azure answered."""

    subject: str
    """Name of the checked resource, such as a cluster or a rule."""
    check: str
    """Aspect that was checked, in one or two words."""
    verdict: Verdict
    text: str
    fix: str = ""
    """Command that corrects it; empty if there is none."""

    def __post_init__(self) -> None:
        for name in ("subject", "text", "fix"):
            object.__setattr__(self, name, printable(getattr(self, name)))


def ok(subject: str, check: str, text: str) -> Finding:
    return Finding(subject, check, "ok", text)


def attention(subject: str, check: str, text: str, fix: str = "") -> Finding:
    return Finding(subject, check, "attention", text, fix)


def wrong(subject: str, check: str, text: str, fix: str = "") -> Finding:
    return Finding(subject, check, "wrong", text, fix)


def az(command: str, *words: str, **options: str) -> str:
    """Format an Azure CLI command. Quoted, because names of resource groups may contain parentheses."""
    pairs = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    return shlex.join(["az", *command.split(), *words, *pairs])


def where(identifier: str, **named: str) -> dict[str, str]:
    """Options for the subscription and the resource group of a resource."""
    return {"subscription": subscription_of(identifier), "resource_group": resource_group_of(identifier), **named}


def checked(subject: str, check: str, rows: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Collect the rows of one check. An unexpected answer becomes a row, so that other checks continue."""
    try:
        return list(rows())
    except Unexpected as failure:
        return [wrong(subject, check, f"could not be checked: {failure.problem}")]


def patch(identifier: str, api_version: str, properties: str) -> str:
    """Command that changes single properties. ``az … update`` would drop properties unknown to its API version."""
    return az(
        "rest", method="patch", url=f"{identifier}?api-version={api_version}", body=f'{{"properties": {properties}}}'
    )
