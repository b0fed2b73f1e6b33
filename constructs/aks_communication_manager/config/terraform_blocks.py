"""Terraform's own settings: the state's backend, azurerm's provider and its version.

Arguments of blocks pass through, and Terraform checks them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, SkipValidation, TypeAdapter, ValidationError, WithJsonSchema

from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.config.forms import BOOLEAN, VARIABLE, Checked, Form, text
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import parse_all
from aks_communication_manager.config.references import KINDS, dereferenced, is_reference
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.text import did_you_mean, quoted

INSTEAD_OF_BACKEND = "Remove it, and give its value to terraform init with -backend-config, or in an environment variable of the backend."
INSTEAD_OF_PROVIDER = (
    "Write {variable: NAME}, or remove it and set azurerm's environment variable for it, such as ARM_CLIENT_SECRET."
)
"""Other ways to give Terraform a secret. A backend takes no variables."""

_BACKENDS = str.split("azurerm cloud consul cos gcs http kubernetes local oci oss pg remote s3")
"""Terraform's backends, and the ``cloud`` block."""

_NAME = "[A-Za-z_][A-Za-z0-9_-]*"

_BOOLEAN = r"(?:storage_)?use_\w+|disable_\w+|skip_\w+|snapshot|lookup_blob_endpoint"
"""Arguments of azurerm's provider and backend that are true or false: Terraform takes neither ``yes`` nor ``1``."""


def _backend(value: Any) -> FrozenMap[Any]:
    """Parse a backend; ``none`` becomes an empty mapping, for pipelines that add a backend of their own."""
    if isinstance(value, FrozenMap):
        return value
    if value == "none":
        return FrozenMap()
    if not isinstance(value, Mapping) or len(value) != 1:
        raise invalid("ACM047", "is not one backend", _ONE_BACKEND)
    [(kind, given)] = value.items()
    if kind not in _BACKENDS:
        fix = did_you_mean(str(kind), _BACKENDS) if isinstance(given, Mapping) else _ONE_BACKEND
        raise invalid("ACM047", f"{quoted(kind)} is not a backend of Terraform", fix)
    return FrozenMap(parse_all(value.items(), lambda _, given: _block(given, azurerm=kind == "azurerm")))


_ONE_BACKEND = "Write {<type>: {…}}, such as {azurerm: {storage_account_name: …}}, or none."


def _provider(value: Any) -> FrozenMap[Any] | None:
    """Parse the provider's arguments; ``none`` becomes None, for a module without a provider block."""
    if value is None or isinstance(value, FrozenMap):
        return value
    if value == "none":
        return None
    for key, fix in _MISPLACED.items():
        if isinstance(value, Mapping) and key in value:
            raise invalid("ACM021", "unknown key", fix, key)
    return _block(value, azurerm=True, variables=True)


_MISPLACED = {
    "subscription_id": "Set subscription_id of the stack instead.",
    "azurerm": "Write its arguments directly below `provider`.",
    "alias": "Remove it: the stack has one provider.",
}


def _block(value: Any, *, azurerm: bool, variables: bool = False) -> FrozenMap[Any]:
    if not isinstance(value, Mapping):
        raise invalid("ACM023", "is not a mapping", "Write keys and values: {key: value}")  # it may be a secret

    def argument(key: str, entry: Any) -> Any:
        if not re.fullmatch(_NAME, key):
            raise invalid("ACM021", "is not the name of an argument", "Letters, digits, - and _.")
        if isinstance(entry, str) and not entry.strip():
            raise invalid("ACM027", "is empty", "Write a text.")
        if is_reference(entry):
            if not variables or "variable" not in entry or key == "features":
                instead = INSTEAD_OF_PROVIDER if variables else INSTEAD_OF_BACKEND
                raise invalid("ACM055", f"{{{next(iter(entry))}: …}} cannot be used here", instead)
            return dereferenced(entry)
        if azurerm and re.fullmatch(_BOOLEAN, key):
            try:
                return TypeAdapter(bool).validate_python(entry)
            except ValidationError:
                problem = f"{shown((), entry)} is neither true nor false"
                raise invalid("ACM024", problem, "Write true or false.") from None
        if azurerm and key == "features" and not isinstance(entry, Mapping):
            raise invalid("ACM023", f"{shown((), entry)} is not a mapping", "Write features: {…}.")
        return _frozen(entry)

    return FrozenMap(parse_all(value.items(), argument))


def _frozen(value: Any) -> Any:
    if value is INVALID:
        raise InvalidArgument()  # its mistake is reported already
    if isinstance(value, Mapping):
        return FrozenMap({key: _frozen(entry) for key, entry in value.items()})
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list | tuple) else value


_REFERENCE = {
    "type": "object",
    "properties": {kind: {} for kind in KINDS},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_ARGUMENT: Form = {
    "type": ["string", "number", "boolean", "object", "array"],
    "pattern": r"\S",
    "not": _REFERENCE,
}


def _arguments(*references: Form, azurerm: bool = True) -> Form:
    own = {
        "properties": {"features": {"type": "object", "additionalProperties": True, "not": _REFERENCE}},
        "patternProperties": {f"^(?:{_BOOLEAN})$": {"anyOf": [BOOLEAN, *references]}},
    }
    return {
        "type": "object",
        **(own if azurerm else {}),
        "additionalProperties": {"anyOf": [_ARGUMENT, *references]},
        "propertyNames": {"pattern": f"^{_NAME}$"},
    }


_BACKEND_FORM = {
    "anyOf": [
        {"const": "none"},
        {
            "type": "object",
            "properties": {kind: _arguments(azurerm=kind == "azurerm") for kind in _BACKENDS},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ]
}
_PROVIDER_FORM = {
    "anyOf": [{"const": "none"}, {"allOf": [_arguments(VARIABLE), {"propertyNames": {"not": {"enum": [*_MISPLACED]}}}]}]
}

Backend = Annotated[FrozenMap[Any], SkipValidation, BeforeValidator(_backend), WithJsonSchema(_BACKEND_FORM)]
Provider = Annotated[FrozenMap[Any] | None, SkipValidation, BeforeValidator(_provider), WithJsonSchema(_PROVIDER_FORM)]

OLDEST = (4, 0, 0)
"""The first major version for which the Terraform JSON is written. In azurerm 3, arguments of the provider differ."""

_PART = r"\s*(=|!=|>=?|<=?|~>)?\s*([0-9]+(?:\.[0-9]+){0,2})\s*"
_CONSTRAINT = f"{_PART}(?:,{_PART})*".replace("(=|", "(?:=|").replace("([0-9]", "(?:[0-9]")
_COMPARED = {"": operator.eq, "=": operator.eq, "!=": operator.ne, ">": operator.gt}
_COMPARED |= {">=": operator.ge, "<": operator.lt, "<=": operator.le}

_LENGTH_MAX = 200

_Version = tuple[int, ...]


def _version(value: str) -> str:
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


ProviderVersion = Annotated[str, Checked(_version, text(_CONSTRAINT, maxLength=_LENGTH_MAX, examples=["~> 4.55"]))]
