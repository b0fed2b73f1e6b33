"""A stack as a module: of a team's own Terraform, planned by ``terraform test`` without an Azure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.azurerm.prepared import CONSTRAINT, VERSION
from tests.stand_in.terraform import Terraform, TerraformError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "module"

pytestmark = [
    pytest.mark.azurerm,
    pytest.mark.skipif(CONSTRAINT is not None and not VERSION.startswith("4."), reason="the example is for azurerm 4"),
]


@pytest.fixture
def calling(tmp_path: Path, provider_cache: Path) -> Terraform:
    """The team's folder after ``make synth`` and ``terraform init``."""
    folder = tmp_path / "team"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("cdktf.out", ".terraform*"))
    environment = {"COMMUNICATION_MANAGER_CONFIG": "aks-notices.yaml", "CDKTF_OUTDIR": "cdktf.out"}
    subprocess.run([sys.executable, ROOT / "main.py", "-q"], cwd=folder, env=os.environ | environment, check=True)
    team = Terraform(folder)
    team.init(VERSION, provider_cache)
    # The provider is there; the module still has to be found.
    team.run("init", "-no-color", f"-plugin-dir={folder / '.terraform' / 'providers'}")
    return team


def test_the_module_has_no_provider_and_no_backend_of_its_own(calling: Terraform):
    document = json.loads((calling.directory / "cdktf.out/stacks/aks-notices/cdk.tf.json").read_text())
    assert "provider" not in document
    assert document["terraform"] == {"required_providers": {"azurerm": {"source": "azurerm", "version": "~> 4.55"}}}
    assert sorted(document["variable"]) == ["platform_email", "resource_group_name"]


def test_the_team_that_calls_the_module_has_a_valid_configuration(calling: Terraform):
    assert calling.validate() == []


def test_terraform_test_passes_with_a_mocked_provider(calling: Terraform):
    assert "2 passed, 0 failed" in calling.run("test", "-no-color")


def test_terraform_test_fails_where_a_rule_is_missing(calling: Terraform):
    """Or the one before would prove nothing."""
    file = calling.directory / "cdktf.out/stacks/aks-notices/cdk.tf.json"
    document = json.loads(file.read_text())
    rules = document["output"]["notices_alert_rule_ids"]["value"]
    rules.pop(min(rules))
    file.write_text(json.dumps(document))
    with pytest.raises(TerraformError, match="The alert rules are node-os-auto-upgrade-prod"):
        calling.run("test", "-no-color")
