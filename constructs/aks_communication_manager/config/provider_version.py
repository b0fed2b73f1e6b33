"""Version constraints of azurerm."""

from __future__ import annotations

import operator
import re

from aks_communication_manager.config.forms import Checked, text
from aks_communication_manager.errors import invalid
from aks_communication_manager.text import quoted

OLDEST = (4, 0, 0)
"""The first major version for which the Terraform JSON is written. In azurerm 3, arguments of the provider differ."""

_PART = r"\s*(=|!=|>=?|<=?|~>)?\s*([0-9]+(?:\.[0-9]+){0,2})\s*"
_CONSTRAINT = f"{_PART}(?:,{_PART})*".replace("(=|", "(?:=|").replace("([0-9]", "(?:[0-9]")
_COMPARED = {"": operator.eq, "=": operator.eq, "!=": operator.ne, ">": operator.gt}
_COMPARED |= {">=": operator.ge, "<": operator.lt, "<=": operator.le}

_LENGTH_MAX = 200

_Version = tuple[int, ...]


def _check(value: str) -> str:
    fix = 'Write "~> 4.55", or ">= 4.55, < 6".'
    if len(value) > _LENGTH_MAX or not re.fullmatch(_CONSTRAINT, value):
        raise invalid("ACM046", f"{quoted(value)} is not a version constraint of Terraform", fix)
    parts = [(sign, tuple(map(int, version.split(".")))) for sign, version in re.findall(_PART, value)]
    # A constraint changes only at the versions it names: testing these and the next patch versions is enough.
    edges = [OLDEST, *(_whole(version) for _, version in parts)]
    above = range(len(parts) + 1)
    candidates = [(*edge[:2], edge[2] + more) for edge in edges for more in above if edge >= OLDEST]
    if not any(all(_takes(sign, version, candidate) for sign, version in parts) for candidate in candidates):
        raise invalid("ACM069", f"{quoted(value)} takes no version of azurerm from 4.0 on", fix)
    return value


def _whole(version: _Version) -> _Version:
    return (*version, 0, 0)[:3]


def _takes(sign: str, version: _Version, candidate: _Version) -> bool:
    if sign == "~>":  # all but the last number that is written stay
        fixed = max(len(version) - 1, 1)
        return candidate >= _whole(version) and candidate[:fixed] == version[:fixed]
    return bool(_COMPARED[sign](candidate, _whole(version)))


ProviderVersion = Checked(_check, text(_CONSTRAINT, maxLength=_LENGTH_MAX, examples=["~> 4.55"]))
