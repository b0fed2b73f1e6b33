"""Names that a package gives, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def names(package: dict[str, Any]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package, given its ``globals()``, with the names of the lines ``from x import y as y``.

    The lines are read at the first question, in a tenth of a millisecond, not at import.
    """
    modules: dict[str, str] = {}

    def public() -> dict[str, str]:
        if not modules:
            import re

            lines = package["__loader__"].get_data(package["__file__"]).decode()
            found = re.findall(r"^    from (\S+) import (\w+) as \2$", lines, re.MULTILINE)
            modules.update((name, module) for module, name in found)
        return modules

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return sorted(public())
        if name not in public():
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        found = package[name] = getattr(__import__(public()[name], fromlist=[name]), name)
        return found

    return __getattr__, lambda: sorted(public())
