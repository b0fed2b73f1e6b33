"""Which azurerm the tests run with, and where it lies once ``terraform init`` has found it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

PINNED = "4.55.0"
"""The version that the bindings require, to the digit."""

VERSION = os.environ.get("AZURERM_VERSION") or PINNED

CONSTRAINT = None if VERSION == PINNED else f"~> {VERSION.rpartition('.')[0]}"
"""`provider_version` of a config for another version than the pinned one."""


def for_version(document: dict[str, Any]) -> dict[str, Any]:
    """Terraform JSON changed for the version under test: its constraint, and what azurerm 5 requires of a cluster."""
    if CONSTRAINT:
        document["terraform"]["required_providers"]["azurerm"]["version"] = CONSTRAINT
    if not VERSION.startswith("4."):
        for cluster in document["resource"].get("azurerm_kubernetes_cluster", {}).values():
            cluster.setdefault("node_provisioning_profile", {"mode": "Manual"})
    return document


CACHE_VARIABLE = "AZURERM_TESTS_CACHE"
"""Set by ``make test-azurerm``: the directory in which it ran the one init of the whole run."""


def cache(otherwise: Path) -> Path:
    """Where the provider is kept for all processes of a run; `otherwise` where pytest was started by hand."""
    return Path(os.environ.get(CACHE_VARIABLE) or otherwise)
