"""Commands that ask nobody, in a network without routes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.terraform.test_anywhere import namespace

ROOT = Path(__file__).parents[2]

__all__ = ["namespace"]

EACH = """
import json, sys
from cli_support import run
print(json.dumps({command: [ran.status, ran.err, bool(ran.out)] for command in sys.argv[1:] for ran in [run(command)]}))
"""


def outcomes(*commands: str, folder: Path, namespace: list[str]) -> dict[str, list[object]]:
    """How each command ends, what it says on stderr, and whether it says something on stdout: all in one process."""
    places = os.pathsep.join([str(ROOT / "constructs"), str(Path(__file__).parent)])
    ended = subprocess.run(
        [*namespace, sys.executable, "-c", EACH, *commands],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": places, "HOME": str(folder / "home")},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def test_commands_that_ask_nobody_need_no_network(tmp_path: Path, namespace: list[str]):
    shutil.copy(ROOT / "communication-manager.yaml", tmp_path)
    found = outcomes("validate", "schema", "cost", folder=tmp_path, namespace=namespace)
    assumed = "Assumed: the events of one maintenance fall into 4 hours, each with a digest.\n"
    assert found == {"validate": [0, "", True], "schema": [0, "", True], "cost": [0, assumed, True]}


@pytest.mark.long
def test_a_rehearsal_needs_no_network(tmp_path: Path, namespace: list[str]):
    shutil.copy(ROOT / "communication-manager.yaml", tmp_path)
    subprocess.run([sys.executable, ROOT / "main.py", "-q"], cwd=tmp_path, check=True)
    assert outcomes("rehearse", folder=tmp_path, namespace=namespace) == {"rehearse": [0, "", True]}
