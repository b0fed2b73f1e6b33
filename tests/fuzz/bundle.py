"""Many stacks as one Terraform document, so that one ``terraform validate`` with the real provider judges them all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.terraform import output

_RESOURCE = re.compile(r"\b(azurerm_\w+)\.([A-Za-z0-9_-]+)")
_VARIABLE = re.compile(r"\bvar\.([A-Za-z_][\w-]*)")


def document(stacks: Sequence[CompiledStack], folder: Path, version: str) -> dict[str, Any]:
    """The Terraform JSON of these stacks, in which each name begins with the stack's.

    The provider block is that of the first stack that has arguments of its own; there is one process of the provider for each block.
    """
    output.synthesize(stacks, folder)
    whole: dict[str, Any] = {
        "terraform": {"required_providers": {"azurerm": {"source": "hashicorp/azurerm", "version": version}}},
        "provider": {"azurerm": [{"features": {}, "subscription_id": stacks[0].settings.subscription_id}]},
        "resource": {},
        "variable": {},
        "output": {},
        "import": [],
    }
    own = next((stack.name for stack in stacks if stack.settings.provider), stacks[0].name)
    for stack in stacks:
        written = json.loads((folder / "stacks" / stack.name / "cdk.tf.json").read_text(encoding="utf-8"))
        prefixed = _renamed(written, stack.name)
        for type_, resources in prefixed["resource"].items():
            there = whole["resource"].setdefault(type_, {})
            there |= {f"{stack.name}_{name}": values for name, values in resources.items()}
        for kind in ("variable", "output"):
            whole[kind] |= {f"{stack.name}_{name}": values for name, values in prefixed.get(kind, {}).items()}
        whole["import"] += prefixed.get("import", [])
        if stack.name == own:
            whole["provider"] = prefixed["provider"]
    return {key: value for key, value in whole.items() if value}


def _renamed(value: Any, stack: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(inner, stack) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, stack) for inner in value]
    if isinstance(value, str):
        return _VARIABLE.sub(rf"var.{stack}_\1", _RESOURCE.sub(rf"\1.{stack}_\2", value))
    return value
