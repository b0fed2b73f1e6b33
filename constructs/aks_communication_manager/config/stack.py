"""One stack of the config: the manager's options, and what the stack around it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation

from aks_communication_manager.config.fields import ResourceGroupName, Text, Uuid, matching
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import Model, Reported
from aks_communication_manager.config.options import Options
from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid, quoted


class TargetResourceGroup(Model):
    """The resource group that alert rules, action group and identity are made in."""

    name: ResourceGroupName
    """1 to 90 characters."""

    create: bool = False
    """Whether it is made here; else it exists."""


def _resource_group(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return TargetResourceGroup(name=value)
        except InvalidArgument as error:
            raise InvalidArgument(*(Mistake(e.code, (), e.problem, e.fix) for e in error.mistakes)) from None
    return TargetResourceGroup(**value) if isinstance(value, Mapping) else value


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
"""All arguments of Terraform's azurerm backend (1.15): it finds a typing error only at init."""


def _backend(value: Any) -> Any:
    if not isinstance(value, Mapping) or isinstance(value, FrozenMap):
        return value
    if list(value) != ["azurerm"]:
        what = quoted(", ".join(map(str, value))) if value else "an empty mapping"
        raise invalid(
            "ACM047",
            f"{what} is not a supported backend",
            "Write azurerm: {storage_account_name: …, container_name: …, key: …}, or remove `backend` for local state.",
        )
    given = value["azurerm"]
    if not isinstance(given, Mapping):
        if given is Reported:
            raise InvalidArgument()
        fix = "Write {storage_account_name: …, container_name: …, key: …}."
        raise invalid("ACM023", "is not a mapping", fix, "azurerm")
    mistakes = [
        Mistake("ACM020", ("azurerm", key), "missing", "Write it.") for key in BACKEND_NEEDS if key not in given
    ]
    for key, entry in given.items():
        path = ("azurerm", key)
        if key not in _BACKEND_KEYS:
            mistakes.append(Mistake("ACM021", path, "unknown key", did_you_mean(str(key), _BACKEND_KEYS)))
        elif not isinstance(entry, str):
            if entry is not Reported:
                mistakes.append(Mistake("ACM024", path, "is not a single value", "Write a text."))
        elif not entry.strip():
            mistakes.append(Mistake("ACM027", path, "is empty", "Write a text."))
    if mistakes or Reported in given.values():
        raise InvalidArgument(*mistakes)
    return FrozenMap({"azurerm": FrozenMap(given)})


_CONSTRAINT = r"\s*(?:=|!=|>=?|<=?|~>)?\s*[0-9]+(?:\.[0-9]+){0,2}\s*"


class StackSettings(Options):
    """One stack of the config: the manager's options, and what the stack around it needs."""

    subscription_id: Uuid = Field(examples=["11111111-1111-1111-1111-111111111111"])
    location: Text = Field(examples=["westeurope"])
    resource_group: Annotated[TargetResourceGroup, BeforeValidator(_resource_group)] = Field(
        examples=["rg-aks-notices"]
    )
    backend: Annotated[FrozenMap[FrozenMap[str]], SkipValidation, BeforeValidator(_backend)] | None = None
    provider_version: (
        Annotated[
            str,
            matching(
                rf"{_CONSTRAINT}(?:,{_CONSTRAINT})*",
                "is not a version constraint of Terraform",
                'Write "~> 4.55", or ">= 4.55, < 6".',
                "ACM046",
            ),
        ]
        | None
    ) = None
    allow_other_subscriptions: bool = False
