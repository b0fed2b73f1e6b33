"""Load of the azurerm bindings only what a program uses: the same output in a fraction of the time and the memory.

Importing anything of ``cdktf_cdktf_provider_azurerm`` imports its 1,527 submodules in Python and 157 MB of JavaScript
in Node. `enable` makes both load on demand, as ``cdktf get`` does in the bindings it generates, and leaves the
installed packages as they are:

* Python: the package gets a loader that imports a submodule when it is asked for.
* Node: while the jsii kernel starts, NODE_OPTIONS names a hook (fast_start.cjs) that picks the bindings' own lazy
  entry point, and puts off the half of cdktf that only zips assets.

This changes the whole process, so a program asks for it, before it imports cdktf; importing this module does nothing.
Where one of the two is impossible, the program runs as if it had not asked for that one.
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

from aks_communication_manager.terraform.runtime import node

SWITCH = "AKS_COMMUNICATION_MANAGER_FAST_START"

_PROVIDER = "cdktf_cdktf_provider_azurerm"
_ASSEMBLY = "@cdktf/provider-azurerm"
_STARTS_THE_KERNEL = "constructs._jsii"
_HOOK = os.path.join(os.path.dirname(__file__), "fast_start.cjs")
_YOUNG_GENERATION = "--max-semi-space-size=4"
"""Megabytes instead of 16, of which V8 keeps three: a quarter less memory for a thousand clusters, in the same time.

Node takes it in NODE_OPTIONS from 18.10 (nodejs/node 44436).
"""


def enable() -> None:
    """Make what is imported from now on start fast, on a Node that jsii supports (see `node.ensure_node`). Twice is once.

    Import this module alone first, and call this before anything that loads cdktf. What is loaded already stays as it
    is; bindings that are bring a `RuntimeWarning`, because then nothing is gained. Raises `node.NodeNotFound`.
    """
    node.ensure_node()
    if os.environ.get(SWITCH) == "0" or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if f"{_PROVIDER}._jsii" in sys.modules:
        warnings.warn(
            "fast_start.enable() comes too late: the azurerm bindings are loaded already. "
            "Import fast_start by itself and call enable() before any other import of this package or of cdktf.",
            RuntimeWarning,
            stacklevel=2,
        )
    sys.meta_path.insert(0, _Finder())
    # At its end Python searches all that was ever loaded for garbage: 40 ms, to free what the system frees anyway.
    atexit.register(gc.freeze)


def preload() -> threading.Thread:
    """Start Node and load cdktf and the bindings in the background; ``join`` the thread before using them.

    jsii itself is imported here and now: two threads that both compute only delay the moment at which Node starts, and
    from then on the thread mostly waits for Node. What fails in the thread fails again, and is told, where the program
    itself imports it.
    """
    thread = threading.Thread(target=_import, args=("constructs", "cdktf", _PROVIDER), name="fast_start.preload")
    _import("jsii")
    thread.start()
    return thread


def _import(*modules: str) -> None:
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)


class _Finder:
    """Gives the two packages concerned their loaders, and leaves every other import alone."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        loader = {_PROVIDER: _LazyPackage, _STARTS_THE_KERNEL: _KernelStart}.get(name)
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
        before = os.environ.get("NODE_OPTIONS")
        if os.path.isfile(_HOOK):
            os.environ["NODE_OPTIONS"] = f"{before or ''} {_YOUNG_GENERATION} --require {_quoted(_HOOK)}".lstrip()
        try:
            super().exec_module(module)
        finally:
            # The programs that this one starts shall not get the hook.
            if before is None:
                os.environ.pop("NODE_OPTIONS", None)
            else:
                os.environ["NODE_OPTIONS"] = before


class _LazyPackage(SourceFileLoader):
    """Loads the bindings' package without running it: running it imports all submodules."""

    def exec_module(self, module: ModuleType) -> None:
        from jsii import _reference_map

        submodules = getattr(_reference_map, "_submodule_fqn_map", None)
        if submodules is None or not hasattr(_reference_map, "_assembly_to_module"):
            # jsii before 1.135 cannot import a submodule for an object that JavaScript hands over ("Unknown type").
            super().exec_module(module)
            return

        def __getattr__(name: str) -> Any:
            if name == "__all__":
                return _submodules(module)
            try:
                return importlib.import_module(f"{_PROVIDER}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{_PROVIDER}.{name}":
                    raise
                raise AttributeError(f"module {_PROVIDER!r} has no attribute {name!r}") from None

        def __dir__() -> list[str]:
            return sorted({*vars(module), *_submodules(module)})

        vars(module).update(__getattr__=__getattr__, __dir__=__dir__)
        importlib.import_module(f"{_PROVIDER}._jsii")  # loads the assembly into the kernel
        _reference_map._assembly_to_module[_ASSEMBLY] = _PROVIDER
        submodules.update({_jsii_name(name): f"{_PROVIDER}.{name}" for name in _submodules(module)})


def _submodules(package: ModuleType) -> list[str]:
    """The names of all submodules. Files and names with an underscore in front are the package's own affair."""
    names = {entry for folder in package.__path__ for entry in os.listdir(folder)}
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))


def _jsii_name(submodule: str) -> str:
    """How jsii calls a submodule: ``data_azurerm_subnet`` is ``@cdktf/provider-azurerm.dataAzurermSubnet``."""
    first, *words = submodule.split("_")
    return f"{_ASSEMBLY}.{first}{''.join(word[:1].upper() + word[1:] for word in words)}"


def _quoted(path: str) -> str:
    """A path for NODE_OPTIONS, where a space ends an option and a backslash escapes (nodejs.org/api/cli.html)."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
