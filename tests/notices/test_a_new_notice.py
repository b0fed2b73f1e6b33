"""A family of events that Azure does not have, added as CONTRIBUTING says: a file, a line and a query, in a copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.configs import CLUSTER, config

ROOT = Path(__file__).parents[2]
NAME = "fleet-auto-upgrade"
NOTICE = '''
"""Upgrades by a fleet, which exist in this test only."""

from aks_communication_manager.notices.notice import upgrade_notice

NOTICE = upgrade_notice("fleet-auto-upgrade", "FleetUpgrade", "fleet auto-upgrade", monthly=2)
'''
QUERY = """\
arg("").containerserviceeventresources
// Upgrades of AKS clusters by a fleet.

// include: shared/record.kql
| where details contains "FleetUpgrade"
| extend upgradeType = "FleetUpgrade"
// include: shared/upgrade.kql
// include: shared/upgrade-<grouping>.kql
"""
KIT = f"""
import json
from pathlib import Path
from aks_communication_manager.testing import event, synthesize_config

stack = synthesize_config(Path("communication-manager.yaml"))["production"]
failed = event({CLUSTER!r}, "{NAME}", "Failed")
stack.assert_notifies(failed, "platform-team")
stack.assert_notifies(event({CLUSTER!r}, "cluster-auto-upgrade", "Failed"))
Path("events.jsonl").write_text(json.dumps(dict(failed.row)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the notice, and a config that watches it alone."""
    folder = tmp_path_factory.mktemp("new-notice")
    shutil.copytree(ROOT / "constructs", folder / "constructs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "queries", folder / "queries")
    notices = folder / "constructs" / "aks_communication_manager" / "notices"
    (notices / "fleet_auto_upgrade.py").write_text(NOTICE)
    catalog = (notices / "catalog.py").read_text(encoding="utf-8")
    catalog = catalog.replace("    end_of_support,\n", "    end_of_support,\n    fleet_auto_upgrade,\n", 1)
    catalog = catalog.replace(
        "            missed_maintenance.NOTICE,\n",
        "            missed_maintenance.NOTICE,\n            fleet_auto_upgrade.NOTICE,\n",
    )
    assert catalog.count("fleet_auto_upgrade") == 2
    (notices / "catalog.py").write_text(catalog, encoding="utf-8")
    (folder / "queries" / f"{NAME}.kql").write_text(QUERY)
    route = "routes:\n  - {statuses: [Failed], severity: 1}\n"
    (folder / "communication-manager.yaml").write_text(config(f"notices: [{NAME}]\n{route}"))
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "constructs")}
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "aks_communication_manager.cli.main", *arguments)


@pytest.mark.long
def test_every_command_and_the_test_kit_know_a_new_notice(folder: Path):
    assert json.loads(command(folder, "validate", "--json").stdout)["valid"] is True
    command(folder, "synth")
    document = json.loads((folder / "cdktf.out" / "stacks" / "production" / "cdk.tf.json").read_text())
    rules = document["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]
    assert sorted(rule["name"] for rule in rules.values()) == [f"{NAME}-prod@rg-aks", f"{NAME}-prod@rg-aks@Failed"]
    assert all('details contains "FleetUpgrade"' in rule["criteria"][0]["query"] for rule in rules.values())
    run(folder, "-c", KIT)
    rehearsed = json.loads(command(folder, "rehearse", "--events", "events.jsonl", "--json").stdout)
    assert [event["notified"] for event in rehearsed["events"]] == [1]
    priced = json.loads(command(folder, "cost", "--json").stdout)["stacks"]["production"]
    assert priced["alert_rules"] == 2
