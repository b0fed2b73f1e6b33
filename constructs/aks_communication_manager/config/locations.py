"""Locations of the config and of the output, for all programs and commands.

Standard library only: this runs before anything else is loaded.
"""

from __future__ import annotations

import os
from pathlib import Path

CONFIG = "COMMUNICATION_MANAGER_CONFIG"
DEFAULT_CONFIG = "communication-manager.yaml"
OUTPUT = "CDKTF_OUTDIR"
"""Environment variable in which cdktf's command line names its output folder."""


def config_file(given: Path | None = None) -> Path:
    """The file given, else the one that `CONFIG` names (empty is the same as not set), else the default."""
    return given or Path(os.environ.get(CONFIG) or DEFAULT_CONFIG)


def output_folder(given: Path | None = None) -> Path:
    """The folder given, else the one that `OUTPUT` names (empty is the same as not set), else ``cdktf.out``."""
    return given or Path(os.environ.get(OUTPUT) or "cdktf.out")
