"""Connection to Azure for a command, with progress and errors on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from aks_communication_manager.cli.terminal import note

if TYPE_CHECKING:
    from aks_communication_manager.azure.client import Arm


@contextmanager
def azure_session(timeout: timedelta, *, progress: bool = True) -> Iterator[Arm]:
    """Open a client. An `AzureFailure` ends the command with one line on stderr and exit status 2."""
    from rich.console import Console

    from aks_communication_manager.azure.connection import connect
    from aks_communication_manager.azure.failures import AzureFailure

    try:
        if not (progress and sys.stderr.isatty()):
            with connect(timeout=timeout) as arm:
                yield arm
            return
        screen = Console(stderr=True, highlight=False, markup=False)
        with screen.status("Logging in to Azure") as line, connect(line.update, timeout) as arm:
            yield arm
    except AzureFailure as failure:
        note(f"Azure: {failure}")
        raise typer.Exit(2) from None
