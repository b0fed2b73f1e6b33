"""Commands that ask nobody, in a network without routes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.terraform.test_anywhere import namespace

ROOT = Path(__file__).parents[2]

__all__ = ["namespace"]


@pytest.mark.parametrize("command", ["validate", "schema", "cost", "rehearse"])
def test_a_command_that_asks_nobody_needs_no_network(command: str, tmp_path: Path, namespace: list[str]):
    shutil.copy(ROOT / "communication-manager.yaml", tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "constructs"), "HOME": str(tmp_path / "home")}
    subprocess.run([sys.executable, ROOT / "main.py", "-q"], cwd=tmp_path, env=environment, check=True)
    run = subprocess.run(
        [*namespace, sys.executable, "-m", "aks_communication_manager.cli.main", command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout
