"""Terraform variables that a stack declares, and secrets that belong into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import Found, texts
from aks_communication_manager.config.stack_settings import (
    INSTEAD_OF_BACKEND,
    INSTEAD_OF_PROVIDER,
    StackSettings,
    Variable,
)
from aks_communication_manager.errors import Mistake, Path
from aks_communication_manager.text import can_be_secret, quoted
from aks_communication_manager.tokens import written_expressions


@OPTIONS("ACM122")
def declared_variables_are_used(variables: FrozenMap[Variable], everything: tuple[Found, ...]) -> Iterator[Finding]:
    used = {name for found in everything for name in _names(found)}
    for name in variables:
        if name not in used:
            problem = f"{quoted(name)} is declared, but no value is {{variable: {name}}}"
            yield ("variables", name), problem, "Use it, or remove it."


def used_variables(settings: StackSettings) -> dict[str, Found]:
    """The variables that a stack refers to, by name, with the first value that does. Secrets come first."""
    places = sorted(texts(settings), key=lambda found: not found.secret)
    return {name: found for found in reversed(places) for name in _names(found)}


def _names(found: Found) -> list[str]:
    return [text.removeprefix("var.") for text in written_expressions(found.text)]


def warnings(values: Mapping[str, Any]) -> Iterator[Mistake]:
    """Secrets that are written into the config, and from there into the Terraform JSON. `values` as they are written."""
    for path, value, fix in _secrets(values):
        if isinstance(value, str):
            yield Mistake("ACM154", path, "can be a secret, and is written into the config and the Terraform JSON", fix)


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


def _secret_items(values: Any) -> Iterator[tuple[str, Any]]:
    items = values.items() if isinstance(values, Mapping) else ()
    return ((key, value) for key, value in items if can_be_secret(str(key)))


def _at(value: Any, *keys: str) -> Any:
    """What a config has there, if anything."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
