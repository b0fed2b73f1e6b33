"""The built wheel, in a clean virtual environment and away from the sources."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.wheel

PROGRAM = textwrap.dedent(
    """
    from aks_communication_manager import fast_start
    fast_start.enable()
    from aks_communication_manager import ActionGroup, CommunicationManager, EmailReceiver
    from cdktf import App, TerraformStack
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider

    app = App(outdir="out")
    stack = TerraformStack(app, "team")
    AzurermProvider(stack, "azurerm", features=[{}], subscription_id="11111111-1111-1111-1111-111111111111")
    CommunicationManager(
        stack, "notices",
        scopes=["/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
                "/providers/Microsoft.ContainerService/managedClusters/prod"],
        resource_group_name="rg-aks-notices", location="westeurope",
        notices=["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"],
        action_group=ActionGroup.create(name="ag", short_name="aks",
            receivers=[EmailReceiver(name="team", email_address="team@example.com")]),
    )
    app.synth()
    """
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_package_types_and_queries_and_nothing_that_would_hide_constructs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "aks_communication_manager/__init__.py",
        "aks_communication_manager/py.typed",
        "aks_communication_manager/fast_start.cjs",
        "aks_communication_manager/queries/cluster-auto-upgrade.kql",
        "aks_communication_manager/queries/documented/node-os-auto-upgrade.kql",
    } <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"aks_communication_manager"}


def test_another_teams_program_uses_the_installed_wheel(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = next(
        path for path in (tmp_path / "venv/bin/python", tmp_path / "venv/Scripts/python.exe") if path.exists()
    )
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[node]"], check=True)
    away = tmp_path / "away"
    away.mkdir()
    (away / "program.py").write_text(PROGRAM)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    subprocess.run([python, "program.py"], cwd=away, env=environment, check=True)
    document = json.loads((away / "out/stacks/team/cdk.tf.json").read_text())
    rules = document["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]
    assert sorted(rule["name"] for rule in rules.values()) == [
        "cluster-auto-upgrade-prod@rg-aks",
        "end-of-support-prod@rg-aks",
        "node-os-auto-upgrade-prod@rg-aks",
    ]
    assert all("containerserviceeventresources" in rule["criteria"][0]["query"] for rule in rules.values())
    where = subprocess.run(
        [python, "-c", "import aks_communication_manager as a; print(a.__file__)"],
        cwd=away, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert Path(where.strip()).is_relative_to(tmp_path)
