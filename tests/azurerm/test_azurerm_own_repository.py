"""A repository of a team's own: the built wheel, init, and nothing of this checkout; then the real provider and cdktf."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.azurerm.cdktf_cli import CDKTF
from tests.azurerm.prepared import CONSTRAINT, VERSION
from tests.package.installed import Environment, build, install
from tests.package.test_own_repository import fill_in
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.terraform import Terraform
from tests.synthesis import SUBSCRIPTION, cluster, resource_group

pytestmark = pytest.mark.azurerm


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    wheel = build(tmp_path_factory.mktemp("built")).wheel
    return install(tmp_path_factory.mktemp("own") / "venv", f"{wheel}[node,cli]")


@pytest.fixture
def repository(installed: Environment, tmp_path: Path) -> Path:
    """An empty folder after init, with its placeholders filled in."""
    assert installed.run(installed.command, "init", cwd=tmp_path).returncode == 0
    config = tmp_path / "communication-manager.yaml"
    fill_in(config)
    if CONSTRAINT:
        config.write_text(config.read_text() + f'    provider_version: "{CONSTRAINT}"\n')
    return tmp_path


def test_the_real_provider_validates_what_the_wheel_writes(
    installed: Environment, repository: Path, azure: AzureEndpoint, provider_cache: Path
):
    run = installed.run(installed.command, "synth", cwd=repository)
    assert run.returncode == 0, run.stderr
    folder = repository / "cdktf.out" / "stacks" / "production"
    # The storage account of the state is not in the local Azure.
    (folder / "backend_override.tf.json").write_text('{"terraform": {"backend": {"local": {}}}}')
    terraform = Terraform(folder, azure.environment(SUBSCRIPTION))
    terraform.init(VERSION, provider_cache)
    assert terraform.validate() == []


def test_cdktf_deploys_with_the_installed_command(installed: Environment, repository: Path, azure: AzureEndpoint):
    config = repository / "communication-manager.yaml"
    text = config.read_text(encoding="utf-8")
    # The storage account of the state is not in the local Azure.
    start, end = text.index("  backend:"), text.index("stacks:")
    config.write_text(f"{text[:start]}  severity: 3\n{text[end:]}", encoding="utf-8")
    azure.seed(cluster(), resource_group("rg-aks-notices"))
    before = list(azure.resources)

    def cdktf(*words: str) -> None:
        folders = (CDKTF.parent, installed.folder / "bin")
        path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
        environment = os.environ | azure.environment(SUBSCRIPTION) | {"PATH": path, "CI": "1"}
        command = [CDKTF, *words, "production", "--auto-approve", "--skip-provider-lock"]
        ended = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    cdktf("deploy")
    made = set(azure.resources) - set(before)
    assert len([each for each in made if "/scheduledqueryrules/" in str(each).lower()]) == 2
    assert (repository / "terraform.production.tfstate").exists()
    cdktf("destroy")
    assert list(azure.resources) == before
