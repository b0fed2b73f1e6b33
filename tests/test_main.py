"""``python main.py`` as a process, as cdktf and pipelines run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synthesis import GROUP, READER, RULE, cluster, resources

ROOT = Path(__file__).parents[1]

CONFIG = """
stacks:
  production:
    subscription_id: 11111111-1111-1111-1111-111111111111
    location: westeurope
    resource_group: rg-aks-notices
    scopes: [{scopes}]
    {more}
    action_group:
      name: ag-aks-notices
      short_name: aksnotices
      receivers:
        - {{type: email, name: platform-team, email_address: platform@example.com}}
        - {{type: sms, name: on-call, country_code: 31, phone_number: 0612345678}}
"""


def run_main(folder: Path, config: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "communication-manager.yaml").write_text(config)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CDKTF", "COMMUNICATION_MANAGER"))
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py")], cwd=folder, env=kept | environment, capture_output=True, text=True
    )


def written(folder: Path, stack: str = "production") -> dict:
    return json.loads((folder / "cdktf.out" / "stacks" / stack / "cdk.tf.json").read_text())


def config(*scopes: str, more: str = "") -> str:
    return CONFIG.format(scopes=", ".join(scopes or (cluster(),)), more=more)


@pytest.fixture(scope="module")
def three_clusters(tmp_path_factory):
    """Three clusters and two kinds of receivers, written where no Terraform is on PATH: the folder, and what was said."""
    folder = tmp_path_factory.mktemp("project")
    scopes = cluster(), cluster("prod-2"), cluster("dev", "rg-dev")
    return folder, run_main(folder, config(*scopes), PATH="/nonexistent")


def test_shipped_config_is_written_without_terraform_and_counted(three_clusters):
    folder, run = three_clusters
    assert (run.returncode, run.stdout) == (0, "")
    warning, fix, summary, addresses = run.stderr.splitlines()
    assert warning.startswith(
        'communication-manager.yaml: stacks.production.action_group (line 9): "on-call" (sms) can get 3 notifications'
    )
    assert fix.startswith("    The first arrives, the others within those 5 minutes are dropped.")
    assert summary == (
        "production: 6 alert rules, 1 action group, 12 role assignments, 1 alert processing rule → cdktf.out/stacks/production"
    )
    assert addresses == (
        "E-mail to platform@example.com arrives once the address is verified: after the apply, each that is new in this tenant "
        "gets a code and has 30 minutes to confirm it"
    )
    document = written(folder)
    assert {type_: len(resources(document, type_)) for type_ in (RULE, GROUP, READER)} == {
        RULE: 6,
        GROUP: 1,
        READER: 12,
    }
    [group] = resources(document, GROUP).values()
    assert group["sms_receiver"] == [{"name": "on-call", "country_code": "31", "phone_number": "0612345678"}]
    assert document["provider"]["azurerm"] == [
        {"features": [{}], "subscription_id": "11111111-1111-1111-1111-111111111111"}
    ]
    assert document["terraform"]["required_providers"]["azurerm"]["version"] == "4.55.0"


def test_local_state_is_in_the_project_by_a_relative_path(three_clusters):
    tmp_path, _ = three_clusters
    document = written(tmp_path)
    assert document["terraform"]["backend"] == {"local": {"path": "../../../terraform.production.tfstate"}}
    for path in (str(tmp_path), str(ROOT), os.path.expanduser("~")):
        assert path not in json.dumps(document)


@pytest.mark.long
def test_backend_and_provider_version_are_those_of_the_config(tmp_path):
    more = (
        "backend: {azurerm: {storage_account_name: st, container_name: tf, key: '${x}.tfstate', use_oidc: yes}}\n"
        '    provider_version: "~> 4.55"'
    )
    assert run_main(tmp_path, config(more=more)).returncode == 0
    terraform = written(tmp_path)["terraform"]
    assert terraform["backend"] == {
        "azurerm": {"storage_account_name": "st", "container_name": "tf", "key": "${x}.tfstate", "use_oidc": True}
    }
    assert terraform["required_providers"]["azurerm"]["version"] == "~> 4.55"


@pytest.mark.long
def test_stack_without_provider_and_backend_is_a_module(tmp_path):
    more = 'provider: none\n    backend: none\n    provider_version: "~> 4.55"'
    assert run_main(tmp_path, config(more=more)).returncode == 0
    document = written(tmp_path)
    assert document["terraform"] == {"required_providers": {"azurerm": {"source": "azurerm", "version": "~> 4.55"}}}
    assert "provider" not in document
    assert run_main(tmp_path, config()).returncode == 0
    assert written(tmp_path)["resource"] == document["resource"]


def test_outputs_name_every_rule_the_action_group_and_every_principal(three_clusters):
    outputs = written(three_clusters[0])["output"]
    assert set(outputs) == {
        *("notices_alert_rule_ids", "notices_action_group_id", "notices_principal_ids", "addresses_to_verify")
    }
    assert outputs["addresses_to_verify"]["value"] == ["platform@example.com"]
    places = ("prod-@rg-aks", "prod-2-@rg-aks", "dev-@rg-dev")
    rules = {f"{notice}-{place}" for notice in ("cluster-auto-upgrade", "node-os-auto-upgrade") for place in places}
    assert set(outputs["notices_alert_rule_ids"]["value"]) == set(outputs["notices_principal_ids"]["value"]) == rules
    for name in rules:
        assert re.fullmatch(rf"\$\{{{RULE}\.\S+\.id\}}", outputs["notices_alert_rule_ids"]["value"][name])


@pytest.mark.long
def test_a_resource_group_can_be_made_and_everything_lies_in_it(tmp_path):
    run = run_main(
        tmp_path, config().replace("resource_group: rg-aks-notices", "resource_group: {name: rg-new, create: true}")
    )
    assert run.returncode == 0
    document = written(tmp_path)
    [(logical_id, group)] = resources(document, "azurerm_resource_group").items()
    assert (group["name"], group["location"]) == ("rg-new", "westeurope")
    expected = f"${{azurerm_resource_group.{logical_id}.name}}"
    assert {rule["resource_group_name"] for rule in resources(document, RULE).values()} == {expected}
