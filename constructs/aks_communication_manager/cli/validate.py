"""``validate``: report all mistakes of a config, without Node.js, CDK for Terraform or network access."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aks_communication_manager.cli import shared_options
from aks_communication_manager.cli.terminal import note, print_json
from aks_communication_manager.config.locations import config_file

if TYPE_CHECKING:
    from aks_communication_manager.errors import Mistake


class Format(StrEnum):
    """Output formats for mistakes."""

    text = "text"
    github = "github"


def validate(
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
    format: Annotated[
        Format, typer.Option(help="github writes annotations for a workflow of GitHub Actions.")
    ] = Format.text,
) -> None:
    """Check a config, and report all of its mistakes together.

    Exit status 2 where there is any mistake. Warnings do not count.

    \b
    Examples:
      aks-communication-manager validate
      aks-communication-manager validate --config other.yaml --json
      aks-communication-manager validate --format github
    """
    from aks_communication_manager.compiler import compile_config
    from aks_communication_manager.errors import InvalidConfig

    file = config_file(config)
    compilation = compile_config(file)
    mistakes = [each for each in compilation.mistakes if _concerns(each, stack)]
    warnings = [each for each in compilation.warnings if _concerns(each, stack)]
    if not mistakes:
        compilation.require(stack)
    if json:
        print_json(
            {
                "config": str(file),
                "valid": not mistakes,
                "stacks": [each.name for each in compilation.stacks if stack in (None, each.name)],
                "mistakes": [_values(each) for each in mistakes],
                "warnings": [_values(each) for each in warnings],
            }
        )
    elif format == Format.github:
        for kind, found in (("error", mistakes), ("warning", warnings)):
            for each in found:
                print(_annotation(kind, str(file), each))
    else:
        for warning in warnings:
            note(f"{file}: {warning}")
        if mistakes:
            print(InvalidConfig(str(file), *mistakes))
        else:
            for compiled in compilation.stacks:
                if stack in (None, compiled.name):
                    print(f"{compiled.name}: {compiled.plan.summary}")
    if mistakes:
        raise typer.Exit(2)


def _concerns(mistake: Mistake, stack: str | None) -> bool:
    """Whether a mistake is in this stack or in a part shared by all stacks."""
    return stack is None or mistake.path[:1] != ("stacks",) or mistake.path[1:2] in ((), (stack,))


def _values(mistake: Mistake) -> dict[str, Any]:
    line, column = mistake.mark or (None, None)
    return {
        "code": mistake.code,
        "path": mistake.where,
        "line": line,
        "column": column,
        "problem": mistake.problem,
        "fix": mistake.fix,
    }


def _annotation(kind: str, file: str, mistake: Mistake) -> str:
    """Format a workflow command, escaped as in the Actions toolkit."""
    place = f",line={mistake.mark.line},col={mistake.mark.column}" if mistake.mark else ""
    text = f"{mistake.where}: {mistake.problem}" if mistake.path else mistake.problem
    message = _escaped(f"{text}\n{mistake.fix}".rstrip())
    return f"::{kind} file={_property(file)}{place},title={mistake.code}::{message}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
