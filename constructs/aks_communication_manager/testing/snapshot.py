"""Terraform JSON for a snapshot: without secrets, and without values that change with a version or a machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aks_communication_manager.text import can_be_secret, without_secrets

HIDDEN = "…"

_LABEL = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1}
"""Position of a block's own name in its path, which says nothing about its values."""

_CONTENT = {"value", "data", "content", "contents", "plaintext_value", "string_data", "binary_data"}
"""Arguments that hold the value of a secret resource, such as ``azurerm_key_vault_secret``."""

_FINGERPRINT = re.compile(f"{HIDDEN}([0-9a-f]{{4}})?")
_REFERENCE = re.compile(r"\$\{[A-Za-z_][\w.\[\]*-]*\}")


def stable(document: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    """Terraform JSON without metadata, the provider's version, paths of state files, and secrets.

    Hidden are the arguments of receivers but for their names; arguments with the name of a secret, in every resource,
    provider, backend, module and local value; defaults of variables; sensitive outputs; URLs and tokens within texts.
    References such as ``${var.url}`` remain. `key`: if given, each hidden value gets a fingerprint that changes with it,
    of four hexadecimal digits, too few to confirm a guess.
    """

    def hide(value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        if not key:
            return HIDDEN
        if _FINGERPRINT.fullmatch(text):  # of a snapshot that is compared
            return text
        return HIDDEN + hmac.digest(key.encode(), text.encode(errors="replace"), hashlib.sha256).hex()[:4]

    found: dict[str, Any] = {name: _visible(value, (name,), hide) for name, value in document.items() if name != "//"}
    settings = found.get("terraform", {})
    for provider in settings.get("required_providers", {}).values():
        if isinstance(provider, dict) and "version" in provider:
            provider["version"] = HIDDEN
    if "path" in (local := settings.get("backend", {}).get("local", {})):
        local["path"] = HIDDEN
    return found


def _visible(value: Any, path: tuple[str, ...], hide: Callable[[object], str], hidden: bool = False) -> Any:
    """The value without metadata and secrets; `hidden` where a block around it says ``sensitive``."""
    if isinstance(value, Mapping):
        hidden = hidden or value.get("sensitive") is True
        return {
            without_secrets(key, hide): _visible(inner, (*path, key), hide, hidden)
            for key, inner in value.items()
            if key != "//"
        }
    if isinstance(value, list):
        return [_visible(inner, path, hide, hidden) for inner in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        return value
    if _holds_secret(path) or (hidden and path[-1] in _CONTENT):
        return hide(value)
    return without_secrets(value, hide) if isinstance(value, str) else value


def _holds_secret(path: tuple[str, ...]) -> bool:
    section, label = path[0], _LABEL.get(path[0])
    names = [name for index, name in enumerate(path[1:], 1) if index != label]
    if section == "variable":
        return "default" in names
    if any(re.search("receivers?$", name, re.IGNORECASE) for name in names):
        return names[-1] != "name"
    if section == "output":
        return (can_be_secret(path[1]) or path[1] == "addresses_to_verify") and "value" in names
    of_a_secret = label == 2 and can_be_secret(path[1]) and not _CONTENT.isdisjoint(names)
    return of_a_secret or any(can_be_secret(name) for name in names[label == 2 :])
