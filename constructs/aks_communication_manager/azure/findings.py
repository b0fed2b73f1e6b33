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
    """What was looked at, such as a cluster's or a rule's name."""
    check: str
    """What was checked, in one or two words."""
    verdict: Verdict
    text: str
    fix: str = ""
    """The command that corrects it, where there is one."""

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
    """A command line of Azure's CLI. Names of resource groups may hold parentheses, which a shell would not take."""
    pairs = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    return shlex.join(["az", *command.split(), *words, *pairs])


def where(identifier: str, **named: str) -> dict[str, str]:
    """The options that name where a resource is: its subscription and resource group."""
    return {"subscription": subscription_of(identifier), "resource_group": resource_group_of(identifier), **named}


def checked(subject: str, check: str, rows: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The rows of one check; a single one where Azure's answer cannot be understood, so that others go on."""
    try:
        return list(rows())
    except Unexpected as failure:
        return [wrong(subject, check, f"could not be checked: {failure.problem}")]


def patch(identifier: str, api_version: str, properties: str) -> str:
    """A command that changes single properties. ``az … update`` writes the whole resource, as far as its version knows it."""
    return az(
        "rest", method="patch", url=f"{identifier}?api-version={api_version}", body=f'{{"properties": {properties}}}'
    )
