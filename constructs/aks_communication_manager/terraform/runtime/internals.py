"""Private parts of other packages that this package uses. No other module uses such parts.

==========================================================  ============================  ===================================
part                                                        used by                       without it
==========================================================  ============================  ===================================
``jsii._reference_map._submodule_fqn_map`` (from 1.135)     `register_submodules`         Python loads all of the bindings
``jsii._embedded.jsii``, ``jsii._kernel.providers.process`` `Kernel`                      Node starts after jsii is loaded
``<package>/_jsii/<name>@<version>.jsii.tgz``               `assemblies`                  Node loads a package when Python does
``<package>._jsii``, which loads that archive               `KERNEL_START`, `is_loaded`   the kernel starts without the hook
Node's ``Module._resolveFilename``, ``Module._load``        `hook` (fast_start.cjs)       Node loads all of the bindings
spellings of unresolved tokens                              tokens.py                     tokens are checked as if literal
==========================================================  ============================  ===================================

All but the last two are looked up before use. If one is missing, a program takes longer and writes the same output, with a
`RuntimeWarning`. tokens.py has the spellings of tokens because configs are checked without the framework. The tests name the
version of a package that lacks one of these parts.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from aks_communication_manager.terraform.runtime import node
from aks_communication_manager.terraform.runtime.framework import FRAMEWORKS

KERNEL_START = "constructs._jsii"
"""The first module that imports the jsii kernel, which starts Node.js."""


def is_loaded(package: str) -> bool:
    """Whether the kernel has loaded a package's JavaScript."""
    return f"{package}._jsii" in sys.modules


def load_javascript(package: str) -> None:
    """Load a package's JavaScript into the kernel without the rest of the package."""
    importlib.import_module(f"{package}._jsii")


def _warn(what: str, instead: str) -> None:
    warnings.warn(
        f"{what}: {instead}. The Terraform that is written is the same. "
        "Another version of aks-communication-manager may know these versions of jsii and Node.js.",
        RuntimeWarning,
        stacklevel=3,
    )


def register_submodules(modules: Mapping[str, str]) -> bool:
    """Register Python modules by the name of their submodule in jsii; False if this jsii does not support it.

    Without them jsii fails with "Unknown type" for objects created in JavaScript.
    """
    from jsii import _reference_map

    known = getattr(_reference_map, "_submodule_fqn_map", None)
    if known is None:
        _warn("jsii cannot import modules on demand", "all of the azurerm bindings is loaded, which takes seconds")
        return False
    known.update(modules)
    return True


def assemblies(*packages: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
    """JavaScript archives of Python packages: name, version and path. `packages`: pairs of names in Python and JavaScript."""
    for package, name in packages:
        spec = find_spec(package)
        folder = os.path.join(os.path.dirname((spec and spec.origin) or ""), "_jsii")
        prefix, suffix = f"{name.rpartition('/')[2]}@", ".jsii.tgz"
        for file in os.listdir(folder) if os.path.isdir(folder) else ():
            if file.startswith(prefix) and file.endswith(suffix):
                yield name, file.removeprefix(prefix).removesuffix(suffix), os.path.join(folder, file)
                break
        else:
            _warn(f"{package} keeps its JavaScript elsewhere", "Node.js loads it later")
            return  # later packages may depend on this one


HOOK = os.path.join(os.path.dirname(__file__), "fast_start.cjs")
_HOOK_NAMES = "AKS_COMMUNICATION_MANAGER_FAST_START_NAMES"
_NO_STACKS = "CDKTN_DISABLE_CREATION_STACK"
_YOUNG_GENERATION = "--max-semi-space-size=4"
"""Megabytes of each of V8's three semi-spaces, instead of 16: a quarter less memory for a thousand clusters in the same time.

Allowed in NODE_OPTIONS from Node.js 18.10 (nodejs/node 44436).
"""


def hook() -> dict[str, str]:
    """Environment in which Node.js loads fast_start.cjs; empty if that is not a file (in a zip)."""
    if not os.path.isfile(HOOK):
        return {}
    # A space ends an option, and a backslash escapes (nodejs.org/api/cli.html).
    path = HOOK.replace("\\", "\\\\").replace('"', '\\"')
    return {
        "NODE_OPTIONS": f'{os.environ.get("NODE_OPTIONS", "")} {_YOUNG_GENERATION} --require "{path}"'.lstrip(),
        _HOOK_NAMES: json.dumps([{"framework": one.module, "bindings": one.assembly} for one in FRAMEWORKS]),
        # The hook does this for CDK for Terraform; CDK Terrain has an option.
        _NO_STACKS: os.environ.get(_NO_STACKS, "1"),
    }


@contextlib.contextmanager
def hooked() -> Iterator[None]:
    """Set the environment of the hook while Node.js starts; programs started later do not get it."""
    ours = hook()
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Kernel:
    """jsii's Node process, started before jsii is imported: each takes a sixth of a second, independently of the other.

    jsii unpacks a program from its own package, starts it, and communicates through its pipes. `start` does the first two;
    within `checked_start`, jsii gets this process when it starts one with the same command and environment.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._environment = {**os.environ, **hook(), "JSII_AGENT": f"Python/{sys.version.split()[0]}"}
        self._pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(command, **self._pipes, env=self._environment)

    @classmethod
    def start(cls) -> Kernel | None:
        """Start the process; None if jsii is loaded already or its program is not found."""
        spec = find_spec("jsii")
        if spec is None or spec.origin is None or "jsii" in sys.modules or "JSII_RUNTIME" in os.environ:
            return None
        folder = os.path.join(os.path.dirname(spec.origin), "_embedded", "jsii")
        unpacked = tempfile.TemporaryDirectory()
        try:
            embedded = runpy.run_path(os.path.join(folder, "__init__.py"))
            files = {
                resource: os.path.join(unpacked.name, name) for resource, name in embedded["EMBEDDED_FILES"].items()
            }
            program = files[embedded["ENTRYPOINT"]]
            for resource, file in files.items():
                os.makedirs(os.path.dirname(file), exist_ok=True)
                shutil.copyfile(os.path.join(folder, resource), file)
        except (OSError, KeyError):
            unpacked.cleanup()
            _warn("jsii keeps its program for Node.js elsewhere", "it starts later")
            return None
        # Exit handlers run in reverse order: jsii registers its own, which ends the process, after this.
        atexit.register(unpacked.cleanup)
        try:
            return cls([os.environ.get("JSII_NODE", "node"), "--max-old-space-size=4069", program])
        except OSError:  # jsii will report it
            return None

    def take(self, command: list[str], options: Mapping[str, Any]) -> subprocess.Popen[bytes] | None:
        """Hand over the process, once, if jsii asks for the same one."""
        same = (
            command[:-1] == self._command[:-1]  # the last word is the path of the unpacked program
            and options == {**self._pipes, "env": self._environment}
        )
        process = self._process if same else None
        if process:
            self._process = None
        return process

    def stop(self) -> None:
        """Kill the process if jsii has not taken it."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            _warn("jsii starts Node.js in another way", "it starts later")


@contextlib.contextmanager
def checked_start(kernel: Kernel | None) -> Iterator[None]:
    """Let jsii use the process of `kernel` instead of starting one. Raises `NodeNotFound` if Node.js does not start."""
    try:
        starter: Any = importlib.import_module("jsii._kernel.providers.process")
    except ImportError:
        starter = SimpleNamespace()

    def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        try:
            process = (kernel and kernel.take(command, options)) or subprocess.Popen(command, **options)
        except OSError as error:
            said = error.strerror or ""
        else:
            # jsii's program starts with a line of JSON. Without it, jsii would fail with a traceback.
            output: Any = process.stdout
            if output.peek(1)[:1] == b"{":
                return process
            process.kill()
            said = process.communicate()[1].decode(errors="replace")
        # jsii would try to clean up the missing process, and print an error.
        starter._NodeProcess.__del__ = lambda _: None
        raise node.not_started(command[0], said)

    given = getattr(starter, "subprocess", None)
    starter.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": start})
    try:
        yield
    finally:
        starter.subprocess = given
        if kernel:
            kernel.stop()
