"""The config file: read whole, checked whole, turned into one frozen object for each stack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from aks_communication_manager.checks.relations import too_many_rules
from aks_communication_manager.config.fields import ResourceGroupName, Text, Uuid, matching
from aks_communication_manager.config.identity import RULES_PER_IDENTITY
from aks_communication_manager.config.model import Model, Values, shown
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.yaml_file import read
from aks_communication_manager.domain.arm_id import ArmId
from aks_communication_manager.domain.tokens import is_list_token, is_token
from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mistake, did_you_mean, invalid, quoted
from aks_communication_manager.plan import uniqueness as made
from aks_communication_manager.plan.planner import (
    ASSIGNMENTS_MAX,
    Scope,
    assignments,
    near_the_limit,
    plan,
    too_many_assignments,
)

STACK_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])")
"""Names of devices on Windows, where no folder can have them."""


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


BACKEND_NEEDS = ("storage_account_name", "container_name", "key")
_BACKEND_KEYS = (
    *BACKEND_NEEDS,
    *("resource_group_name", "subscription_id", "tenant_id", "environment", "endpoint", "metadata_host"),
    *("access_key", "sas_token", "snapshot", "lookup_blob_endpoint"),
    *("use_azuread_auth", "use_cli", "use_msi", "msi_endpoint", "use_oidc", "use_aks_workload_identity"),
    *("client_id", "client_id_file_path", "client_secret", "client_secret_file_path"),
    *("client_certificate", "client_certificate_path", "client_certificate_password"),
    *("oidc_request_token", "oidc_request_url", "oidc_token", "oidc_token_file_path"),
    "ado_pipeline_service_connection_id",
)
"""All arguments of Terraform's azurerm backend (1.15): it finds a slip only at init."""


def _backend(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if list(value) != ["azurerm"]:
        what = quoted(", ".join(map(str, value))) if value else "an empty mapping"
        raise invalid(
            f"{what} is not a backend known here",
            "Write azurerm: {storage_account_name: …, container_name: …, key: …}, or leave backend out for local state.",
        )
    given = value["azurerm"]
    if not isinstance(given, Mapping):
        raise invalid("is not a mapping", "Write {storage_account_name: …, container_name: …, key: …}.", "azurerm")
    mistakes = [Mistake(f"azurerm.{key}", "missing", "Write it.") for key in BACKEND_NEEDS if key not in given]
    for key, entry in given.items():
        if key not in _BACKEND_KEYS:
            mistakes.append(Mistake(f"azurerm.{key}", "unknown key", did_you_mean(str(key), _BACKEND_KEYS)))
        elif not isinstance(entry, str):
            mistakes.append(Mistake(f"azurerm.{key}", "is not a single value", "Write a text."))
        elif not entry.strip():
            mistakes.append(Mistake(f"azurerm.{key}", "is empty", "Write a text."))
    if mistakes:
        raise InvalidArgument(*mistakes)
    return value


_CONSTRAINT = r"\s*(?:=|!=|>=?|<=?|~>)?\s*[0-9]+(?:\.[0-9]+){0,2}\s*"


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
                rf"{_CONSTRAINT}(?:,{_CONSTRAINT})*",
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
            if is_token(text):
                continue
            arm = ArmId.parse(text)
            if arm.subscription_id.lower() != valid["subscription_id"]:
                yield Mistake(
                    f"scopes[{index}]",
                    f"{quoted(text)} is in another subscription than the stack, {valid['subscription_id']}",
                    "Mend the id, or say allow_other_subscriptions: true.",
                )


def load(path: Path, note: Callable[[str], object] = lambda text: None) -> dict[str, StackSettings]:
    """The stacks of a config file, by name, in its order. Raises `InvalidConfig` with every mistake in it.

    `note` is called with what is no mistake yet, but worth knowing.
    """
    document, mistakes = read(path)
    absent = {mistake.path for mistake in mistakes}
    defaults = _mapping(document.get("defaults"))
    own = {name: entry for name, entry in _mapping(document.get("stacks")).items() if isinstance(entry, Mapping)}
    found = [*_outline(document), *_reserved(document)]
    stacks: dict[str, StackSettings] = {}

    def placed(name: str, mistakes: Iterable[Mistake]) -> Iterable[Mistake]:
        for mistake in mistakes:
            key = re.split(r"[.\[]", mistake.path, maxsplit=1)[0]
            from_defaults = key not in own[name] and (key in defaults or f"defaults.{key}" in absent)
            yield mistake.under("defaults" if from_defaults else f"stacks.{name}")

    for name, entry in own.items():
        values = {**defaults, **entry}
        _find_files(values, path.parent)
        try:
            stacks[name] = StackSettings(**values)
        except InvalidArgument as error:
            found += placed(name, error.mistakes)
    for key, value in defaults.items():
        if all(key in entry for entry in own.values()):  # which nobody has checked
            found += _of_default(key, value, path.parent)
    found += _planned(stacks, placed, note)
    # Of what has no value, that is all there is to say.
    found = [*mistakes, *(mistake for mistake in found if not _follows(mistake.path, absent))]
    if found:
        raise InvalidConfig(str(path), *dict.fromkeys(found))
    return stacks


def _of_default(key: str, value: Any, folder: Path) -> Iterable[Mistake]:
    """What is wrong with a default that every stack replaces."""
    values = {key: value}
    _find_files(values, folder)
    try:
        StackSettings(**values)
    except InvalidArgument as error:
        for mistake in error.mistakes:
            if re.split(r"[.\[]", mistake.path, maxsplit=1)[0] == key:
                yield mistake.under("defaults")


def _follows(path: str, absent: set[str]) -> bool:
    return any(other == path or other.startswith((f"{path}.", f"{path}[")) for other in absent)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


_NOT_A_MAPPING = ("is not a mapping", "Write keys and values: {key: value}")


def _outline(document: Mapping[str, Any]) -> Iterable[Mistake]:
    for key in document:
        if key not in ("defaults", "stacks"):
            yield Mistake(key, "unknown key", did_you_mean(key, ("defaults", "stacks")))
    stacks = document.get("stacks", {})
    for key in ("defaults", "stacks"):
        if not isinstance(value := document.get(key, {}), Mapping):
            yield Mistake(key, f"{shown(key, value)} {_NOT_A_MAPPING[0]}", _NOT_A_MAPPING[1])
    if stacks == {}:
        problem = "there is none" if "stacks" in document else "missing"
        yield Mistake("stacks", problem, "Write stacks: and below it one entry for each stack.")
    first: dict[str, str] = {}
    for name, entry in _mapping(stacks).items():
        path = f"stacks.{name}"
        if not isinstance(entry, Mapping):
            yield Mistake(path, f"{shown(name, entry)} {_NOT_A_MAPPING[0]}", _NOT_A_MAPPING[1])
        if not STACK_NAME.fullmatch(name):
            yield Mistake(
                path,
                f"{quoted(name)} cannot be a stack's name: it becomes a folder",
                "1 to 200 letters (a to z), digits, - and _.",
            )
        if _RESERVED.fullmatch(name):
            yield Mistake(
                path, f"{quoted(name)} cannot be a stack's name: Windows has no such folders", "Choose another name."
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
                    path, "a key holds ${TfToken[, which CDK for Terraform takes for its own", "Leave it out there."
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
            notice: str(folder / file) if isinstance(file, str) and file else file for notice, file in files.items()
        }


def _planned(
    stacks: Mapping[str, StackSettings],
    placed: Callable[[str, Iterable[Mistake]], Iterable[Mistake]],
    note: Callable[[str], object],
) -> Iterable[Mistake]:
    """What only the finished plans show: queries that are too long, and what several stacks make together."""
    before: dict[made.Key, str] = {}
    rules: Counter[str] = Counter()
    readers: Counter[str] = Counter()
    for name, settings in stacks.items():
        path = f"stacks.{name}"
        planned = plan(
            settings, [Scope.literal(text) for text in settings.scopes], subscription_id=settings.subscription_id
        )
        yield from placed(name, planned.mistakes)
        own = assignments(planned.rules, settings)
        readers += own
        if max(own.values(), default=0) <= ASSIGNMENTS_MAX:  # else it is told already
            with_others = {subscription: readers[subscription] for subscription in own}
            yield from placed(name, too_many_assignments(with_others, ", with those of the stacks before"))
        if settings.identity.kind == "existing":
            identity = str(settings.identity.id).lower()
            others, rules[identity] = rules[identity], rules[identity] + len(planned.rules)
            if others and len(planned.rules) <= RULES_PER_IDENTITY < rules[identity]:
                yield too_many_rules(rules[identity], "with those of the stacks before").under(path)
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
    for text in near_the_limit(readers):
        note(text)
