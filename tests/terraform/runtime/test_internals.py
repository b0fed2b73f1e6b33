"""What happens where another package is not inside as it was: the same output, and a warning."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsii
import pytest

from aks_communication_manager.terraform.runtime import fast_start, internals, node
from tests.terraform.runtime.programs import BINDINGS, FAST, FRAMEWORK, SOURCES, SYNTH

THE_SAME = (
    " The Terraform that is written is the same. "
    "Another version of aks-communication-manager may know these versions of jsii and Node.js."
)
PROJECT = SOURCES.parent
MAIN = f"import sys; sys.argv[1:] = []; sys.path.insert(0, {str(PROJECT)!r}); import main; assert main.main() == 0"


@pytest.fixture
def written(python, tmp_path, monkeypatch):
    """Runs the project's program for an example, after some lines that change what is inside: what is printed, the JSON."""

    def run(*before: str, on_stderr: str = "several-clusters: 6 alert rules") -> tuple[list[str], str]:
        monkeypatch.setenv("COMMUNICATION_MANAGER_CONFIG", str(PROJECT / "examples" / "several-clusters.yaml"))
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "cdktf.out"))
        printed = python(*before, MAIN, on_stderr=on_stderr)
        [file] = tmp_path.glob("cdktf.out/stacks/*/cdk.tf.json")
        return printed.splitlines(), file.read_text()

    return run


COUNT_CHECKS = """
import atexit, typeguard
checked, check_type = [], typeguard.check_type
def count(*arguments, **named):
    checked.append(named.get("argname"))
    return check_type(*arguments, **named)
typeguard.check_type = count
atexit.register(lambda: print(*checked, sep="\\n"))
"""


@pytest.mark.long
def test_arguments_of_resources_are_not_compared_with_type_hints(written):
    compared, document = written(COUNT_CHECKS)
    assert "argument subscription_id" in compared  # the provider's: the bindings do compare
    assert not {"argument query", "argument evaluation_frequency", "argument principal_id"} & {*compared}
    assert "azurerm_monitor_scheduled_query_rules_alert_v2" in document


def test_a_jsii_without_a_map_of_submodules_is_said_to_be_slow(monkeypatch):
    monkeypatch.delattr(jsii._reference_map, "_submodule_fqn_map")
    with pytest.warns(RuntimeWarning) as caught:
        assert internals.register_submodules({}) is False
    assert [str(warning.message) for warning in caught] == [
        "jsii cannot import modules on demand: all of the azurerm bindings is loaded, which takes seconds." + THE_SAME
    ]


def test_the_archive_of_an_assembly_is_found_with_its_version():
    [(name, version, archive)] = internals.assemblies((FRAMEWORK.bindings, FRAMEWORK.assembly))
    assert name == FRAMEWORK.assembly
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert Path(archive) == BINDINGS / "_jsii" / f"provider-azurerm@{version}.jsii.tgz"


def test_a_package_without_an_archive_ends_what_is_loaded_in_advance():
    with pytest.warns(RuntimeWarning, match=r"^json keeps its JavaScript elsewhere: Node\.js loads it later\. "):
        assert list(internals.assemblies(("json", "json"), (FRAMEWORK.bindings, FRAMEWORK.assembly))) == []


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    """A copy of jsii as it is installed, which is found before the installed one and not loaded yet."""
    folder = tmp_path / "copy" / "jsii"
    shutil.copytree(Path(jsii.__file__).parent, folder)
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delitem(sys.modules, "jsii")
    monkeypatch.delenv("JSII_RUNTIME", raising=False)
    return folder / "_embedded" / "jsii"


def test_a_process_that_nothing_asks_for_is_ended(embedded, monkeypatch):
    node.ensure_node()
    kernel = internals.Kernel.start()
    process = kernel._process
    assert process.poll() is None
    with pytest.warns(RuntimeWarning) as caught, internals.checked_start(kernel):
        pass
    assert [str(warning.message) for warning in caught] == [
        "jsii starts Node.js in another way: it starts later." + THE_SAME
    ]
    assert process.returncode is not None


@pytest.mark.parametrize("lost", ["EMBEDDED_FILES", "ENTRYPOINT"])
def test_a_jsii_that_keeps_its_program_elsewhere_starts_node_itself(embedded, lost):
    source = embedded / "__init__.py"
    source.write_text(source.read_text().replace(lost, "RENAMED"))
    with pytest.warns(RuntimeWarning) as caught:
        assert internals.Kernel.start() is None
    assert [str(warning.message) for warning in caught] == [
        "jsii keeps its program for Node.js elsewhere: it starts later." + THE_SAME
    ]


def test_a_program_of_the_users_own_is_left_to_jsii(embedded, monkeypatch):
    monkeypatch.setenv("JSII_RUNTIME", "own.js")
    assert internals.Kernel.start() is None


def test_a_node_that_cannot_be_run_is_left_to_jsii(embedded, monkeypatch):
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    assert internals.Kernel.start() is None


@pytest.mark.long
def test_a_jsii_that_starts_node_with_other_options_gets_what_it_asks_for(written, loaded_in_node):
    written(
        "from aks_communication_manager.terraform.runtime import internals",
        "start = internals.Kernel.start",
        "def start_otherwise():",
        "    kernel = start()",
        "    kernel._command[1] = '--max-old-space-size=2'",
        "    return kernel",
        "internals.Kernel.start = start_otherwise",
        on_stderr="jsii starts Node.js in another way: it starts later. ",
    )
    assert max(loaded_in_node()) < 30


@pytest.mark.long
def test_a_node_with_another_module_loader_loads_everything_with_a_warning(
    python, tmp_path, monkeypatch, loaded_in_node
):
    other = tmp_path / "other.cjs"
    other.write_text(
        "const Module = require('module'); const load = Module._load;"
        "Module._load = function (request, parent, ...rest) {"
        "  if (request === 'node:module' && /fast_start/.test(parent?.filename)) return {};"
        "  return load.call(this, request, parent, ...rest);"
        "};"
    )
    monkeypatch.setenv("NODE_OPTIONS", f"{os.environ['NODE_OPTIONS']} --require {other}")
    python(FAST, SYNTH, on_stderr="Node.js loads modules in another way: all of the azurerm bindings is loaded")
    assert max(loaded_in_node()) > 1500


def test_the_hook_leaves_a_node_alone_that_was_not_given_its_names():
    node.ensure_node()
    environment = {name: value for name, value in os.environ.items() if name != internals._HOOK_NAMES}
    program = "const before = require('module')._load; require(process.argv[1]); console.log(before === require('module')._load)"
    command = [os.environ.get("JSII_NODE", "node"), "-e", program, internals.HOOK]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "true"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"NODE_OPTIONS": "--require missing/module"}, "Error: Cannot find module 'missing/module'"),
        ({"NODE_OPTIONS": "--bad-option"}, "--bad-option is not allowed in NODE_OPTIONS"),
        ({"NODE_OPTIONS": "--bad-option", fast_start.SWITCH: "0"}, "--bad-option is not allowed in NODE_OPTIONS"),
        ({"JSII_NODE": "/bin/true"}, "/bin/true did not start as Node.js: it ended without a message"),
        ({"JSII_NODE": "/bin/echo"}, "/bin/echo did not start as Node.js: it ended without a message"),
        ({"JSII_NODE": "not-a-program"}, "not-a-program did not start as Node.js: Exec format error"),
        ({"JSII_NODE": "not-a-program", fast_start.SWITCH: "0"}, "did not start as Node.js: Exec format error"),
    ],
)
@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has other programs")
def test_a_node_that_does_not_start_is_a_sentence(environment, reason, tmp_path):
    program = tmp_path / "not-a-program"
    program.write_text("text")
    program.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    shutil.copy(PROJECT / "communication-manager.yaml", tmp_path)
    command = [sys.executable, str(PROJECT / "main.py")]
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PATH": path} | environment, capture_output=True, text=True
    )
    first, second = run.stderr.splitlines()
    assert run.returncode == 2
    assert first.endswith(reason)
    assert second.startswith("Node.js 22 or newer has to start with what the environment variables NODE_OPTIONS and")
    assert not (tmp_path / "cdktf.out").exists()
