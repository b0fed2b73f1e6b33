"""``python main.py`` as a process, where the config is wrong, where something lies there already, and where it breaks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terraform.test_anywhere import namespace

__all__ = ["namespace"]

ROOT = Path(__file__).parents[1]
SUB = "11111111-1111-1111-1111-111111111111"
CLUSTER = f"/subscriptions/{SUB}/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod"
STACK = f"""
  {{name}}:
    subscription_id: {SUB}
    location: westeurope
    resource_group: rg-{{name}}
    scopes: [{CLUSTER}]
    allow_overlap: true
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


def run(folder: Path, text: str | None = None, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python main.py`` in a folder, with this config in it."""
    if text is not None:
        (folder / "communication-manager.yaml").write_text(text)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CDKTF", "COMMUNICATION_MANAGER"))
    }
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True)


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
    record = {"../communication-manager.yaml": ["gone", "production"]}
    (tmp_path / "cdktf.out" / "written-by.json").write_text(json.dumps(record))
    return tmp_path


def test_mistakes_go_to_stderr_and_the_output_stays_as_it_was(earlier):
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
        "      Create it, or name another file with --config or COMMUNICATION_MANAGER_CONFIG.\n",
    )


@pytest.mark.long
def test_empty_variable_counts_as_not_set(tmp_path):
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


def test_the_folder_of_a_stack_that_left_the_config_goes_with_one_line(earlier):
    found = run(earlier, config("production", "test"), "-q")
    assert (found.returncode, found.stderr) == (
        0,
        "cdktf.out/stacks/gone: removed, because communication-manager.yaml no longer has this stack\n",
    )
    stacks = earlier / "cdktf.out" / "stacks"
    found = files(stacks)
    assert {name.partition("/")[0] for name in found} == {"production", "test", "by-hand"}
    assert found["production/.terraform/providers/plugin"] == found["production/.terraform.lock.hcl"] == b"kept"
    assert found["by-hand/main.tf"] == b"somebody else's"
    assert "production/cdk.tf" not in found  # it would be applied beside the new one
    assert SUB in (stacks / "production" / "cdk.tf.json").read_text()
    manifest = json.loads((earlier / "cdktf.out" / "manifest.json").read_text())
    assert set(manifest["stacks"]) == {"production", "test"}
    record = json.loads((earlier / "cdktf.out" / "written-by.json").read_text())
    assert record == {"../communication-manager.yaml": ["production", "test"]}
    assert sorted(path.name for path in earlier.iterdir()) == ["cdktf.out", "communication-manager.yaml"]


def test_state_of_a_renamed_stack_stops_the_run_before_it_writes(earlier):
    (earlier / "cdktf.out" / "stacks" / "gone" / "terraform.tfstate").write_text("{}")
    before = files(earlier / "cdktf.out")
    found = run(earlier, config("production", "renamed"))
    assert (found.returncode, found.stderr) == (
        2,
        'cdktf.out: 1 mistake\n\n  "stacks/gone" cannot be removed, although communication-manager.yaml no longer has this stack:'
        ' it contains "terraform.tfstate" [ACM013]\n'
        "      If the stack was renamed, rename its folder too. If it was removed, run terraform destroy in the folder, and delete it.\n",
    )
    assert files(earlier / "cdktf.out") == before


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--help"], 0), (["--hepl"], 2), (["communication-manager.yaml"], 2), (["--stac", "x"], 2)],
)
def test_help_and_unknown_arguments_write_nothing(arguments, status, earlier):
    before = files(earlier)
    found = run(earlier, None, *arguments)
    assert found.returncode == status
    assert "[--config FILE] [--out FOLDER] [--stack NAME]" in found.stdout + found.stderr
    assert files(earlier) == before


@pytest.mark.long
def test_one_stack_of_another_config_is_written_to_another_folder(tmp_path):
    (tmp_path / "other.yaml").write_text(config("one", "two"))
    found = run(tmp_path, None, "--config", "other.yaml", "--out", "out", "--stack", "two")
    assert (found.returncode, found.stderr) == (
        0,
        "two: 2 alert rules, 4 role assignments, 1 alert processing rule → out/stacks/two\n",
    )
    assert [path.name for path in (tmp_path / "out" / "stacks").iterdir()] == ["two"]
    assert run(tmp_path, None, "--config", "other.yaml", "--stack", "three").stderr == (
        '--stack: "three" is not a stack of other.yaml [ACM016]\n    Its stacks are one and two.\n'
    )


@pytest.mark.long
def test_an_output_that_is_a_link_is_written_where_it_points(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "cdktf.out").symlink_to("target")
    assert run(tmp_path, config("production")).returncode == 0
    assert (tmp_path / "cdktf.out").is_symlink()
    assert sorted(path.name for path in (tmp_path / "target").iterdir()) == [
        "manifest.json",
        "stacks",
        "written-by.json",
    ]


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
def test_file_in_the_way_of_the_output_is_reported_first(earlier):
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


@pytest.fixture
def small_disk(namespace, tmp_path):
    """Starts a shell command in `tmp_path`, which is on a disk with a megabyte."""
    in_it = f"mount -t tmpfs -o size=1m none {tmp_path} && cd {tmp_path} && "
    start = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*start, in_it + "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no mounts in a namespace")
    return lambda command: subprocess.run([*start, in_it + command], capture_output=True, text=True)


@pytest.mark.long
def test_a_full_disk_is_a_sentence_and_leaves_what_was_written_before(small_disk, tmp_path_factory):
    config_file = tmp_path_factory.mktemp("config") / "communication-manager.yaml"
    config_file.write_text(config("production"))
    synth = f"{sys.executable} {ROOT / 'main.py'} -q --config {config_file}"
    fill = "cat /dev/zero > filler 2>/dev/null"
    found = small_disk(f"{synth} && cp -r cdktf.out before; {fill}; {synth}; echo $?; diff -r cdktf.out before; ls -A")
    assert found.stderr == (
        "cdktf.out: 1 mistake\n\n  cannot be written: No space left on device [ACM010]\n"
        "      Set CDKTF_OUTDIR=<folder> to write elsewhere.\n"
    )
    assert found.stdout.split() == ["2", "before", "cdktf.out", "filler"]


@pytest.mark.long
def test_a_read_only_disk_is_a_sentence(small_disk, tmp_path_factory):
    config_file = tmp_path_factory.mktemp("config") / "communication-manager.yaml"
    config_file.write_text(config("production"))
    synth = f"{sys.executable} {ROOT / 'main.py'} -q --config {config_file}"
    found = small_disk(f"mount -o remount,ro . && {synth}; echo $?")
    assert (found.stdout, found.stderr) == (
        "2\n",
        "cdktf.out: 1 mistake\n\n  cannot be written: Read-only file system [ACM010]\n"
        "      Set CDKTF_OUTDIR=<folder> to write elsewhere.\n",
    )


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_reads_a_file_with_a_secret(tmp_path):
    text = config("literal", "variable")
    group = re.findall(r"action_group: .*", text)[0]
    for uri in ("'https://example.com/s3cret'", "{variable: chat}"):
        receiver = f"{{type: webhook, name: chat, service_uri: {uri}}}"
        given = f"action_group: {{name: ag-chat, short_name: chat, receivers: [{receiver}]}}"
        text = text.replace(group, given, 1)
    assert run(tmp_path, text, "-q").returncode == 0
    modes = {
        file.parent.name: file.stat().st_mode & 0o777
        for file in (tmp_path / "cdktf.out" / "stacks").glob("*/cdk.tf.json")
    }
    assert modes["literal"] == 0o600
    assert modes["variable"] == (tmp_path / "communication-manager.yaml").stat().st_mode & 0o777


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
