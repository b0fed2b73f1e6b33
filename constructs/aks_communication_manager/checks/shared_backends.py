"""Backends of the stacks of one config: each stack needs a state of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aks_communication_manager.config.checking import Checks, Finding, find_duplicates
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import Path
from aks_communication_manager.text import format_path

BACKENDS: Checks[Mapping[Path, StackSettings]] = Checks("plan")
"""Of all stacks of a config, by their paths."""


@BACKENDS.add("ACM138")
def each_stack_has_a_state_of_its_own(stacks: Mapping[Path, StackSettings]) -> Iterator[Finding]:
    """Stacks with the same backend share one state, and each apply would destroy what the other made."""
    complete = (
        ((*path, "backend"), json.dumps([kind, arguments], default=dict, sort_keys=True), kind)
        for path, settings in stacks.items()
        for kind, arguments in (settings.backend or {}).items()
        if _names_state(kind, arguments)
    )
    fix = 'Write {stack}, which is replaced by the name of the stack, into the value that names the state, such as key: "{stack}.tfstate".'
    yield from find_duplicates(
        complete,
        lambda kind, first: f"the {kind} backend is that of {format_path(first[:-1])} too: both would share a state",
        fix,
    )


_STATE_NAMES = ("address", "key", "path", "prefix", "schema_name", "secret_suffix")
"""The argument that names the state within a backend. Without it the backend is partial, and init names it for each stack."""


def _names_state(kind: str, arguments: Mapping[str, Any]) -> bool:
    workspaces = arguments.get("workspaces")
    if isinstance(workspaces, Mapping):
        return "name" in workspaces
    if kind == "local":  # relative to the stack's own folder
        return str(arguments.get("path", "")).startswith(("/", ".."))
    return any(name in arguments for name in _STATE_NAMES)
