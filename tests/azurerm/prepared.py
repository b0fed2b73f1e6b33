"""Which azurerm the tests run with, and where it lies once ``terraform init`` has found it."""

from __future__ import annotations

import os
from pathlib import Path

PINNED = "4.55.0"
"""The version that the bindings require, to the digit."""

VERSION = os.environ.get("AZURERM_VERSION") or PINNED

CONSTRAINT = None if VERSION == PINNED else f"~> {VERSION.rpartition('.')[0]}"
"""`provider_version` of a config for another version than the pinned one."""

CACHE_VARIABLE = "AZURERM_TESTS_CACHE"
"""Set by ``make test-azurerm``: the directory in which it ran the one init of the whole run."""


def cache(otherwise: Path) -> Path:
    """Where the provider is kept for all processes of a run; `otherwise` where pytest was started by hand."""
    return Path(os.environ.get(CACHE_VARIABLE) or otherwise)
