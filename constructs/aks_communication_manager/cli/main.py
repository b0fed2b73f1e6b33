"""The console script: runs a command and prints mistakes and missing extras without a traceback.

Modules of commands import heavy packages (rich, DuckDB, Azure's SDKs) inside functions, so that a command does not wait for
the packages of another.
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
"""Commands, each a function in the module of the same name."""

EXTRAS = {"typer": "cli", "rich": "cli", "duckdb": "rehearse", "duckdb_kql": "rehearse", "azure": "azure"}
"""Extra that installs a module."""


def application() -> typer.Typer:
    """Build the command line with all commands."""
    import typer

    app = typer.Typer(
        name=NAME,
        help="Writes the Terraform JSON of the AKS Communication Manager, and works beside Terraform on it.",
        no_args_is_help=True,
        # Plain help: rich would make every command start a fifth slower.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    shown = typer.Option(False, "--version", is_eager=True, callback=_print_version, help="Show the version and exit.")

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
    """Run the command line. Exit status 0: success, 1: problems found, 2: wrong use, invalid input or no access."""
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
    """Exit with a message on stderr and status 2."""
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
