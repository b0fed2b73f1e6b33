"""One provider for all processes of the run, and for each test an Azure of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.azurerm.deployment", "tests.azurerm.readback")

from tests.azurerm.deployment import Deployment  # noqa: E402
from tests.azurerm.prepared import VERSION, cache  # noqa: E402
from tests.stand_in.endpoint import AzureEndpoint  # noqa: E402 (after the line above)
from tests.stand_in.terraform import unavailable  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: they make resource groups, which takes azurerm 20 s each way."""
    long = ("test_apply_", "resource_group", "resource-group")
    items.sort(key=lambda item: not (item.get_closest_marker("azurerm") and any(part in item.nodeid for part in long)))


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
