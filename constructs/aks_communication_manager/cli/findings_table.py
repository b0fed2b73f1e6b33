"""The table of ``preflight`` and ``status``, and the commands that correct what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from aks_communication_manager.cli.azure_session import azure_session
from aks_communication_manager.cli.terminal import console, print_json
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config.locations import config_file

if TYPE_CHECKING:
    from rich.console import Console

    from aks_communication_manager.azure.client import Arm
    from aks_communication_manager.azure.findings import Finding
    from aks_communication_manager.compiler import CompiledStack

MARKS = {"ok": ("✓", "green"), "attention": ("!", "yellow"), "wrong": ("✗", "red")}

WIDE = 100
"""Columns of a terminal below which subject and check share one."""

MANY = 60
"""Rows above which those that are fine are counted instead of shown; ``--json`` has them."""


def report(
    check: Callable[[Arm, CompiledStack], list[Finding]],
    config: Path | None,
    stack: str | None,
    json: bool,
    timeout: timedelta,
) -> None:
    """Run a check for every stack and print what it found. Ends with exit status 1 where anything is wrong."""
    from aks_communication_manager.azure.findings import any_wrong

    stacks = compile_config(config_file(config)).chosen(stack)
    with azure_session(timeout) as arm:
        found = {one.name: check(arm, one) for one in stacks}
    if json:
        print_json(document(str(config_file(config)), found))
    else:
        for name, findings in found.items():
            _show(console(), name, findings)
    if any(any_wrong(findings) for findings in found.values()):
        raise typer.Exit(1)


def document(config: str, found: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    """What ``--json`` prints."""
    stacks = [{"name": name, "findings": [one.as_json() for one in findings]} for name, findings in found.items()]
    return {"config": config, "stacks": stacks}


def _show(screen: Console, stack: str, findings: Sequence[Finding]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = [one for one in findings if len(findings) <= MANY or one.verdict != "ok"]
    fixes = list(dict.fromkeys(one.fix for one in shown if one.fix))
    wide = screen.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=stack, title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("What", overflow="fold", max_width=36 if wide else 26)
    if wide:
        table.add_column("Check", overflow="fold", max_width=22)
    table.add_column("Found", overflow="fold")
    if fixes:
        table.add_column("Fix", justify="right", no_wrap=True)
    for one in shown:
        mark, colour = MARKS[one.verdict]
        what = [Text(one.subject), Text(one.check)] if wide else [Text(f"{one.subject}\n{one.check}")]
        number = [str(fixes.index(one.fix) + 1) if one.fix else ""] if fixes else []
        table.add_row(Text(mark, colour), *what, one.text, *number)
    screen.print(table)
    for number_of, fix in enumerate(fixes, 1):
        # One line each, however long: it is there to be copied.
        screen.print(f"{number_of:>3}  {fix}", soft_wrap=True)
    counts = {verdict: sum(one.verdict == verdict for one in findings) for verdict in MARKS}
    text = f"{counts['ok']} fine, {counts['attention']} to look at, {counts['wrong']} wrong"
    screen.print(f"{chr(10) if fixes else ''}{text}", style="dim")
