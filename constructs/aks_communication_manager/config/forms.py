"""JSON Schemas of single values, as an editor sees them before the models convert them.

To the loader every YAML scalar is text, to an editor ``0612345678`` is a number and ``yes`` may be a boolean: so a text is any
scalar here, and its pattern applies to strings only. Patterns are common to Python and ECMAScript (with its flag ``u``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from aks_communication_manager.arm import durations, ids
from aks_communication_manager.tokens import VARIABLE_NAME, is_token

Form = dict[str, Any]
"""A part of a JSON Schema."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A check of a value and the form of valid values. Tokens pass: only Terraform knows them."""

    check: Callable[[Any], Any]
    form: Form

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def checked(value: Any) -> Any:
            return value if is_token(value) else self.check(value)

        return core_schema.no_info_after_validator_function(checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Form:
        return dict(self.form)


def text(pattern: str = "", **keywords: Any) -> Form:
    """A scalar; a string has to match the whole pattern."""
    return {"type": ["string", "number", "boolean"], **({"pattern": f"^(?:{pattern})$"} if pattern else {}), **keywords}


def string(pattern: str, **keywords: Any) -> Form:
    """A text that cannot be a number or a boolean."""
    return text(pattern, **keywords) | {"type": "string"}


def any_case(word: str) -> str:
    """A pattern for the word in any letter case."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else f"\\{c}" if c in "./" else c for c in word)


def word(words: Iterable[str], spelled: Iterable[str] = ()) -> Form:
    """One of these words in any letter case. Editors propose those that are `spelled`, or all."""
    words = list(words)
    return {"anyOf": [{"enum": list(spelled) or words}, string("|".join(map(any_case, words)))]}


_SPELLINGS = ("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0")
BOOLEAN: Form = {
    "anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, string("|".join(any_case(word) for word in _SPELLINGS))]
}
"""The spellings that pydantic accepts."""


def listed(items: Form, **keywords: Any) -> Form:
    """A list without duplicates."""
    return {"type": "array", "items": items, "uniqueItems": True, **keywords}


EXAMPLE_UUID = "11111111-1111-1111-1111-111111111111"

# Azure takes letters of all scripts, which the two kinds of patterns write differently: so this says what is not allowed.
_GROUP = r"[^\x00-'*-,\/:-@\[-^`{-\x7f]"
_SUBSCRIPTION = f"{any_case('/subscriptions/')}{ids.UUID.pattern}"
_RESOURCE_GROUP = f"{_SUBSCRIPTION}{any_case('/resourceGroups/')}(?!{_GROUP}*\\.(?:\\/|$)){_GROUP}{{1,90}}"
_CLUSTER = f"{any_case('/providers/Microsoft.ContainerService/managedClusters/')}{ids.CLUSTER.pattern}"
_SCOPE = f"(?:{_SUBSCRIPTION}|{_RESOURCE_GROUP}(?:{_CLUSTER})?)"
_EXAMPLE_GROUP = f"/subscriptions/{EXAMPLE_UUID}/resourceGroups/rg-aks"

EXAMPLE_CLUSTER = f"{_EXAMPLE_GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
SCOPE = string(_SCOPE, examples=[EXAMPLE_CLUSTER])


def _reference(kind: str, name: Form) -> Form:
    """``{env: NAME}``."""
    return {"type": "object", "properties": {kind: name}, "required": [kind], "additionalProperties": False}


VARIABLE = _reference(
    "variable", text(VARIABLE_NAME.pattern, description="The name of a Terraform variable.", examples=["chat_webhook"])
)
REFERENCE: Form = {
    "description": "A reference to the value: an environment variable, a file, or a Terraform variable.",
    "anyOf": [
        _reference(
            "env", text(minLength=1, description="The name of an environment variable.", examples=["CHAT_WEBHOOK"])
        ),
        _reference(
            "file",
            text(minLength=1, description="The path of a file, relative to this one.", examples=["chat-webhook.txt"]),
        ),
        VARIABLE,
    ],
}
WATCHED: Form = {"anyOf": [SCOPE, VARIABLE]}
ROLE_ASSIGNMENT = string(
    f"{_SCOPE}{any_case('/providers/Microsoft.Authorization/roleAssignments/')}{ids.UUID.pattern}",
    examples=[f"{_EXAMPLE_GROUP}/providers/Microsoft.Authorization/roleAssignments/{EXAMPLE_UUID}"],
)


def resource(type_: str) -> Form:
    """The ARM id of a resource of one type."""
    return string(
        f"{_RESOURCE_GROUP}{any_case(f'/providers/{type_}/')}{ids.RESOURCE.pattern}",
        examples=[f"{_EXAMPLE_GROUP}/providers/{type_}/example"],
    )


DURATION = string(durations.PATTERN, examples=["PT15M"])
