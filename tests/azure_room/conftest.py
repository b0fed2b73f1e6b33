"""The room's client, with Microsoft's login and pipeline, against the stand-in for Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.pipeline.transport import RequestsTransport

from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.connection import connect
from tests.azure_room.commands import Ran, Run, write
from tests.cli import cli_support
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import CLUSTER, GROUP, SUBSCRIPTION


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds each wait between two attempts was meant to take; it takes none."""
    waits: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda self, seconds: waits.append(seconds))
    return waits


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> Iterator[AzureEndpoint]:
    """A cluster with all that Communication Manager needs, and a resource group for the rules."""
    for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
        monkeypatch.delenv(name)
    with AzureEndpoint(retry_after=0) as azure:
        azure.seed(GROUP)
        azure.seed_cluster(CLUSTER)
        for name, value in azure.environment(SUBSCRIPTION).items():
            monkeypatch.setenv(name, value)
        yield azure


@pytest.fixture
def arm(azure: AzureEndpoint) -> Iterator[Arm]:
    with connect() as arm:
        yield arm


@pytest.fixture
def run(azure: AzureEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with a config of one stack."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMMUNICATION_MANAGER_CONFIG", raising=False)
    write(tmp_path, production={})

    def run(*arguments: str) -> Ran:
        ended = cli_support.run(*arguments)
        return Ran(ended.status, ended.out, ended.err)

    return run
