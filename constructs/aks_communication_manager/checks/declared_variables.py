"""Terraform variables that a stack declares, and secrets that belong into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aks_communication_manager.checks.registry import STACK
from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.references import is_reference
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.config.strings import StringAt, find_strings
from aks_communication_manager.config.terraform_blocks import INSTEAD_OF_BACKEND, INSTEAD_OF_PROVIDER
from aks_communication_manager.errors import Path
from aks_communication_manager.text import can_be_secret, quoted
from aks_communication_manager.tokens import VARIABLE_NAME, written_expressions

WRITTEN: Checks[Mapping[str, Any]] = Checks("warning")
"""Warnings about the keys of a stack as they are written."""


@STACK.add("ACM122", *StackSettings.model_fields)
def declared_variables_are_used(settings: StackSettings) -> Iterator[Finding]:
    """A declared variable without a use would still ask for a value."""
    used = used_variables(settings) if settings.variables else {}
    for name in settings.variables:
        if name not in used:
            problem = f"{quoted(name)} is declared, but no value is {{variable: {name}}}"
            yield ("variables", name), problem, "Use it, or remove it."


def used_variables(settings: StackSettings) -> dict[str, StringAt]:
    """Variables that a stack refers to, by name, each with its first use. Uses in secrets come first."""
    places = sorted(find_strings(settings), key=lambda found: not found.secret)
    return {name: found for found in reversed(places) for name in _names(found)}


def _names(found: StringAt) -> list[str]:
    return [text.removeprefix("var.") for text in written_expressions(found.text)]


def holds_secret(settings: StackSettings) -> bool:
    """Whether the Terraform JSON of a stack contains a secret itself, not a variable in its place."""
    secret_variables = {name for name, found in used_variables(settings).items() if found.secret}
    return any(
        found.text
        and not written_expressions(found.text)
        and (
            any(can_be_secret(str(key)) for key in found.path)
            or (found.path[0] == "variables" and found.path[1] in secret_variables and found.path[-1] == "default")
        )
        for found in find_strings(settings)
    )


@WRITTEN.add("ACM154")
def no_secret_is_written(values: Mapping[str, Any]) -> Iterator[Finding]:
    """Terraform JSON is kept in repositories and pipelines, where others can read it."""
    for path, value, fix in _secrets(values):
        if isinstance(value, str):
            yield path, "can be a secret, and is written into the config and the Terraform JSON", fix


def _secrets(values: Mapping[str, Any]) -> Iterator[tuple[Path, Any, str]]:
    groups: list[tuple[Path, Any]] = [(("action_group",), values.get("action_group"))]
    routes = values.get("routes")
    for index, route in enumerate(routes if isinstance(routes, list) else ()):
        groups.append((("routes", index, "action_group"), _at(route, "action_group")))
    variables: set[str] = set()
    for path, group in groups:
        receivers = _at(group, "receivers")
        for index, receiver in enumerate(receivers if isinstance(receivers, list) else ()):
            for key, value in _secret_items(receiver):
                fix = "Write {variable: NAME} to let Terraform ask for it, or {env: NAME} or {file: PATH} to keep it out of the config."
                yield (*path, "receivers", index, key), value, fix
                variables.add(str(_at(value, "variable")))
    for key, value in _secret_items(values.get("provider")):
        yield ("provider", key), value, INSTEAD_OF_PROVIDER
        variables.add(str(_at(value, "variable")))
    backend = values.get("backend")
    for kind, arguments in backend.items() if isinstance(backend, Mapping) else ():
        for key, value in _secret_items(arguments):
            yield ("backend", kind, key), value, INSTEAD_OF_BACKEND
    for name in sorted(variables):
        default = _at(values.get("variables"), name, "default")
        yield ("variables", name, "default"), default, f"Remove it, and set TF_VAR_{name} where Terraform runs."


@WRITTEN.add("ACM157")
def a_shell_can_export_each_variable(values: Mapping[str, Any]) -> Iterator[Finding]:
    """Names of environment variables have no hyphens in a shell, so TF_VAR_… cannot give such a variable its value."""
    for name, path in {name: path for path, name in reversed([*_references(values, ())])}.items():
        if "-" in name and VARIABLE_NAME.fullmatch(name) and _at(values.get("variables"), name, "default") is None:
            yield (
                path,
                f"a shell cannot export TF_VAR_{name}, because of the hyphen",
                f"Name it {name.replace('-', '_')}, or give its value with -var or in a .tfvars file.",
            )


def _references(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if is_reference(value):
        yield from ((path, name) for kind, name in value.items() if kind == "variable" and isinstance(name, str))
    elif isinstance(value, Mapping | list):
        for key, entry in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _references(entry, (*path, key))


def _secret_items(values: Any) -> Iterator[tuple[str, Any]]:
    items = values.items() if isinstance(values, Mapping) else ()
    return ((key, value) for key, value in items if can_be_secret(str(key)))


def _at(value: Any, *keys: str) -> Any:
    """The value at these keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
