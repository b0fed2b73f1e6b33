"""The program that writes the Terraform JSON of a config: ``python main.py``, and the command ``synth``."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aks_communication_manager.cli.terminal import accept_every_character
from aks_communication_manager.config.locations import CONFIG, DEFAULT_CONFIG, OUTPUT, config_file, output_folder
from aks_communication_manager.errors import FrameworkNotFound, InvalidArgument, NodeNotFound

USER_MISTAKE = 2
"""Exit status for a mistake in the config or on the machine. 1 is a bug, with a traceback."""


def main(arguments: Sequence[str]) -> int:
    """Run ``python main.py``, with the options of the command ``synth`` but without typer."""
    if not arguments:
        return run()
    import argparse

    parser = argparse.ArgumentParser(
        "python main.py", description="Write the Terraform JSON of a config.", allow_abbrev=False
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"default: {CONFIG}, or {DEFAULT_CONFIG}")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=f"default: {OUTPUT}, or cdktf.out")
    parser.add_argument("--stack", metavar="NAME", help="write only this stack")
    parser.add_argument("-q", "--quiet", action="store_true", help="print mistakes and warnings only")
    return run(**vars(parser.parse_args(arguments)))


def run(config: Path | None = None, out: Path | None = None, stack: str | None = None, *, quiet: bool = False) -> int:
    """Compile a config and write its Terraform JSON. Prints mistakes on stderr and returns the exit status."""
    # Imports create no garbage, and collecting it would take a tenth of the run time.
    gc.disable()
    accept_every_character()
    try:
        _run(config_file(config), output_folder(out), stack, quiet=quiet)
    except (InvalidArgument, NodeNotFound, FrameworkNotFound) as error:
        print(error, file=sys.stderr)
        return USER_MISTAKE
    return 0


def _run(config: Path, outdir: Path, stack: str | None, *, quiet: bool) -> None:
    from aks_communication_manager.terraform.runtime import fast_start

    fast_start.enable()
    starting = fast_start.preload()  # Node starts while the config is read
    try:
        from aks_communication_manager.compiler import compile_config
        from aks_communication_manager.terraform import output
        from aks_communication_manager.terraform.stack_folders import StackFolders
        from aks_communication_manager.text import listed

        compilation = compile_config(config)
        stacks = compilation.chosen(stack)
        folders = StackFolders(outdir, config, [each.name for each in compilation.checked()])
        output.check(outdir, [each.name for each in stacks], folders.mistakes([each.name for each in stacks]))
    finally:
        starting.join()
    for warning in compilation.warnings:
        print(f"{config}: {warning}", file=sys.stderr)
    output.synthesize(stacks, outdir)
    with output.explained(outdir):
        removed = folders.finish([each.name for each in stacks])
    for folder in removed:
        print(f"{folder}: removed, because {config} no longer has this stack", file=sys.stderr)
    # cdktf's command line draws its own output on the terminal.
    if not quiet and "CDKTF_CONTEXT_JSON" not in os.environ:
        form = " as HCL, which SYNTH_HCL_OUTPUT asks for" if os.environ.get("SYNTH_HCL_OUTPUT") == "true" else ""
        for each in stacks:
            print(f"{each.name}: {each.plan.summary} → {outdir / 'stacks' / each.name}{form}", file=sys.stderr)
        if addresses := sorted({address for each in stacks for address in each.email_addresses}):
            print(
                f"E-mail to {listed(addresses)} arrives once the address is verified: after the apply, each that is new in this "
                "tenant gets a code and has 30 minutes to confirm it",
                file=sys.stderr,
            )
