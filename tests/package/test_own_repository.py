"""From an empty folder and the built wheel to Terraform JSON, as a team does it in a repository of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.package.installed import Environment
from tests.package.test_wheel import NODE

pytestmark = pytest.mark.wheel

FILLED = {
    "subscription_id": "11111111-1111-1111-1111-111111111111",
    "location": "westeurope",
    "resource_group": "rg-aks-notices",
    "scopes": "- /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
    "/providers/Microsoft.ContainerService/managedClusters/prod",
    "email_address": "platform@example.com",
    "resource_group_name": "rg-terraform",
    "storage_account_name": "stterraform",
    "container_name": "tfstate",
}
"""What a person writes in place of each placeholder, by its key."""


def fill_in(config: Path) -> list[str]:
    """Fill in each placeholder; the keys that had one."""
    lines, keys = config.read_text(encoding="utf-8").splitlines(), []
    for number, line in enumerate(lines):
        if "<fill in " in line:
            is_item = line.lstrip().startswith("- <")
            key = "scopes" if is_item else line.split(":")[0].strip()
            keys.append(key)
            lines[number] = line[: line.index("- <" if is_item else "<fill")] + FILLED[key]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return keys


def test_an_empty_folder_becomes_terraform_json(everyday: Environment, tmp_path: Path):
    def command(*words: str, status: int = 0) -> str:
        run = everyday.run(everyday.command, *words, cwd=tmp_path)
        assert run.returncode == status, run.stderr
        return run.stdout + run.stderr

    command("init", "--pipeline", "github")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".github",
        ".gitignore",
        "cdktf.json",
        "communication-manager.schema.json",
        "communication-manager.yaml",
        "requirements.txt",
    ]
    schema = json.loads((tmp_path / "communication-manager.schema.json").read_text())
    assert schema == json.loads(command("schema"))
    said = command("validate", status=2)
    assert said.startswith("communication-manager.yaml: 8 mistakes\n")
    assert said.count("is a placeholder [ACM015]") == 8
    assert sorted(fill_in(tmp_path / "communication-manager.yaml")) == sorted(FILLED)
    assert command("validate") == (
        "production: 2 alert rules, 1 action group, 4 role assignments, 1 alert processing rule\n"
    )
    assert command("synth") == (
        "production: 2 alert rules, 1 action group, 4 role assignments, 1 alert processing rule"
        " → cdktf.out/stacks/production\n"
        "E-mail to platform@example.com arrives once the address is verified: after the apply, each that is new in this"
        " tenant gets a code and has 30 minutes to confirm it\n"
    )
    document = json.loads((tmp_path / "cdktf.out/stacks/production/cdk.tf.json").read_text())
    assert document["terraform"]["backend"]["azurerm"]["key"] == "aks-notices/production.tfstate"
    assert len(document["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]) == 2


def test_the_program_needs_no_extra_and_says_where_to_get_node(plain: Environment, away: Path):
    code = "import sys; from aks_communication_manager.cli import program; sys.exit(program.main(sys.argv[1:]))"
    without = plain.run(plain.python, "-c", code, cwd=away, PATH="/nonexistent")
    assert (without.returncode, without.stderr) == (
        2,
        "Node.js was not found, neither on PATH nor in this Python environment.\n"
        "Install this package with its extra [node], or install Node.js 22 or newer.\n",
    )
    run = plain.run(plain.python, "-c", code, "-q", "--out", "out", cwd=away, JSII_NODE=str(NODE))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (away / "out/stacks/production/cdk.tf.json").exists()
