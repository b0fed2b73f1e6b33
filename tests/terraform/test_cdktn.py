"""CDK Terrain, the fork, writes what CDK for Terraform writes. Both are there in ``make test-cdktn``."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from aks_communication_manager.terraform.runtime.framework import CDKTF, CDKTN, FRAMEWORKS, VARIABLE, Framework

pytestmark = pytest.mark.skipif(not CDKTN.is_installed, reason="CDK Terrain is not installed here: make test-cdktn")

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((PROJECT / "examples").glob("*.yaml"))

ALL_EXAMPLES = """
import sys
from importlib.util import find_spec
from pathlib import Path
import main
for example in sys.argv[1:]:
    assert main.synthesize(Path(example), Path(Path(example).stem, "cdktf.out")) == 0
"""


def run(folder: Path, program: str, *arguments: str, framework: str, packages: Path | None = None) -> str:
    """What a Python program of the project prints, in a folder of its own, with all installed packages or these."""
    folder.mkdir(exist_ok=True)
    paths = [PROJECT, PROJECT / "constructs", *([packages] if packages else [])]
    done = subprocess.run(
        [sys.executable, *(["-S"] if packages else []), "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), VARIABLE: framework},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(folder: Path) -> dict[str, dict]:
    """Every Terraform JSON in a folder, by path."""
    return {str(file.relative_to(folder)): json.loads(file.read_text()) for file in folder.rglob("cdk.tf.json")}


VERSIONS = {CDKTF: ("0.21.0", "4.55.0"), CDKTN: ("0.24.0", "4.81.0")}
"""Of the framework, and of azurerm to which its bindings are pinned."""


def without_versions(document: dict, framework: Framework) -> dict:
    """A Terraform JSON without the two versions in which the frameworks differ."""
    version, pin = VERSIONS[framework]
    assert document["//"]["metadata"].pop("version") == version
    azurerm = document["terraform"]["required_providers"]["azurerm"]
    if azurerm["version"] == pin:  # else the config says another
        del azurerm["version"]
    return document


def test_every_example_is_the_same_but_for_two_versions_logical_ids_included(tmp_path):
    documents = {}
    for framework in FRAMEWORKS:
        folder = tmp_path / "project"  # the same for both: it is in the paths of some
        run(folder, ALL_EXAMPLES, *map(str, EXAMPLES), framework=framework.module)
        documents[framework] = {
            path: without_versions(document, framework) for path, document in written(folder).items()
        }
    assert len(documents[CDKTF]) > len(EXAMPLES) > 10  # one of them has two stacks
    assert documents[CDKTN] == documents[CDKTF]


def test_a_program_with_tokens_is_the_same_but_for_two_versions(tmp_path):
    program = (PROJECT / "examples" / "library.py").read_text()
    documents = {}
    for framework in FRAMEWORKS:
        folder = tmp_path / "project"
        own = program.replace(CDKTF.bindings, framework.bindings).replace("from cdktf ", f"from {framework.module} ")
        loaded = run(folder, f"{own}\nimport sys; print(*sys.modules)", framework="").split()
        # What the program imports decides; nothing of the other framework is loaded.
        assert {one.module for one in FRAMEWORKS} & {*loaded} == {framework.module}
        [document] = written(folder).values()
        documents[framework] = without_versions(document, framework)
    assert "azurerm_kubernetes_cluster" in documents[CDKTF]["resource"]
    assert documents[CDKTN] == documents[CDKTF]


def test_it_works_where_cdk_for_terraform_is_not_installed(tmp_path):
    packages = tmp_path / "packages"
    packages.mkdir()
    for installed in Path(find_spec(CDKTN.module).origin).parents[1].iterdir():
        if not installed.name.startswith(CDKTF.module):
            (packages / installed.name).symlink_to(installed)
    example = PROJECT / "examples" / "default.yaml"
    run(tmp_path / "own", ALL_EXAMPLES, str(example), framework="", packages=packages)
    [document] = written(tmp_path / "own").values()
    assert document["terraform"]["required_providers"]["azurerm"]["version"] == VERSIONS[CDKTN][1]
