"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = "communication-manager.yaml"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help=f"The config file.  [default: COMMUNICATION_MANAGER_CONFIG, or {DEFAULT_CONFIG}]",
        show_default=False,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", help="Only this stack.  [default: all]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.", show_default=False)]


def config_file(given: Path | None) -> Path:
    """The config file that synth would read."""
    return given or Path(os.environ.get("COMMUNICATION_MANAGER_CONFIG") or DEFAULT_CONFIG)
