"""The console script: finds the command, and says what is missing or wrong in a line instead of a traceback.

Modules of commands import what is heavy (rich, DuckDB, the SDKs of Azure) inside their functions, so that no command waits
for what another needs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from aks_communication_manager.cli.terminal import accept_every_character
from aks_communication_manager.errors import InvalidArgument

if TYPE_CHECKING:
    import typer

NAME = "aks-communication-manager"

COMMANDS = ("init", "validate", "synth", "schema", "rehearse", "preflight", "status", "events", "cost")
"""Each is the function of that name in the module of that name; ``-`` in a command is ``_`` in Python."""

EXTRAS = {"typer": "cli", "rich": "cli", "duckdb": "rehearse", "duckdb_kql": "rehearse", "azure": "azure"}
"""Which extra of the package brings a module."""


def application() -> typer.Typer:
    """The command line with all its commands."""
    import typer

    app = typer.Typer(
        name=NAME,
        help="Writes the Terraform JSON of the AKS Communication Manager, and works beside Terraform on it.",
        no_args_is_help=True,
        # Help in plain text: rich would cost every command a fifth of its start.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    shown = typer.Option(False, "--version", is_eager=True, callback=_print_version, help="Show the version and exit.")

    # A callback keeps the name of a command necessary, even while there is one command.
    @app.callback()
    def options(version: bool = shown) -> None: ...

    for name in COMMANDS:
        function = getattr(
            import_module(f"aks_communication_manager.cli.{name.replace('-', '_')}"), name.replace("-", "_")
        )
        app.command(name)(function)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"{NAME} {version(NAME)}")
        sys.exit()


def main() -> None:
    """Run the command line. Exit status 0: fine, 1: found what should not be, 2: wrong use, wrong input or no access."""
    accept_every_character()
    try:
        application()(prog_name=NAME)
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS:
            raise
        fail(f"{module} is not installed. Install this package with its extra [{EXTRAS[module]}].")
    except InvalidArgument as error:
        fail(str(error))


def fail(message: str) -> None:
    """End with a message on stderr and exit status 2."""
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
