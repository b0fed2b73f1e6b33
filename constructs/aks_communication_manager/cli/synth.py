"""``synth``: the Terraform JSON of a config, wherever the package is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aks_communication_manager.cli import shared_options
from aks_communication_manager.config.locations import OUTPUT


def synth(
    config: shared_options.Config = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=f"The output folder.  [default: {OUTPUT}, or cdktf.out]"),
    ] = None,
    stack: shared_options.Stack = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print mistakes and warnings only.")] = False,
) -> None:
    """Write the Terraform JSON of a config.

    The same as python main.py in a checkout, and what cdktf.json calls elsewhere. Needs Node.js 22 or newer: the extra node
    of the package brings one. Exit status 2 where there is any mistake; nothing is written then.

    \b
    Examples:
      aks-communication-manager synth
      aks-communication-manager synth --config other.yaml --out other.out --stack production
    """
    from aks_communication_manager.cli import program

    raise typer.Exit(program.run(config, out, stack, quiet=quiet))
