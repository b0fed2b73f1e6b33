"""Lazy public names of a package (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping


def lazy(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package: each name is imported from its module at first use and kept."""

    def __getattr__(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # `fromlist` also imports a name that is a module itself.
        value = getattr(__import__(modules[name], fromlist=[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return __getattr__, lambda: sorted(modules)
