"""Processes of their own, because fast start changes a whole process."""

import json
import os
import subprocess
import sys

import pytest

from aks_communication_manager import fast_start
from aks_communication_manager.terraform.runtime import node
from tests.terraform.runtime.programs import SOURCES, of_framework


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Runs a program in a process of its own, and returns what it prints; on stderr there is what is expected there."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))
    for name in ["NODE_OPTIONS", fast_start.SWITCH]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JSII_NODE", os.environ.get("JSII_NODE", ""))
    node.ensure_node()

    def run(*lines: str, on_stderr: str = "") -> str:
        command = [sys.executable, "-c", of_framework("\n".join(lines)), str(tmp_path / "out")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (on_stderr in done.stderr) if on_stderr else (done.stderr == ""), done.stderr
        return done.stdout

    return run


@pytest.fixture
def loaded_in_node(tmp_path, monkeypatch):
    """How many modules of the bindings each Node process had loaded at its end."""
    counts, probe = tmp_path / "printed", tmp_path / "probe.cjs"
    count = "Object.keys(require.cache).filter(file => file.includes('provider-azurerm')).length"
    probe.write_text(
        f"process.on('exit', () => require('fs').appendFileSync({json.dumps(str(counts))}, {count} + '\\n'))"
    )
    monkeypatch.setenv("NODE_OPTIONS", f"--require {probe}")
    return lambda: sorted(map(int, counts.read_text().split()))
