"""What the package promises to those who install it, and the layout that makes it importable."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

import aks_communication_manager
from aks_communication_manager import testing

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGE = ROOT / "constructs" / "aks_communication_manager"


def test_constructs_is_not_a_package():
    assert not (ROOT / "constructs" / "__init__.py").exists()


LAZY = [aks_communication_manager, testing]


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_all_public_names_are_in_all_and_can_be_loaded(package):
    assert dir(package) == package.__all__ == sorted(set(package.__all__))
    for name in package.__all__:
        assert getattr(package, name) is not None
    shown = {
        name
        for name, value in vars(package).items()
        # Submodules become attributes when they are imported.
        if not name.startswith("_") and (name in package.__all__ or not isinstance(value, ModuleType))
    }
    assert shown == set(package.__all__)


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_type_checkers_see_the_lazy_names_in_the_same_modules(package):
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    checked, _ = [node for node in tree.body if isinstance(node, ast.If)]  # the other gives the names at run
    imports = [(node.module, alias) for node in checked.body for alias in node.names]
    assert all(alias.asname == alias.name for _, alias in imports)
    assert {alias.name: module for module, alias in imports} == package._LAZY


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
    # fast_start and internals prepare the framework before anything imports it; the test kit names its types.
    others = {"terraform/runtime/fast_start.py", "terraform/runtime/internals.py", "testing/synthesis.py"}
    assert importing - others == {"terraform/bindings.py"}
    printing = {
        name
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "print"
    }
    assert {name for name in printing if not name.startswith("cli/")} == set()


def pins(name: str) -> dict[str, tuple[str, ...]]:
    """Of a file of pins: the requirement, version and marker included, and its hashes."""
    logical = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    parts = [line.split("--hash=") for line in logical if not line.startswith("#")]
    return {pin.strip(): tuple(each.strip() for each in hashes) for pin, *hashes in parts}


def versions(name: str) -> dict[str, str]:
    """Version by name."""
    found = map(Requirement, pins(name))
    return {requirement.name.lower(): str(requirement.specifier).removeprefix("==") for requirement in found}


PINS = ("requirements.txt", "requirements-dev.txt", "requirements-cdktn.txt")


@pytest.mark.parametrize("name", PINS)
def test_every_pin_is_exact_and_has_hashes(name: str):
    for pin, hashes in pins(name).items():
        assert "==" in pin
        assert hashes
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes), pin


@pytest.mark.parametrize("name", [*PINS, "package-lock.json"])
def test_no_pin_says_where_it_comes_from_so_a_mirror_of_the_team_serves(name: str):
    assert not re.search("https?://|--(extra-)?index-url", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("requirements.txt", ["node", "cli", "rehearse"]),
        ("requirements-dev.txt", ["node", "cli", "rehearse", "azure"]),
        ("requirements-cdktn.txt", ["node", "cdktn"]),
    ],
)
def test_the_pins_satisfy_the_ranges_of_the_package_and_of_these_extras(name: str, extras: list[str]):
    found = versions(name)
    wanted = [*PROJECT["dependencies"], *(each for extra in extras for each in PROJECT["optional-dependencies"][extra])]
    for requirement in map(Requirement, wanted):
        assert found[requirement.name.lower()] in requirement.specifier, requirement


def test_the_pins_of_the_app_are_among_those_of_the_tests():
    assert versions("requirements.txt").items() <= versions("requirements-dev.txt").items()


def test_what_builds_the_editable_install_of_make_synth_is_pinned():
    [backend] = map(Requirement, tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"])
    found = versions("requirements.txt")
    assert found[backend.name] in backend.specifier
    assert "editables" in found


def test_no_two_modules_have_one_name():
    names = Counter(file.name for file in PACKAGE.rglob("*.py") if file.name != "__init__.py")
    assert [name for name, count in names.items() if count > 1] == []
