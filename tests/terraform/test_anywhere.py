"""Same input, same bytes: for any user, in any folder, at any time, without a network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "examples" / "several-stacks.yaml"
COMMAND = [sys.executable, str(PROJECT / "main.py")]


def written(folder: Path, command: list[str], **environment: str) -> dict[str, bytes]:
    """Every file that the program writes for an example, by path, when it is run in a folder."""
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder / "communication-manager.yaml")
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = [file for file in (folder / "cdktf.out").rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """What the program writes into a folder of its own."""
    return written(tmp_path_factory.mktemp("project") / "here", COMMAND, LC_ALL="C.UTF-8", TZ="UTC", PYTHONHASHSEED="1")


@pytest.fixture(scope="module")
def namespace():
    """Starts a command as a user without a name, in a network without routes or even a loopback interface."""
    unshare = ["unshare", "--user", "--map-user=1234", "--map-group=1234", "--net"]
    try:
        tried = subprocess.run(
            [
                *unshare,
                sys.executable,
                "-c",
                "import os; print(os.getuid(), open('/proc/net/route').read().count('\\n'))",
            ],
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here, which Linux has in util-linux")
    if tried.returncode:
        pytest.skip(f"this machine allows no namespaces: {tried.stderr.strip()}")
    assert tried.stdout.split() in (["1234", "0"], ["1234", "1"])  # an empty table, with or without its head
    return unshare


def test_the_output_is_the_same_on_every_machine(here, tmp_path):
    there = written(
        tmp_path / "à côté" / "there", COMMAND, LC_ALL="C", TZ="Pacific/Kiritimati", PYTHONHASHSEED="2", USER="other"
    )
    assert sum(name.endswith("/cdk.tf.json") for name in here) == 2
    assert there == here


@pytest.mark.long
def test_the_same_bytes_in_another_output_folder(here, tmp_path):
    elsewhere = tmp_path / "some" / "where" / "else"
    assert written(tmp_path / "there", COMMAND, CDKTF_OUTDIR=str(elsewhere)) == {}
    # The path from there to the config is another one.
    assert list(json.loads((elsewhere / "written-by.json").read_text())) == [
        "../../../there/communication-manager.yaml"
    ]
    (elsewhere / "written-by.json").write_bytes(here["cdktf.out/written-by.json"])
    files = [file for file in elsewhere.rglob("*") if file.is_file()]
    assert {f"cdktf.out/{file.relative_to(elsewhere)}": file.read_bytes() for file in files} == here


@pytest.mark.long
def test_the_same_bytes_for_another_user_and_without_a_network(here, tmp_path, namespace):
    home = tmp_path / "home"  # with nothing in it that an earlier run has left
    assert written(tmp_path / "alone", [*namespace, *COMMAND], USER="nobody", HOME=str(home)) == here
