"""CDK Terrain, the fork, writes what CDK for Terraform writes. Both are there in ``make test-cdktn``."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from aks_communication_manager.terraform.runtime.framework import CDKTF, CDKTN, FRAMEWORKS, VARIABLE, Framework
from tests.framework import REQUIRED_OF_A_CLUSTER, as_of_azurerm_4
from tests.terraform.runtime.programs import FAST as ENABLE

pytestmark = pytest.mark.skipif(not CDKTN.is_installed, reason="CDK Terrain is not installed here: make test-cdktn")

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((PROJECT / "examples").glob("*.yaml"))

ALL_EXAMPLES = """
import sys
from importlib.util import find_spec
from pathlib import Path
from aks_communication_manager.cli import program
for example in sys.argv[1:]:
    assert program.run(Path(example), Path(Path(example).stem, "cdktf.out")) == 0
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


Differences = dict[str, dict[Framework, object]]
"""Values that differ, by their path in the Terraform JSON."""


def differences(documents: dict[Framework, object], path: str = "") -> Differences:
    """Where the JSON of the frameworks differs."""
    values = list(documents.values())
    if all(isinstance(value, dict) for value in values):
        keys = {key: None for value in values for key in value}
        parts = ((f"{path}.{key}".removeprefix("."), key) for key in keys)
        found = [differences({one: each.get(key) for one, each in documents.items()}, place) for place, key in parts]
        return {place: values for each in found for place, values in each.items()}
    return {} if values[0] == values[1] else {path: documents}


PAGE = PROJECT / "docs" / "reference" / "cdktn.md"
BINDINGS = {CDKTF: "cdktf-cdktf-provider-azurerm", CDKTN: "cdktn-provider-azurerm"}


def table() -> dict[str, dict[Framework, object]]:
    """The differences in docs/reference/cdktn.md, for the versions that are installed here."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    [start] = [index for index, row in enumerate(rows) if row[0] == "in the Terraform JSON"]
    heads = {
        framework: f"{framework.module} {version(framework.module)}, bindings {version(BINDINGS[framework])}"
        for framework in FRAMEWORKS
    }
    columns = {framework: rows[start].index(head) for framework, head in heads.items()}
    differing = (row for row in rows[start + 1 :] if row[0].startswith("`"))
    return {
        row[0].strip("`"): {framework: row[column].strip("`") for framework, column in columns.items()}
        for row in differing
    }


def test_every_example_differs_in_what_the_page_says_and_nothing_else(tmp_path):
    documents: dict[Framework, dict[str, dict]] = {}
    for framework in FRAMEWORKS:
        folder = tmp_path / "project"  # the same for both: it is in the paths of some
        run(folder, ALL_EXAMPLES, *map(str, EXAMPLES), framework=framework.module)
        documents[framework] = written(folder)
    assert documents[CDKTF].keys() == documents[CDKTN].keys()
    assert len(documents[CDKTF]) > len(EXAMPLES) > 10  # one of them has two stacks
    found: Differences = {}
    for path in documents[CDKTF]:
        found |= differences({framework: documents[framework][path] for framework in FRAMEWORKS})
    assert found == table()


def test_a_program_with_tokens_is_the_same_but_for_two_versions(tmp_path):
    program = (PROJECT / "examples" / "library.py").read_text()
    documents = {}
    for framework in FRAMEWORKS:
        folder = tmp_path / "project"
        own = program.replace(CDKTF.bindings, framework.bindings).replace("from cdktf ", f"from {framework.module} ")
        if framework is CDKTN:
            own = own.replace('dns_prefix="platform",', f'dns_prefix="platform", **{REQUIRED_OF_A_CLUSTER},')
        loaded = run(folder, f"{own}\nimport sys; print(*sys.modules)", framework="").split()
        # The program's scope decides; nothing of the other framework is loaded.
        assert {one.module for one in FRAMEWORKS} & {*loaded} == {framework.module}
        [document] = written(folder).values()
        documents[framework] = as_of_azurerm_4(document)
    assert "azurerm_kubernetes_cluster" in documents[CDKTF]["resource"]
    assert differences(documents) == table()


def test_it_works_where_cdk_for_terraform_is_not_installed(tmp_path):
    packages = tmp_path / "packages"
    packages.mkdir()
    for installed in Path(find_spec(CDKTN.module).origin).parents[1].iterdir():
        if not installed.name.startswith(CDKTF.module):
            (packages / installed.name).symlink_to(installed)
    example = PROJECT / "examples" / "default.yaml"
    run(tmp_path / "own", ALL_EXAMPLES, str(example), framework="", packages=packages)
    [document] = written(tmp_path / "own").values()
    assert document["//"]["metadata"]["version"] == version(CDKTN.module)


FAST = f"{ENABLE}\n"
CONSTRUCT = """
from aks_communication_manager import ActionGroup, CommunicationManager, InvalidArgument
"""
FRAMEWORK = """
import cdktn
import cdktf
"""
PROGRAM = """
import sys
from importlib import import_module

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"

def manager(scope):
    return CommunicationManager(
        scope, "notices", scopes=[GROUP], resource_group_name="rg", location="westeurope",
        action_group=ActionGroup.existing(GROUP + "/providers/Microsoft.Insights/actionGroups/ag"),
    )

def azurerm(framework, stack):
    bindings = {cdktf: "cdktf_cdktf_provider_azurerm", cdktn: "cdktn_provider_azurerm"}[framework]
    return import_module(bindings + ".provider").AzurermProvider(stack, "azurerm", features=[{}])
"""
EACH = """
for framework in (cdktn, cdktf):
    app = framework.App(outdir=framework.__name__)
    stack = framework.TerraformStack(app, "platform")
    azurerm(framework, stack)
    made = manager(stack)
    assert made.alert_rules and all(isinstance(rule, framework.TerraformResource) for rule in made.alert_rules)
    app.synth()
"""
MIXED = """
def refused(scope):
    try:
        manager(scope)
    except InvalidArgument as error:
        print(error)

stack = cdktn.TerraformStack(cdktn.App(), "platform")
azurerm(cdktf, stack)
refused(stack)
refused(cdktf.TerraformStack(cdktn.App(), "platform"))
"""


@pytest.mark.parametrize("lines", [(CONSTRUCT, FRAMEWORK), (FRAMEWORK, CONSTRUCT)], ids=["construct", "framework"])
def test_a_scope_decides_whichever_is_imported_first(tmp_path, lines):
    run(tmp_path, "".join([FAST, *lines, PROGRAM, EACH]), framework="cdktf")
    documents = {framework: written(tmp_path / framework.module).popitem()[1] for framework in FRAMEWORKS}
    assert len(documents[CDKTN]["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]) == 2
    assert differences(documents) == table()


def test_constructs_of_two_frameworks_in_one_stack_are_an_error(tmp_path):
    fix = (
        "    Import all classes from one of the two frameworks: cdktf and cdktf_cdktf_provider_azurerm"
        " or cdktn and cdktn_provider_azurerm."
    )
    assert run(tmp_path, "".join([FAST, CONSTRUCT, FRAMEWORK, PROGRAM, MIXED]), framework="").splitlines() == [
        "scope: platform/azurerm is a construct of cdktf, but platform is one of cdktn [ACM139]",
        fix,
        "scope: platform is a construct of cdktf, but the app is one of cdktn [ACM139]",
        fix,
    ]
