"""Terraform's documents: ``cdk.tf.json`` and other ``.tf.json`` files, and ``terraform show -json`` of a plan or a state.

Formats: Terraform documentation, "JSON Configuration Syntax" and "JSON Output Format".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from aks_communication_manager.errors import invalid
from aks_communication_manager.rehearse import terraform_rules
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.terraform_rules import INDEX, TYPES, TerraformResource
from aks_communication_manager.rehearse.terraform_values import Block
from aks_communication_manager.text import format_path

_FIX = "Name a cdk.tf.json, or the output of terraform show -json for a plan or a state."
_PROBLEMS = {
    "missing": "missing",
    "model_type": "not an object",
    "dict_type": "not an object",
    "list_type": "not a list",
    "string_type": "not text",
}
_SURROGATES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<alone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


class _Planned(BaseModel):
    """A resource of a plan or a state."""

    address: str
    type: str
    mode: str = "managed"
    values: dict[str, Any] | None = None


class _Module(BaseModel):
    address: str = ""
    resources: list[_Planned] = []
    child_modules: list[_Module] = []


class _Root(BaseModel):
    root_module: _Module = _Module()


class _Configured(BaseModel):
    """A resource of a plan's configuration."""

    address: str
    provider_config_key: str = "azurerm"
    expressions: dict[str, Any] = {}


class _ConfiguredModule(BaseModel):
    resources: list[_Configured] = []
    module_calls: dict[str, _Call] = {}


class _Call(BaseModel):
    module: _ConfiguredModule = Field(default_factory=lambda: _ConfiguredModule())


class _Configuration(BaseModel):
    provider_config: dict[str, Any] = {}
    root_module: _ConfiguredModule = Field(default_factory=lambda: _ConfiguredModule())


class _Change(BaseModel):
    after_unknown: Any = None


class _ResourceChange(BaseModel):
    address: str
    change: _Change


class _Plan(BaseModel):
    planned_values: _Root
    configuration: _Configuration = _Configuration()
    resource_changes: list[_ResourceChange] = []


class _State(BaseModel):
    values: _Root


def read(file: Path) -> Deployment:
    """Read the rules of one file. Raises `InvalidArgument` for a file that is not Terraform's JSON."""
    text = ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        # Terraform's own JSON decoder, that of Go, replaces halves of surrogate pairs too.
        document = json.loads(_SURROGATES.sub(lambda match: "\\ufffd" if match["alone"] else match[0], text))
    except OSError as error:
        raise invalid("ACM161", f"{file}: {error.strerror}", _FIX) from None
    except (ValueError, RecursionError) as error:
        fix = "A plan file has to go through terraform show -json first."
        if "{" in text and not text.startswith("{"):
            fix += " Lines or prefixes of a wrapper have to go: terraform_wrapper: false in setup-terraform."
        raise invalid("ACM161", f"{file}: not JSON: {error}", fix) from None
    stack = file.parent.name if file.name == "cdk.tf.json" else file.name.removesuffix(".json").removesuffix(".tf")
    return parse(document, stack, str(file))


def parse(document: Any, stack: str, source: str = "the document") -> Deployment:
    """Read the rules of a parsed document. A stack name in cdktf's metadata overrides `stack`.

    Raises `InvalidArgument` for any other document. Rules with unusable values are in `not_evaluated`.
    """
    match document:
        case {"//": {"metadata": {"stackName": str(name)}}}:
            stack = name
    try:
        return terraform_rules.deployment(stack, list(_resources(document, source)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = _PROBLEMS.get(first["type"], first["msg"])
        raise invalid("ACM161", f"{source}: {format_path(first['loc'])}: {problem}", _FIX) from None


def _resources(document: Any, source: str) -> Iterator[TerraformResource]:
    match document:
        case {"planned_values": _}:
            plan = _Plan.model_validate(document)
            unknown = {one.address: one.change.after_unknown for one in plan.resource_changes}
            subscriptions = _subscriptions(plan.configuration)
            yield from _of_module(
                plan.planned_values.root_module, plan.configuration.root_module, unknown, subscriptions
            )
        case {"values": _}:
            yield from _of_module(_State.model_validate(document).values.root_module, _ConfiguredModule(), {}, {})
        case {"resource": _} | {"provider": _} | {"terraform": _}:
            yield from _of_configuration(document, source)
        case {"format_version": str()}:
            return
        case _:
            raise invalid(
                "ACM161",
                f"{source}: neither Terraform's JSON configuration nor the output of terraform show -json",
                _FIX,
            )


def _of_configuration(document: Mapping[str, Any], source: str) -> Iterator[TerraformResource]:
    subscriptions: dict[str, str] = {}
    for provider in _objects(document.get("provider"), ("provider",), source):
        for azurerm in _objects(provider.get("azurerm"), ("provider", "azurerm"), source):
            alias, subscription = azurerm.get("alias"), azurerm.get("subscription_id")
            if isinstance(subscription, str) and "${" not in subscription:
                subscriptions[f"azurerm.{alias}" if alias else "azurerm"] = subscription
    for types in _objects(document.get("resource"), ("resource",), source):
        for type_ in TYPES.keys() & types.keys():
            for names in _objects(types[type_], ("resource", type_), source):
                for name, bodies in names.items():
                    for values in _objects(bodies, ("resource", type_, name), source):
                        key = str(values.get("provider", "azurerm")).strip("${}")
                        body = Block(values, True)
                        yield TerraformResource(type_, f"{type_}.{name}", body, subscriptions.get(key, ""))


def _of_module(
    module: _Module, configuration: _ConfiguredModule, unknown: Mapping[str, Any], subscriptions: Mapping[str, str]
) -> Iterator[TerraformResource]:
    configured = {one.address: one for one in configuration.resources}
    for one in module.resources:
        if one.mode == "managed" and one.type in TYPES:
            in_module = INDEX.sub("", one.address.removeprefix(f"{module.address}."))
            written = configured.get(in_module, _Configured(address=one.address))
            body = Block(one.values or {}, False, written.expressions, unknown.get(one.address))
            subscription = subscriptions.get(written.provider_config_key.rpartition(":")[2], "")
            yield TerraformResource(one.type, one.address, body, subscription)
    for child in module.child_modules:
        call = configuration.module_calls.get(INDEX.sub("", child.address).rpartition("module.")[2], _Call())
        yield from _of_module(child, call.module, unknown, subscriptions)


def _subscriptions(configuration: _Configuration) -> Mapping[str, str]:
    """Literal subscription ids of provider blocks, by provider key."""
    found = {}
    for key, provider in configuration.provider_config.items():
        match provider:
            case {"expressions": {"subscription_id": {"constant_value": str(value)}}}:
                found[key] = value
    return found


def _objects(value: Any, path: tuple[str, ...], source: str) -> Sequence[Mapping[str, Any]]:
    """Normalize an object or a list of objects to a list; both are valid in Terraform's JSON."""
    found: Sequence[Any] = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, Mapping) for one in found):
        raise invalid("ACM161", f"{source}: {format_path(path)}: not an object", _FIX)
    return found
