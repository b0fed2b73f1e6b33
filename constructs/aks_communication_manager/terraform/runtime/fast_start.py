"""Load of framework and azurerm bindings only what a program uses: the same output in a fraction of the time and memory.

Importing anything of ``cdktf_cdktf_provider_azurerm`` imports its 1,527 submodules in Python and 157 MB of JavaScript
in Node. `enable` makes both load on demand, as ``cdktf get`` does in the bindings it generates (and CDK Terrain in all
of them, in Python), and leaves the installed packages as they are:

* Python: the package gets a loader that imports a submodule when it is asked for.
* Node: while the jsii kernel starts, NODE_OPTIONS names a hook (fast_start.cjs) that picks the bindings' own lazy
  entry point, and puts off the half of cdktf that only zips assets.

This changes the whole process, so a program asks for it, before it imports the framework; importing this module does
nothing. Where one of the two is impossible, the program runs as if it had not asked for that one (see `internals`).
AKS_COMMUNICATION_MANAGER_FAST_START=0 turns both off. Standard library only: this runs before anything else is loaded.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

from aks_communication_manager.errors import NodeNotFound
from aks_communication_manager.terraform.runtime import framework, internals, node
from aks_communication_manager.terraform.runtime.framework import CDKTF, FRAMEWORKS

SWITCH = "AKS_COMMUNICATION_MANAGER_FAST_START"


def enable() -> None:
    """Make what is imported from now on start fast, on a Node that jsii supports (see `node.ensure_node`). Twice is once.

    Import this module alone first, and call this before anything that loads the framework. What is loaded already stays
    as it is; bindings that are bring a `RuntimeWarning`, because then nothing is gained. Raises `NodeNotFound`.
    """
    node.ensure_node()
    if os.environ.get(SWITCH) == "0" or _is_enabled():
        return
    if any(internals.is_loaded(framework.bindings) for framework in FRAMEWORKS):
        warnings.warn(
            "fast_start.enable() comes too late: the azurerm bindings are loaded already. Import fast_start by itself "
            "and call enable() before any other import of this package or of the framework.",
            RuntimeWarning,
            stacklevel=2,
        )
    sys.meta_path.insert(0, _Finder())
    # At exit Python would collect garbage in all modules for 40 ms, although the system frees the memory anyway.
    atexit.register(gc.freeze)


def preload() -> threading.Thread:
    """Start Node and load framework and bindings into it in the background; ``join`` the thread before importing them.

    Node starts first, then jsii is imported here and now: two threads that both compute only delay the moment at which
    Node gets something to do, and from then on the thread mostly waits for Node. What fails fails again, and is reported,
    where the program itself imports it; except what Node cannot load, and a Node that does not start (`NodeNotFound`), which are
    reported only once: ``join`` raises them. Raises `FrameworkNotFound`.
    """
    chosen = framework.chosen()
    kernel = internals.Kernel.start() if _is_enabled() else None
    _import("jsii")
    thread = _Preload(chosen, kernel)
    thread.start()
    # Half of the import time of the framework in Python, and independent of Node.
    threading.Thread(target=_import, args=("typeguard",), name="fast_start.typeguard").start()
    return thread


class _Preload(threading.Thread):
    def __init__(self, chosen: framework.Framework, kernel: internals.Kernel | None) -> None:
        super().__init__(name="fast_start.preload")
        self._packages = (
            ("constructs", "constructs"),
            (chosen.module, chosen.module),
            (chosen.bindings, chosen.assembly),
        )
        self._kernel = kernel
        self._refused: Exception | None = None

    def run(self) -> None:
        with contextlib.suppress(Exception), contextlib.ExitStack() as stack:
            stack.enter_context(internals.checked_start(self._kernel))
            if _is_enabled():
                stack.enter_context(internals.hooked())
            import jsii

            try:
                for name, version, archive in internals.assemblies(*self._packages):
                    jsii.load(name, version, archive)
            except Exception as error:
                if isinstance(error, NodeNotFound) or isinstance(error.__cause__, jsii.errors.JavaScriptError):
                    self._refused = error

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if self._refused:
            raise self._refused


def _import(module: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(module)


def _is_enabled() -> bool:
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


class _Finder:
    """Import hook for the packages that start faster with a loader of ours."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        # CDK Terrain's bindings load on demand by themselves.
        loader = {CDKTF.bindings: _LazyPackage, internals.KERNEL_START: _KernelStart}.get(name)
        spec = PathFinder.find_spec(name, path, target) if loader else None
        # Anything but a plain file (a zip, a namespace) is left to its own loader.
        if loader is None or spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        spec.loader = loader(spec.loader.name, spec.loader.path)
        return spec


class _KernelStart(SourceFileLoader):
    """Loads the first package that needs the jsii kernel, and so starts it, with the hook in NODE_OPTIONS.

    If another package has started it before, the bindings load eagerly in Node: slower, and the same output.
    """

    def exec_module(self, module: ModuleType) -> None:
        with internals.hooked():
            super().exec_module(module)


class _LazyPackage(SourceFileLoader):
    """Loads the bindings' package without running it: running it imports all submodules."""

    def exec_module(self, module: ModuleType) -> None:
        package = module.__name__
        submodules = {_jsii_name(name): f"{package}.{name}" for name in _submodules(module)}
        if not internals.register_submodules(submodules):
            super().exec_module(module)
            return

        def __getattr__(name: str) -> Any:
            if name == "__all__":
                return _submodules(module)
            try:
                return importlib.import_module(f"{package}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{package}.{name}":
                    raise
                raise AttributeError(f"module {package!r} has no attribute {name!r}") from None

        def __dir__() -> list[str]:
            return sorted({*vars(module), *_submodules(module)})

        vars(module).update(__getattr__=__getattr__, __dir__=__dir__)
        internals.load_javascript(package)


def _submodules(package: ModuleType) -> list[str]:
    """Names of all public submodules."""
    names = {entry for folder in package.__path__ for entry in os.listdir(folder)}
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))


def _jsii_name(submodule: str) -> str:
    """Name of a submodule in jsii: ``@cdktf/provider-azurerm.dataAzurermSubnet`` for ``data_azurerm_subnet``."""
    first, *words = submodule.split("_")
    return f"{CDKTF.assembly}.{first}{''.join(word[:1].upper() + word[1:] for word in words)}"
