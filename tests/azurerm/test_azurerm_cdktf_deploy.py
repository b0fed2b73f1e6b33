"""``cdktf deploy`` and ``cdktf destroy`` in a checkout, with nothing but what README tells people to have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.azurerm.cdktf_cli import CDKTF
from tests.azurerm.deployment import settings_of
from tests.azurerm.prepared import CONSTRAINT
from tests.azurerm.readback import assert_is_as_configured
from tests.azurerm.test_azurerm_examples import RULES
from tests.stand_in.endpoint import AzureEndpoint
from tests.synthesis import SUBSCRIPTION, cluster, resource_group

pytestmark = pytest.mark.azurerm

ROOT = Path(__file__).parents[2]
CHECKOUT = ("main.py", "cdktf.json", "communication-manager.yaml", "constructs", "queries")


def test_cdktf_deploys_and_destroys_the_shipped_config(azure: AzureEndpoint, tmp_path: Path):
    for name in CHECKOUT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tmp_path / name)
    file = tmp_path / "communication-manager.yaml"
    if CONSTRAINT:
        file.write_text(file.read_text() + f'    provider_version: "{CONSTRAINT}"\n')
    azure.seed(cluster(), resource_group("rg-aks-notices"))
    before = list(azure.resources)

    cdktf(tmp_path, azure, "deploy", "production", "--auto-approve", "--skip-provider-lock")
    assert_is_as_configured(azure, settings_of(file, "production"), RULES["default", "default"])
    assert (tmp_path / "terraform.production.tfstate").exists()
    cdktf(tmp_path, azure, "destroy", "production", "--auto-approve", "--skip-provider-lock")
    assert list(azure.resources) == before


def cdktf(folder: Path, azure: AzureEndpoint, *arguments: str) -> None:
    """A cdktf command, with the Python of these tests as ``python3`` and the Node beside it.

    Its terminal library is compiled for Node up to 22 alone, so the newest one that the product takes would not do.
    """
    environment = os.environ | azure.environment(SUBSCRIPTION)
    folders = (CDKTF.parent, Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join([*map(str, folders), environment["PATH"]])
    result = subprocess.run(
        [CDKTF, *arguments], cwd=folder, env=environment | {"CI": "1"}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
