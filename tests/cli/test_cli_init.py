"""The command init: what it writes, and what it leaves as it is."""

from __future__ import annotations

import json
import os
import subprocess
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
        "-out=notices.tfplan",
        "aks-communication-manager rehearse --terraform plan.json",
        "apply -input=false -lock-timeout=5m notices.tfplan",
    ]
    assert sorted(steps, key=text.index) == steps
    assert "TF_VAR_" in text


@pytest.mark.parametrize("kind", PLACES)
def test_the_last_lines_name_the_pipeline_that_lists_manual_setup(kind):
    made = run("init", "service", "--pipeline", kind)
    assert made.out.endswith(
        f"\n  Set up by hand what the first lines of service/{PLACES[kind]} list: logins, approval, state.\n"
    )


def jobs_of(kind: str) -> tuple[str, str]:
    """Text of the plan job and of the apply job."""
    text = Path(PLACES[kind]).read_text()
    start, end = {
        "github": ("\n  plan:\n", "\n  apply:\n"),
        "azure": ("\n      - job: plan\n", "\n  - stage: apply\n"),
        "gitlab": ("\nnotices-plan:\n", "\nnotices-apply:\n"),
    }[kind]
    plan, apply = text.split(start)[1].split(end)
    return plan, apply


@pytest.mark.parametrize(
    ("kind", "reader", "writer"),
    [
        ("github", "ARM_CLIENT_ID: ${{ vars.AZURE_PLAN_CLIENT_ID }}", "ARM_CLIENT_ID: ${{ vars.AZURE_CLIENT_ID }}"),
        ("azure", "azureSubscription: $(PLAN_SERVICE_CONNECTION)", "azureSubscription: $(SERVICE_CONNECTION)"),
        ("gitlab", "ARM_CLIENT_ID: $AZURE_PLAN_CLIENT_ID", "ARM_CLIENT_ID: $AZURE_CLIENT_ID"),
    ],
)
def test_the_login_that_writes_is_for_the_apply_alone(kind, reader, writer):
    run("init", "--pipeline", kind)
    plan, apply = jobs_of(kind)
    assert (plan.count(reader), plan.count(writer)) == (1, 0)
    assert (apply.count(reader), apply.count(writer)) == (0, 1)
    text = Path(PLACES[kind]).read_text()
    assert (text.count(reader), text.count(writer)) == (1, 1)


def test_both_jobs_on_github_have_the_same_version_of_terraform():
    run("init", "--pipeline", "github")
    for job in jobs_of("github"):
        assert job.count("terraform_version: 1.11.4 #") == 1


@pytest.mark.parametrize(
    ("kind", "lock"), [("github", "-lock-timeout=5m"), ("azure", "-lock-timeout=5m"), ("gitlab", "-lock=false")]
)
def test_a_plan_waits_for_the_lock_that_it_may_take(kind, lock):
    run("init", "--pipeline", kind)
    assert f" plan -input=false {lock} -out=notices.tfplan\n" in jobs_of(kind)[0]


def find_script(document: object) -> str:
    """The script that rehearses."""
    if isinstance(document, str):
        return document if "rehearse --terraform" in document else ""
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return next(filter(None, map(find_script, children)), "")


@pytest.mark.parametrize("kind", ["github", "azure"])
@pytest.mark.parametrize("status", [0, 1])
def test_the_summary_is_whole_where_an_event_notifies_nobody(kind, status, tmp_path):
    run("init", "--pipeline", kind)
    script = find_script(yaml.load((tmp_path / PLACES[kind]).read_text(), yaml.BaseLoader))
    command = tmp_path / "aks-communication-manager"
    command.write_text(f"#!/bin/sh\necho timeline\nexit {status}\n")
    command.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "STACK": "production",
        "GITHUB_STEP_SUMMARY": "summary.md",
    }
    made = subprocess.run(["bash", "-e", "-c", script], env=environment, capture_output=True, text=True)
    assert made.returncode == status
    summary = tmp_path / {"github": "summary.md", "azure": "rehearsal.md"}[kind]
    assert summary.read_text() == "### Who is notified of what: production\n```\ntimeline\n```\n"
    assert ("##vso[task.uploadsummary]" in made.stdout) == (kind == "azure")


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
