"""The tests import CDK for Terraform by name; where CDK Terrain is to be tested, these names are its modules.

``make test-cdktn`` does so, with AKS_COMMUNICATION_MANAGER_FRAMEWORK=cdktn.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from types import ModuleType
from typing import Any

from aks_communication_manager.terraform.runtime.framework import CDKTF, CDKTN, chosen

FRAMEWORK = chosen()
IN_SNAPSHOTS = "4.55.0"
"""The version of azurerm to which the bindings of CDK for Terraform are pinned."""

_AZURERM_5 = FRAMEWORK is CDKTN and version("cdktn-provider-azurerm").startswith("18.")

REQUIRED_OF_A_CLUSTER: dict[str, Any] = {"node_provisioning_profile": {"mode": "Manual"}} if _AZURERM_5 else {}
"""Arguments of a cluster that azurerm 5 requires, and that the bindings for azurerm 4.55 do not know."""


_ALIASES = {CDKTF.module: CDKTN.module, CDKTF.bindings: CDKTN.bindings}


class _Alias:
    """Finds the modules of one framework by the names of the other."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, dot, rest = name.partition(".")
        return ModuleSpec(name, self, origin=_ALIASES[package] + dot + rest) if package in _ALIASES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(spec.origin or "")
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._own_spec  # the import system has put ours there


def use() -> None:
    """Make the tests of this process use the framework that is chosen."""
    if FRAMEWORK is CDKTN:
        sys.meta_path.insert(0, _Alias())


def as_of_azurerm_4(document: dict[str, Any]) -> dict[str, Any]:
    """A Terraform JSON without what azurerm 5 requires of a cluster."""
    for cluster in document.get("resource", {}).get("azurerm_kubernetes_cluster", {}).values():
        for argument in REQUIRED_OF_A_CLUSTER:
            cluster.pop(argument, None)
    return document


def as_in_snapshots(document: dict[str, Any]) -> dict[str, Any]:
    """A Terraform JSON as CDK for Terraform writes it: with its version of azurerm, and clusters of azurerm 4."""
    document = as_of_azurerm_4(document)
    if FRAMEWORK is CDKTN:
        azurerm = document.get("terraform", {}).get("required_providers", {}).get("azurerm", {})
        azurerm.update(version=IN_SNAPSHOTS)
    return document
