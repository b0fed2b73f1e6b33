"""What the package promises to those who install it, and the layout that makes it importable."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import aks_communication_manager

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "constructs" / "aks_communication_manager"


def test_constructs_is_no_package_because_it_would_hide_the_one_that_cdktf_imports():
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_what_the_package_shows_is_exactly_what_is_public():
    public = aks_communication_manager.__all__
    assert dir(aks_communication_manager) == public == sorted(set(public))
    for name in public:
        assert getattr(aks_communication_manager, name) is not None
    shown = {
        name
        for name, value in vars(aks_communication_manager).items()
        # Rooms become attributes when they are imported.
        if not name.startswith("_") and (name in public or not isinstance(value, ModuleType))
    }
    assert shown == set(public)


def test_receivers_and_exceptions_are_public():
    public = set(aks_communication_manager.__all__)
    from aks_communication_manager import errors
    from aks_communication_manager.config.receivers import KINDS

    assert {model.__name__ for model in KINDS.values()} <= public
    raised = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert {"NodeNotFound", "InvalidConfig"} <= raised <= public


def test_an_unknown_name_is_an_attribute_error_with_its_name():
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = aks_communication_manager.Nonsense


def test_importing_the_package_loads_neither_cdktf_nor_pydantic():
    code = (
        "import sys, aks_communication_manager; print(sorted({'cdktf', 'pydantic', 'jsii', 'yaml'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "constructs")},
    )
    assert run.stdout.strip() == "[]"


def test_only_one_module_imports_the_framework_and_only_commands_print():
    sources = {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
    }
    importing = {
        name
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
        if module.partition(".")[0].startswith("cdktf") or module.partition(".")[0] in ("constructs", "jsii")
    }
    # fast_start and internals prepare the framework before anything imports it.
    assert importing - {"terraform/runtime/fast_start.py", "terraform/runtime/internals.py"} == {
        "terraform/bindings.py"
    }
    printing = {
        name
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "print"
    }
    assert {name for name in printing if not name.startswith("cli/")} == set()


def test_the_pins_of_the_app_satisfy_the_ranges_of_the_package():
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {
        requirement.name.lower(): str(requirement.specifier).removeprefix("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        for requirement in [Requirement(line)]
    }
    wanted = [*project["dependencies"], *project["optional-dependencies"]["node"]]
    for requirement in map(Requirement, wanted):
        assert pins[requirement.name.lower()] in requirement.specifier, requirement


def test_the_pins_of_the_app_are_among_those_of_the_tests():
    dev = set((ROOT / "requirements-dev.txt").read_text().splitlines())
    assert set((ROOT / "requirements.txt").read_text().splitlines()) <= dev
