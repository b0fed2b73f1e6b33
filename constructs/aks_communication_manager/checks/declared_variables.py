"""Terraform variables that a stack declares, and secrets that belong into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import Found, texts
from aks_communication_manager.config.receivers import secrets
from aks_communication_manager.config.stack_settings import (
    INSTEAD_OF_BACKEND,
    INSTEAD_OF_PROVIDER,
    StackSettings,
    Variable,
)
from aks_communication_manager.errors import Mistake, Path
from aks_communication_manager.text import quoted
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


_SECRETS = str.split("""
    access_key client_certificate_password client_secret oidc_request_token oidc_token password sas_token secret_key token
""")
"""Arguments of Terraform's own blocks that are secrets."""


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
        for index, key, value in secrets(_at(group, "receivers")):
            fix = "Write {variable: NAME} to let Terraform ask for it, or {env: NAME} or {file: PATH} to keep it out of the config."
            yield (*path, "receivers", index, key), value, fix
            variables.add(str(_at(value, "variable")))
    variables |= {str(_at(values.get("provider"), name, "variable")) for name in _SECRETS}
    for name in sorted(variables):
        default = _at(values.get("variables"), name, "default")
        yield ("variables", name, "default"), default, f"Remove it, and set TF_VAR_{name} where Terraform runs."
    for name in _SECRETS:
        yield ("provider", name), _at(values.get("provider"), name), INSTEAD_OF_PROVIDER
        backend = values.get("backend")
        for kind in backend if isinstance(backend, Mapping) else ():
            yield ("backend", kind, name), _at(backend, kind, name), INSTEAD_OF_BACKEND


def _at(value: Any, *keys: str) -> Any:
    """What a config has there, if anything."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
