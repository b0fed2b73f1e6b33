"""What a check found, one row each."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "attention", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of a report."""

    subject: str
    """What was looked at, such as a cluster's or a rule's name."""
    check: str
    """What was checked, in one or two words."""
    verdict: Verdict
    text: str
    fix: str = ""
    """The command that corrects it, where there is one."""

    def as_json(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("subject", "check", "verdict", "text", "fix")}


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
    parts = identifier.split("/")
    return {"subscription": parts[2], "resource_group": parts[4], **named}


def any_wrong(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict == "wrong" for finding in findings)
