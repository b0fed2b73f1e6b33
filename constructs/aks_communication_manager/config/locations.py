"""Where a config is and where its Terraform JSON goes, for every program and command.

Standard library only: this runs before anything else is loaded.
"""

from __future__ import annotations

import os
from pathlib import Path

CONFIG = "COMMUNICATION_MANAGER_CONFIG"
DEFAULT_CONFIG = "communication-manager.yaml"
OUTPUT = "CDKTF_OUTDIR"
"""Where cdktf's command line says that it reads."""


def config_file(given: Path | None = None) -> Path:
    """The file given, else the one that `CONFIG` names (empty is the same as not set), else the default."""
    return given or Path(os.environ.get(CONFIG) or DEFAULT_CONFIG)


def output_folder(given: Path | None = None) -> Path:
    """The folder given, else the one that `OUTPUT` names (empty is the same as not set), else ``cdktf.out``."""
    return given or Path(os.environ.get(OUTPUT) or "cdktf.out")
