"""Terraform variables that a stack declares, and secrets that belong into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import Found, texts
from aks_communication_manager.config.receivers import literal_secrets
from aks_communication_manager.config.stack import StackSettings, Variable
from aks_communication_manager.domain.tokens import written_expressions
from aks_communication_manager.errors import Mistake, Path, quoted


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
    groups: list[tuple[Path, Any]] = [(("action_group",), values.get("action_group"))]
    routes = values.get("routes")
    for index, route in enumerate(routes if isinstance(routes, list) else ()):
        groups.append(
            (("routes", index, "action_group"), route.get("action_group") if isinstance(route, Mapping) else None)
        )
    for path, group in groups:
        for index, key in literal_secrets(group.get("receivers") if isinstance(group, Mapping) else None):
            yield Mistake(
                "ACM154",
                (*path, "receivers", index, key),
                "can be a secret, and is written into the config and the Terraform JSON",
                "Write {variable: NAME} to let Terraform ask for it, or {env: NAME} or {file: PATH} to keep it out of the config.",
            )
