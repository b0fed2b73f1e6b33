"""The config file: read whole, checked whole, turned into one frozen object for each stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from aks_communication_manager import made
from aks_communication_manager.arm_id import ArmId
from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mistake, did_you_mean, invalid, quoted
from aks_communication_manager.fields import ResourceGroupName, Text, Uuid, matching
from aks_communication_manager.model import Model, Values
from aks_communication_manager.options import Options
from aks_communication_manager.plan import Scope, plan
from aks_communication_manager.tokens import is_list_token, is_token
from aks_communication_manager.yaml_file import Absent, read

STACK_NAME = re.compile(r"[A-Za-z0-9_-]+")


class TargetResourceGroup(Model):
    """The resource group that alert rules, action group and identity are made in."""

    name: ResourceGroupName
    create: bool = False
    """Whether it is made here; else it exists."""


def _resource_group(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return TargetResourceGroup(name=value)
        except InvalidArgument as error:
            raise InvalidArgument(*(Mistake("", each.problem, each.fix) for each in error.mistakes)) from None
    if isinstance(value, Mapping):
        return TargetResourceGroup(**value)
    return value


_BACKEND_NEEDS = ("storage_account_name", "container_name", "key")


def _backend(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if list(value) != ["azurerm"]:
        raise invalid(
            f"{quoted(', '.join(map(str, value)))} is not a backend known here",
            "Write azurerm: {storage_account_name: …, container_name: …, key: …}, or leave backend out for local state.",
        )
    given = value["azurerm"]
    if not isinstance(given, Mapping):
        raise invalid("is not a mapping", "Write {storage_account_name: …, container_name: …, key: …}.", "azurerm")
    absent = [Mistake(f"azurerm.{key}", "missing", "Write it.") for key in _BACKEND_NEEDS if key not in given]
    nested = [
        Mistake(f"azurerm.{key}", "is not a single value", "Write a text.")
        for key, entry in given.items()
        if not isinstance(entry, str)
    ]
    if absent or nested:
        raise InvalidArgument(*absent, *nested)
    return value


class StackSettings(Options):
    """One stack of the config: the manager's options, and what the stack around it needs."""

    subscription_id: Uuid = Field(examples=["11111111-1111-1111-1111-111111111111"])
    location: Text = Field(examples=["westeurope"])
    resource_group: Annotated[TargetResourceGroup, BeforeValidator(_resource_group)] = Field(
        examples=["rg-aks-notices"]
    )
    backend: Annotated[dict[str, dict[str, str]] | None, BeforeValidator(_backend)] = None
    provider_version: (
        Annotated[
            str,
            matching(
                r"\s*(?:[=!<>~]=?|~>)?\s*\d+(?:\.\d+){0,2}(?:\s*,\s*(?:[=!<>~]=?|~>)?\s*\d+(?:\.\d+){0,2})*\s*",
                "is not a version constraint of Terraform",
                'Write "~> 4.55", or ">= 4.55, < 6".',
            ),
        ]
        | None
    ) = None
    allow_other_subscriptions: bool = False

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """Those of the options, and scopes that lie in another subscription."""
        yield from super().relations(valid)
        if valid.get("allow_other_subscriptions", True) or not {"scopes", "subscription_id"} <= valid.keys():
            return
        for index, text in enumerate(valid["scopes"]):
            arm = ArmId.parse(text)
            if arm.subscription_id.lower() != valid["subscription_id"]:
                yield Mistake(
                    f"scopes[{index}]",
                    f"{quoted(text)} is in another subscription than the stack, {valid['subscription_id']}",
                    "Mend the id, or say allow_other_subscriptions: true.",
                )


def load(path: Path) -> dict[str, StackSettings]:
    """The stacks of a config file, by name, in its order. Raises `InvalidConfig` with every mistake in it."""
    document, mistakes = read(path)
    absent = {mistake.path for mistake in mistakes}
    found = [*mistakes, *_reserved(document)]
    stacks: dict[str, StackSettings] = {}
    found += _outline(document, absent)
    defaults = _mapping(document.get("defaults"))
    own = {name: entry for name, entry in _mapping(document.get("stacks")).items() if isinstance(entry, Mapping)}
    for name, entry in own.items():
        values = {key: value for key, value in {**defaults, **entry}.items() if value is not Absent}
        _find_files(values, path.parent)
        try:
            stacks[name] = StackSettings(**values)
        except InvalidArgument as error:
            for mistake in error.mistakes:
                key = re.split(r"[.\[]", mistake.path, maxsplit=1)[0]
                parent = "defaults" if key in defaults and key not in entry else f"stacks.{name}"
                placed = mistake.under(parent)
                if not (mistake.problem == "missing" and placed.path in absent):
                    found.append(placed)
    if len(stacks) == len(own):
        found += _planned(stacks)
    if found:
        raise InvalidConfig(str(path), *dict.fromkeys(found))
    return stacks


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _outline(document: Mapping[str, Any], absent: set[str]) -> Iterable[Mistake]:
    for key in document:
        if key not in ("defaults", "stacks"):
            yield Mistake(key, "unknown key", did_you_mean(key, ("defaults", "stacks")))
    stacks = document.get("stacks")
    if not stacks:
        if "stacks" not in absent:
            yield Mistake("stacks", "missing", "Write stacks: and below it one entry for each stack.")
        return
    for key in ("defaults", "stacks"):
        value = document.get(key, {})
        if value is not Absent and not isinstance(value, Mapping):
            yield Mistake(key, "is not a mapping", "Write keys and values: {key: value}")
    first: dict[str, str] = {}
    for name, entry in _mapping(stacks).items():
        path = f"stacks.{name}"
        if entry is not Absent and not isinstance(entry, Mapping):
            yield Mistake(path, "is not a mapping", "Write keys and values: {key: value}")
        if not STACK_NAME.fullmatch(name):
            yield Mistake(
                path, f"{quoted(name)} cannot be a stack's name: it becomes a folder", "Letters, digits, - and _ only."
            )
        if first.setdefault(name.lower(), name) != name:
            yield Mistake(
                path,
                f"{quoted(first[name.lower()])} is a stack already, and on some systems {quoted(name)} is the same folder",
                "Give it a name that differs in more than letter case.",
            )


def _reserved(value: Any, path: str = "") -> Iterable[Mistake]:
    """CDK for Terraform takes these for its own, wherever they stand."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            inner = f"{path}.{key}" if path else key
            if is_token(key):
                yield Mistake(
                    path, "a key holds ${TfToken[, which CDK for Terraform takes for its own", "Leave it out."
                )
            yield from _reserved(entry, inner)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _reserved(entry, f"{path}[{index}]")
    elif is_token(value) or is_list_token(value):
        yield Mistake(path, "holds TfToken[, which CDK for Terraform takes for its own", "Leave it out.")


def _find_files(values: dict[str, Any], folder: Path) -> None:
    """Query files are named relative to the config."""
    files = values.get("queries")
    if isinstance(files, Mapping):
        values["queries"] = {
            notice: str(folder / file) if isinstance(file, str) else file for notice, file in files.items()
        }


def _planned(stacks: Mapping[str, StackSettings]) -> Iterable[Mistake]:
    """What only the finished plans show: queries that are too long, and what two stacks would both make."""
    before: dict[made.Key, str] = {}
    for name, settings in stacks.items():
        path = f"stacks.{name}"
        planned = plan(
            settings, [Scope.literal(text) for text in settings.scopes], subscription_id=settings.subscription_id
        )
        yield from (mistake.under(path) for mistake in planned.mistakes)
        group = settings.resource_group
        things = list(made.names(planned, settings, group.name, settings.subscription_id))
        if group.create:
            things.append(
                (
                    ("resource group", settings.subscription_id, group.name.lower()),
                    f"the resource group {quoted(group.name)}",
                    "Say create: true in one of them only.",
                )
            )
        yield from (mistake.under(path) for mistake in made.twice(things, before, path))
