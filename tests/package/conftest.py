"""One build and one installation serve many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.package.installed import Distributions, Environment, build, install


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def plain(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel alone."""
    return install(tmp_path_factory.mktemp("plain") / "venv", distributions.wheel)


@pytest.fixture(scope="session")
def everyday(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What most people install."""
    return install(tmp_path_factory.mktemp("everyday") / "venv", f"{distributions.wheel}[node,cli]")


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A folder far from the sources, with a config in it."""
    folder = tmp_path / "away"
    folder.mkdir()
    config = (Path(__file__).parents[2] / "communication-manager.yaml").read_text(encoding="utf-8")
    (folder / "communication-manager.yaml").write_text(config, encoding="utf-8")
    return folder
