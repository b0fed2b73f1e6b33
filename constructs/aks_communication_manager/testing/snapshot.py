"""The part of a Terraform JSON that stays the same until somebody changes the config or the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIDDEN = "…"


def stable(document: Mapping[str, Any]) -> dict[str, Any]:
    """A Terraform JSON without what changes with a version or a machine: metadata, the provider's version, paths of state files."""
    return {
        key: _terraform(value) if key == "terraform" else _plain(value)
        for key, value in document.items()
        if key != "//"
    }


def _terraform(value: Mapping[str, Any]) -> dict[str, Any]:
    found = _plain(value)
    for provider in found.get("required_providers", {}).values():
        if isinstance(provider, dict) and "version" in provider:
            provider["version"] = HIDDEN
    if "path" in (local := found.get("backend", {}).get("local", {})):
        local["path"] = HIDDEN
    return found  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """The value without the metadata that cdktf writes into each resource."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if key != "//"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
