"""One provider for all processes of the run, and for each test an Azure of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.azure.endpoint import AzureEndpoint
from tests.azure.terraform import unavailable
from tests.azurerm.deployment import Deployment
from tests.azurerm.prepared import VERSION, cache


@pytest.fixture(scope="session")
def provider_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the provider. Without one no test can run, and one line says so."""
    directory = cache(tmp_path_factory.getbasetemp().parent / "azurerm")
    if reason := unavailable(VERSION, directory):
        pytest.exit(f"The azurerm tests cannot run: {reason}", returncode=1)
    return directory


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint() as azure:
        yield azure


@pytest.fixture
def deployment(azure: AzureEndpoint, tmp_path: Path, provider_cache: Path) -> Deployment:
    """Nothing yet: a config makes a deployment of it."""
    return Deployment(azure, tmp_path, provider_cache)
