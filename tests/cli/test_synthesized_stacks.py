"""What is written in cdktf.out is compared with what the config says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cli_support import run
from test_cli_rehearse import PROD, START, answer, written

from aks_communication_manager.cli.synthesized_stacks import read_stacks
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.plan.resources import NamedReceiver, PlannedGroup
from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.deployment import Deployment

CONFIG = f"""
stacks:
  production:
    subscription_id: 11111111-1111-1111-1111-111111111111
    location: westeurope
    resource_group: rg-aks-notices
    scopes: [{PROD}]
    action_group:
      name: ag-aks-notices
      short_name: aksnotices
      receivers: [{{type: email, name: platform-team, email_address: platform@example.com}}]
"""
CLUSTER, NODE_OS = "cluster-auto-upgrade-prod@rg-aks", "node-os-auto-upgrade-prod@rg-aks"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    monkeypatch.delenv("COMMUNICATION_MANAGER_CONFIG", raising=False)
    written(tmp_path, "communication-manager.yaml", CONFIG)
    return tmp_path


def stack(folder, name, document=None):
    place = folder / "cdktf.out" / "stacks" / name
    place.mkdir(parents=True)
    written(place, "cdk.tf.json", document or {"resource": {}})


def as_planned(folder) -> Deployment:
    [compiled] = compile_config(folder / "communication-manager.yaml").checked()
    return Deployment("production", compiled.plan.alert_rules, tuple(compiled.plan.of(PlannedGroup)))


def notes(folder, monkeypatch, capsys, changed: Deployment) -> str:
    stack(folder, changed.stack)
    monkeypatch.setattr(terraform_json, "read", lambda file: changed)
    assert read_stacks(None) == [changed]
    return capsys.readouterr().err


def test_what_is_written_as_the_config_says_needs_no_note(folder, monkeypatch, capsys):
    assert notes(folder, monkeypatch, capsys, as_planned(folder)) == ""


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda rules: (replace(rules[0], query="x"), rules[1]), f"{CLUSTER} differs"),
        (
            lambda rules: (replace(rules[0], severity=1), replace(rules[1], dimensions=())),
            f"{CLUSTER} and {NODE_OS} differs",
        ),
        (lambda rules: rules[:1], f"{NODE_OS} is missing"),
        (lambda rules: (*rules, replace(rules[0], name="old")), "old is not in the config"),
        (lambda rules: (replace(rules[0], name="new"), rules[1]), f"{CLUSTER} is missing, new is not in the config"),
    ],
)
def test_rules_that_differ_from_the_config_are_named(change, difference, folder, monkeypatch, capsys):
    written_stack = as_planned(folder)
    changed = replace(written_stack, alert_rules=change(written_stack.alert_rules))
    assert notes(folder, monkeypatch, capsys, changed) == (
        f"cdktf.out/stacks is not what communication-manager.yaml says: stack production: {difference}. "
        "Run synth to rehearse what it says.\n"
    )


def test_receivers_that_differ_from_the_config_are_named(folder, monkeypatch, capsys):
    written_stack = as_planned(folder)
    (group,) = written_stack.action_groups
    changed = replace(written_stack, action_groups=(replace(group, receivers=(NamedReceiver("sms", "on-call"),)),))
    assert "stack production: receivers of ag-aks-notices differ. " in notes(folder, monkeypatch, capsys, changed)


@pytest.mark.parametrize(
    ("receiver", "changed", "differs"),
    [
        ("type: email, email_address: a@example.com", "type: email, email_address: b@example.com", True),
        ("type: email, email_address: a@example.com", "type: email, email_address: A@example.com", False),
        ("type: sms, country_code: 31, phone_number: 0612345678", "type: sms, country_code: 32, phone_number: 0612345678", True),
        ("type: sms, country_code: 31, phone_number: 0612345678", "type: sms, country_code: 31, phone_number: 612345678", False),
        ("type: email, email_address: a@example.com", "type: email, email_address: {variable: address}", False),
    ],
)  # fmt: skip
def test_a_changed_address_is_a_difference(receiver, changed, differs, folder, monkeypatch, capsys):
    before = CONFIG.replace(
        "type: email, name: platform-team, email_address: platform@example.com", f"name: r, {receiver}"
    )
    written(folder, "communication-manager.yaml", before)
    deployment = as_planned(folder)
    written(folder, "communication-manager.yaml", before.replace(receiver, changed))
    assert ("receivers of ag-aks-notices differ" in notes(folder, monkeypatch, capsys, deployment)) is differs


def test_a_stack_that_is_not_written_is_named(folder, terraform_document):
    stack(folder, "other", terraform_document)
    shown = run("rehearse", *START)
    assert shown.status == 0
    assert shown.err == (
        "cdktf.out/stacks is not what communication-manager.yaml says: stack production is not written. "
        "Run synth to rehearse what it says.\n"
    )


def test_a_config_that_is_named_is_rehearsed_with_its_own_stacks_alone(folder, terraform_document):
    stack(folder, "production", terraform_document)
    stack(folder, "other", terraform_document)
    (folder / "communication-manager.yaml").rename(folder / "my.yaml")
    shown = run("rehearse", "--json", "--config", "my.yaml", *START)
    assert {one["stack"] for one in json.loads(shown.out)["notifications"]} == {"production"}
    written(folder, "another.yaml", CONFIG.replace("  production:", "  third:"))
    shown = run("rehearse", "--config", "another.yaml", *START)
    assert (shown.status, shown.err.splitlines()[-2:]) == (
        2,
        [
            "cdktf.out/stacks: no stack of another.yaml is written there [ACM160]",
            "    Run synth with this config.",
        ],
    )


def test_a_config_with_mistakes_cannot_be_compared(folder, terraform_document):
    stack(folder, "production", terraform_document)
    written(folder, "communication-manager.yaml", "stacks: {}")
    shown = run("rehearse", *START)
    assert (shown.status, shown.err) == (
        0,
        "communication-manager.yaml has mistakes, so what is written cannot be compared with it: validate shows them.\n",
    )


def test_without_a_config_all_stacks_are_rehearsed(folder, terraform_document):
    stack(folder, "production", terraform_document)
    (folder / "communication-manager.yaml").unlink()
    status, _ = answer(*START)
    assert status == 0
