"""``python main.py`` as a process, where the config is wrong, where something lies there already, and where it breaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SUB = "11111111-1111-1111-1111-111111111111"
CLUSTER = f"/subscriptions/{SUB}/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod"
STACK = f"""
  {{name}}:
    subscription_id: {SUB}
    location: westeurope
    resource_group: rg-{{name}}
    scopes: [{CLUSTER}]
    action_group: {{{{id: /subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag}}}}
"""
WRONG = f"""
stacks:
  production:
    subscription_id: {SUB}
    location: westeurope
    resource_group: rg-aks-notices
    scopes:
      - {CLUSTER}
      - prod-2
    severty: 3
    evaluation_frequency: PT31M
    action_group: {{id: /subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag}}
"""
TOLD = """\
communication-manager.yaml: 3 mistakes

  stacks.production.scopes[1] (line 9): "prod-2" is not the id of a cluster, a resource group or a subscription [ACM030]
      Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ContainerService/managedClusters/prod-2
  stacks.production.evaluation_frequency (line 11): "PT31M" is not a frequency that Azure supports [ACM034]
      One of PT5M, PT10M, PT15M, PT30M, PT45M, PT1H, PT2H, PT3H, PT4H, PT5H, PT6H, P1D.
  stacks.production.severty (line 10): unknown key [ACM021]
      Did you mean severity?
"""


def config(*names: str) -> str:
    return "stacks:" + "".join(STACK.format(name=name) for name in names)


def run(folder: Path, text: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python main.py`` in a folder, with this config in it."""
    if text is not None:
        (folder / "communication-manager.yaml").write_text(text)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CDKTF", "COMMUNICATION_MANAGER"))
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py")], cwd=folder, env=kept | environment, capture_output=True, text=True
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def earlier(tmp_path):
    """What an earlier run left: two stacks, and in them what Terraform and a person put there."""
    for name in ("production", "gone"):
        folder = tmp_path / "cdktf.out" / "stacks" / name
        (folder / ".terraform" / "providers").mkdir(parents=True)
        (folder / ".terraform" / "providers" / "plugin").write_text("kept")
        (folder / ".terraform.lock.hcl").write_text("kept")
        (folder / "cdk.tf.json").write_text("from before")
    (tmp_path / "cdktf.out" / "stacks" / "production" / "cdk.tf").write_text("from cdktf synth --hcl")
    by_hand = tmp_path / "cdktf.out" / "stacks" / "by-hand"
    by_hand.mkdir()
    (by_hand / "main.tf").write_text("somebody else's")
    (tmp_path / "cdktf.out" / "manifest.json").write_text("from before")
    return tmp_path


def test_all_mistakes_are_reported_on_stderr_and_nothing_that_was_written_before_is_touched(earlier):
    before = files(earlier / "cdktf.out")
    found = run(earlier, WRONG)
    assert (found.returncode, found.stdout, found.stderr) == (2, "", TOLD)
    assert files(earlier / "cdktf.out") == before
    assert sorted(path.name for path in earlier.iterdir()) == ["cdktf.out", "communication-manager.yaml"]


@pytest.mark.long
def test_a_wrong_config_leaves_no_output_where_there_was_none(tmp_path):
    found = run(tmp_path, "stacks: {}\n", CDKTF_OUTDIR="new/out")
    assert (found.returncode, found.stderr) == (
        2,
        "communication-manager.yaml: 1 mistake\n\n  stacks (line 1): is empty [ACM012]\n"
        "      Write stacks: and below it one entry for each stack.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["communication-manager.yaml"]


@pytest.mark.long
def test_a_file_that_is_not_there_is_reported_by_the_name_it_was_given(tmp_path):
    found = run(tmp_path, COMMUNICATION_MANAGER_CONFIG="teams/mine.yaml")
    assert (found.returncode, found.stderr) == (
        2,
        "teams/mine.yaml: 1 mistake\n\n  cannot be read: No such file or directory [ACM001]\n"
        "      Create it, or name another file with COMMUNICATION_MANAGER_CONFIG=<file>.\n",
    )


@pytest.mark.long
def test_a_variable_that_is_set_but_empty_is_not_set_and_an_empty_file_is_reported_as_empty(tmp_path):
    found = run(tmp_path, "", COMMUNICATION_MANAGER_CONFIG="", CDKTF_OUTDIR="")
    assert (found.returncode, found.stderr) == (
        2,
        "communication-manager.yaml: 1 mistake\n\n  is empty [ACM004]\n"
        "      Write stacks: and below it one entry for each stack.\n",
    )


@pytest.mark.long
def test_a_message_reaches_a_terminal_that_knows_ascii_alone(tmp_path):
    found = run(tmp_path, "stacks: {größe: {}}", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert found.returncode == 2
    assert r'stacks.gr\xf6\xdfe (line 1): "gr\xf6\xdfe" cannot be the name of a stack' in found.stderr


def test_a_stack_that_left_the_config_leaves_the_output_and_what_terraform_keeps_of_the_others_stays(earlier):
    assert run(earlier, config("production", "test")).returncode == 0
    stacks = earlier / "cdktf.out" / "stacks"
    found = files(stacks)
    assert {name.partition("/")[0] for name in found} == {"production", "test", "by-hand"}
    assert found["production/.terraform/providers/plugin"] == found["production/.terraform.lock.hcl"] == b"kept"
    assert found["by-hand/main.tf"] == b"somebody else's"
    assert "production/cdk.tf" not in found  # it would be applied beside the new one
    assert SUB in (stacks / "production" / "cdk.tf.json").read_text()
    manifest = json.loads((earlier / "cdktf.out" / "manifest.json").read_text())
    assert set(manifest["stacks"]) == {"production", "test"}
    assert sorted(path.name for path in earlier.iterdir()) == ["cdktf.out", "communication-manager.yaml"]


@pytest.mark.long
def test_an_output_that_is_a_link_is_written_where_it_points(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "cdktf.out").symlink_to("target")
    assert run(tmp_path, config("production")).returncode == 0
    assert (tmp_path / "cdktf.out").is_symlink()
    assert sorted(path.name for path in (tmp_path / "target").iterdir()) == ["manifest.json", "stacks"]


@pytest.mark.long
def test_an_output_that_cannot_be_a_folder_is_reported(tmp_path):
    (tmp_path / "cdktf.out").write_text("mine")
    found = run(tmp_path, config("production"))
    assert (found.returncode, found.stderr) == (
        2,
        "cdktf.out: 1 mistake\n\n  cannot be written: it is a file, not a folder [ACM010]\n"
        "      Set CDKTF_OUTDIR=<folder> to write elsewhere.\n",
    )
    assert (tmp_path / "cdktf.out").read_text() == "mine"


@pytest.mark.long
def test_what_is_in_the_way_below_the_output_is_reported_before_anything_is_written(earlier):
    stacks = earlier / "cdktf.out" / "stacks"
    (stacks / "test").write_text("mine")
    (stacks / "production" / "cdk.tf.json").unlink()
    (stacks / "production" / "cdk.tf.json").mkdir()
    before = files(earlier / "cdktf.out")
    found = run(earlier, config("production", "test"))
    assert (found.returncode, found.stderr) == (
        2,
        'cdktf.out: 2 mistakes\n\n  "stacks/production/cdk.tf.json" cannot be written: it is a folder, not a file [ACM010]\n'
        "      Set CDKTF_OUTDIR=<folder> to write elsewhere.\n"
        '  "stacks/test" cannot be written: it is a file, not a folder [ACM010]\n'
        "      Set CDKTF_OUTDIR=<folder> to write elsewhere.\n",
    )
    assert files(earlier / "cdktf.out") == before
    shutil.rmtree(stacks)
    stacks.write_text("mine")
    assert run(earlier).stderr.startswith(
        'cdktf.out: 1 mistake\n\n  "stacks" cannot be written: it is a file, not a folder [ACM010]\n'
    )
    assert stacks.read_text() == "mine"


@pytest.mark.long
def test_a_bug_of_ours_shows_its_traceback_exits_with_1_and_touches_nothing(earlier):
    before = files(earlier / "cdktf.out")
    broken = earlier / "broken"
    broken.mkdir()
    (broken / "yaml.py").write_text("raise RuntimeError('a bug')")
    found = run(earlier, config("production"), PYTHONPATH=str(broken), PYTHONDONTWRITEBYTECODE="1")
    assert found.returncode == 1
    assert found.stderr.startswith("Traceback (most recent call last):")
    assert found.stderr.rstrip().endswith("RuntimeError: a bug")
    assert files(earlier / "cdktf.out") == before
