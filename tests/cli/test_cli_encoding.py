"""Commands write to a stdout with any encoding, with names in any script."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from aks_communication_manager.cli import main, terminal

ROOT = Path(__file__).parents[2]
CONFIG = """\
stacks:
  production:
    subscription_id: 11111111-1111-1111-1111-111111111111
    location: westeurope
    resource_group: rg-notices
    scopes: [/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks]
    name_prefix: "Ω-ярус-中文-"
    tags: {owner: "Łukasz 🚀"}
    action_group:
      name: ag-größe
      short_name: aks
      receivers: [{type: email, name: "команда 中文", email_address: platform@example.com}]
"""
COMMANDS = (
    ["validate"],
    ["validate", "--json"],
    ["cost"],
    ["cost", "--json"],
    ["schema"],
    ["validate", "--stack", "größe-中文"],
    ["cost", "--config", "größe-中文.yaml"],
    ["--help"],
    ["rehearse", "--help"],
)
ENCODINGS = ("cp1252", "cp932", "ascii", "latin-1", "utf-8", "utf-16")


def written(encoding: str, *words: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command whose streams have this encoding and refuse what it lacks."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2)]
    with (
        mock.patch.object(sys, "argv", ["aks-communication-manager", *words]),
        mock.patch.object(sys, "stdout", streams[0]),
        mock.patch.object(sys, "stderr", streams[1]),
    ):
        try:
            main.main()
            status = 0
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 0
    for stream in streams:
        stream.flush()
    return (status, *(stream.buffer.getvalue().decode(encoding) for stream in streams))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "communication-manager.yaml").write_text(CONFIG, encoding="utf-8")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_command_ends_as_it_does_in_utf_8(encoding, words):
    status, out, err = written(encoding, *words)
    expected, _, said = written("utf-8", *words)
    assert status == expected
    assert bool(err) is bool(said)
    if "--json" in words:
        assert json.loads(out) == json.loads(written("utf-8", *words)[1])


def test_a_character_that_the_encoding_lacks_is_a_substitute_or_an_escape():
    status, _, err = written("cp1252", "validate", "--stack", "größe-中文")
    assert status == 2
    assert err.startswith(r'--stack: "größe-\u4e2d\u6587" is not a stack of communication-manager.yaml [ACM016]')
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with mock.patch.object(sys, "stdout", stream):
        terminal.accept_every_character()
        stream.write("✓ a · b → c… × ✗")
        stream.flush()
    assert stream.buffer.getvalue() == b"+ a - b -> c. x x"


def test_a_file_name_that_is_no_text_is_written_too():
    status, _, err = written("utf-8", "validate", "--config", "\udcff.yaml")
    assert status == 2
    assert err == "" or r"\udcff.yaml" in err


@pytest.mark.long
@pytest.mark.parametrize(
    "command", [["synth"], ["rehearse", "--start", "2026-12-01"], ["rehearse", "--json"]], ids=" ".join
)
@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["windows", "LANG=C"],
)
def test_a_process_ends_without_a_traceback(environment, command, tmp_path):
    def run(*words):
        program = [sys.executable, "-m", "aks_communication_manager.cli.main", *words]
        variables = os.environ | {"PYTHONPATH": str(ROOT / "constructs")} | environment
        return subprocess.run(program, env=variables, capture_output=True, check=False)

    assert run("synth").returncode == 0
    ran = run(*command)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (0, False)
