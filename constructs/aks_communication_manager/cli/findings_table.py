"""Table of findings for ``preflight`` and ``status``, with commands that fix them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.findings import Finding
from aks_communication_manager.cli.azure_session import azure_session
from aks_communication_manager.cli.terminal import console, print_json
from aks_communication_manager.compiler import CompiledStack, compile_config
from aks_communication_manager.config.locations import config_file

MARKS = {"ok": ("✓", "green"), "attention": ("!", "yellow"), "wrong": ("✗", "red")}

WIDE = 100
"""Terminal width in columns below which subject and check share a column."""

MANY = 60
"""Number of rows above which rows without problems are only counted; ``--json`` prints all."""


def report(
    check: Callable[[Arm, CompiledStack], list[Finding]],
    config: Path | None,
    stack: str | None,
    json: bool,
    timeout: timedelta,
) -> None:
    """Run a check for every stack and print its findings. Exit status 1 if anything is wrong."""
    source = config_file(config)
    stacks = compile_config(source).chosen(stack)
    with azure_session(timeout) as arm:
        found = {compiled.name: check(arm, compiled) for compiled in stacks}
    if json:
        entries = [{"name": name, "findings": list(map(asdict, findings))} for name, findings in found.items()]
        print_json({"config": str(source), "stacks": entries})
    else:
        for name, findings in found.items():
            _show(console(), name, findings)
    if any(finding.verdict == "wrong" for findings in found.values() for finding in findings):
        raise typer.Exit(1)


def _show(screen: Console, stack: str, findings: Sequence[Finding]) -> None:
    shown = [finding for finding in findings if len(findings) <= MANY or finding.verdict != "ok"]
    fixes = list(dict.fromkeys(finding.fix for finding in shown if finding.fix))
    wide = screen.width >= WIDE
    columns = [
        Column(""),
        Column("What", overflow="fold", max_width=36 if wide else 26),
        *([Column("Check", overflow="fold", max_width=22)] if wide else []),
        Column("Found", overflow="fold"),
        *([Column("Fix", justify="right", no_wrap=True)] if fixes else []),
    ]
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, title=stack, title_justify="left", title_style="bold")
    for finding in shown:
        mark, colour = MARKS[finding.verdict]
        what = [finding.subject, finding.check] if wide else [f"{finding.subject}\n{finding.check}"]
        number = [str(fixes.index(finding.fix) + 1) if finding.fix else ""] if fixes else []
        table.add_row(Text(mark, colour), *map(Text, what), finding.text, *number)
    screen.print(table)
    for number_of, fix in enumerate(fixes, 1):
        # Not wrapped, so that commands can be copied.
        screen.print(f"{number_of:>3}  {fix}", soft_wrap=True)
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in MARKS}
    text = f"{counts['ok']} fine, {counts['attention']} to look at, {counts['wrong']} wrong"
    screen.print(f"{chr(10) if fixes else ''}{text}", style="dim")
