"""References to values in the environment, in a file, or in a Terraform variable.

``{env: NAME}`` and ``{file: PATH}`` are read when the config is; ``{variable: NAME}`` becomes ``var.NAME``, so that the value is
in neither the config nor the Terraform JSON.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from aks_communication_manager.errors import invalid
from aks_communication_manager.text import did_you_mean, quoted
from aks_communication_manager.tokens import RESERVED, VARIABLE_NAME, variable

FILE_MAX = 1_000_000
"""Characters. Azure takes queries of 64 KB; a file without an end, such as /dev/zero, must not fill the memory."""

KINDS = ("env", "file", "variable")


def is_reference(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value is a reference, well-formed or not."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS


def dereferenced(value: Any, *, only_variables: bool = False) -> Any:
    """Resolve a reference; any other value is returned unchanged. Raises `InvalidArgument` if there is no value."""
    if not is_reference(value):
        return value
    [(kind, name)] = value.items()
    if not isinstance(name, str) or not name:
        raise invalid("ACM055", f"{{{kind}: …}} needs a name", f"Write {{{kind}: NAME}}.")
    if kind == "variable":
        return variable(variable_name(name))
    if only_variables:
        raise invalid(
            "ACM055",
            f"{{{kind}: …}} is for values that can be secret",
            "Write the value, or {variable: NAME} for a Terraform variable.",
        )
    return _from_environment(name) if kind == "env" else _from_file(name)


def variable_name(name: str) -> str:
    """Validate the name of a Terraform variable. Raises `InvalidArgument`."""
    problem = f"{quoted(name)} cannot be the name of a Terraform variable"
    if name in RESERVED:
        raise invalid("ACM055", f"{problem}: Terraform reserves it", "Choose another name.")
    if not VARIABLE_NAME.fullmatch(name):
        raise invalid("ACM055", problem, "Letters, digits, - and _, starting with a letter or _.")
    return name


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        near = did_you_mean(name, os.environ) if name.upper() in os.environ else ""
        problem = f"the environment variable {quoted(name)} is {'not set' if value is None else 'empty'}"
        how = f" (export {name}=…)" if name.isidentifier() else ""
        fix = f"Set it where the program runs{how}, or write {{variable: NAME}} for a value that Terraform is given."
        raise invalid("ACM055", problem, near or fix)
    return value


def _from_file(name: str) -> str:
    text = file_text(name, "ACM055", "Use the path of a file.").strip()
    if not text:
        raise invalid("ACM055", f"{quoted(name)} is empty", "Write the value into it.")
    return text


def file_text(file: str | Path, code: str, fix: str) -> str:
    """Read a file of at most `FILE_MAX` characters. Raises `InvalidArgument`."""
    try:
        with Path(file).open(encoding="utf-8-sig") as opened:
            text = opened.read(FILE_MAX + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise invalid(code, f"{quoted(file)} cannot be read: {why}", fix) from None
    if len(text) > FILE_MAX:
        raise invalid(code, f"{quoted(file)} cannot be read: it has more than {FILE_MAX:,} characters", fix)
    return text
