"""The command init: what it writes, and what it leaves as it is."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from cli_support import run

from aks_communication_manager.cli.init import PIPELINES

ROOT = Path(__file__).parents[2]
PLACES = {kind.value: target for kind, (_, target) in PIPELINES.items()}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_file_that_exists_is_left_as_it_is(tmp_path):
    (tmp_path / "communication-manager.yaml").write_text("mine")
    (tmp_path / ".gitignore").write_text("*.tfstate\nnode_modules")
    made = run("init")
    assert made.status == 0
    assert "communication-manager.yaml: exists, left as it is\n" in made.out
    assert "cdktf.json: written\n" in made.out
    assert ".gitignore: 6 lines added\n" in made.out
    assert (tmp_path / "communication-manager.yaml").read_text() == "mine"
    ignored = (tmp_path / ".gitignore").read_text().splitlines()
    assert ignored[:2] == ["*.tfstate", "node_modules"]
    assert len(ignored) == len(set(ignored)) == 8
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = run("init")
    assert again.out.count("exists, left as it is") == 4
    assert ".gitignore: has all lines\n" in again.out
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_cdktf_calls_the_installed_command(tmp_path):
    run("init", "service")
    document = json.loads((tmp_path / "service" / "cdktf.json").read_text())
    assert (document["language"], document["app"]) == ("python", "aks-communication-manager synth")


def test_the_last_lines_say_what_is_left_to_do(tmp_path):
    made = run("init", "service")
    wheel = f"aks_communication_manager-{version('aks-communication-manager')}-py3-none-any.whl"
    assert made.out.endswith(
        "Next:\n"
        f"  Copy {wheel} to service/wheels and commit it: requirements.txt names it.\n"
        "  Fill in service/communication-manager.yaml; aks-communication-manager validate lists what is left.\n"
    )
    assert f"./wheels/{wheel}[" in (tmp_path / "service" / "requirements.txt").read_text()


def test_no_name_of_the_package_is_looked_up_in_a_public_index(tmp_path):
    run("init")
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    [requirement] = [line for line in lines if not line.startswith("#")]
    assert requirement.startswith("./wheels/aks_communication_manager-")
    assert requirement.endswith("-py3-none-any.whl[cli,node,rehearse]")


@pytest.mark.parametrize("kind", PLACES)
def test_a_pipeline_validates_plans_and_applies_each_stack(kind, tmp_path):
    made = run("init", "--pipeline", kind)
    assert f"{PLACES[kind]}: written\n" in made.out
    text = (tmp_path / PLACES[kind]).read_text()
    source = {each.value: name for each, (name, _) in PIPELINES.items()}[kind]
    assert text == (ROOT / "examples" / "pipelines" / source).read_text()
    steps = [
        "pip install -r requirements.txt",
        "aks-communication-manager validate",
        'aks-communication-manager synth --stack "$',
        "init -input=false",
        "plan -input=false -out=notices.tfplan",
        "aks-communication-manager rehearse --terraform plan.json",
        "apply -input=false notices.tfplan",
    ]
    assert sorted(steps, key=text.index) == steps
    assert "TF_VAR_" in text


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_backend_is_remote_from_the_start(kind, tmp_path):
    run("init", "--pipeline", kind)
    config = yaml.safe_load((tmp_path / "communication-manager.yaml").read_text())
    [backend] = config["defaults"]["backend"]
    assert backend == {"github": "azurerm", "gitlab": "http"}[kind]


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").touch()
    made = run("init", "file/below")
    assert made.status == 2
    assert made.err.endswith(": Not a directory\n")
