"""One stack of the config: the manager's options, and what the stack around it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation, TypeAdapter, ValidationError, WithJsonSchema

from aks_communication_manager.config import forms
from aks_communication_manager.config.fields import ResourceGroupName, Text, Uuid, matching
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.lists import parse_all
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.references import KINDS, dereferenced, is_reference, variable_name
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.text import did_you_mean, quoted
from aks_communication_manager.tokens import VARIABLE_NAME


class TargetResourceGroup(Model):
    """The resource group that alert rules, action group and identity are made in."""

    takes_variables = ("name",)

    name: ResourceGroupName
    """The name of the resource group: 1 to 90 characters."""

    create: bool = False
    """Whether the resource group is made here. Default: it exists."""


def _resource_group(value: Any) -> Any:
    if isinstance(value, TargetResourceGroup):
        return value
    if isinstance(value, str):
        try:
            return TargetResourceGroup(name=value)
        except InvalidArgument as error:
            raise InvalidArgument(*(Mistake(e.code, (), e.problem, e.fix) for e in error.mistakes)) from None
    if not isinstance(value, Mapping):
        raise invalid(
            "ACM023", f"{shown((), value)} is not a resource group", "Write a name, or {name: …, create: true}."
        )
    return TargetResourceGroup(**value)


_AZURERM_BACKEND = str.split("""
    storage_account_name container_name key resource_group_name subscription_id tenant_id environment endpoint metadata_host
    access_key sas_token snapshot lookup_blob_endpoint use_azuread_auth use_cli use_msi msi_endpoint use_oidc
    use_aks_workload_identity client_id client_id_file_path client_secret client_secret_file_path client_certificate
    client_certificate_path client_certificate_password oidc_request_token oidc_request_url oidc_token oidc_token_file_path
    ado_pipeline_service_connection_id
""")
"""All arguments of Terraform's azurerm backend (1.15): it finds a typing error only at init."""

_BACKENDS = str.split("azurerm cloud consul cos gcs http kubernetes local oci oss pg remote s3")
"""Terraform's backends, and the ``cloud`` block."""

INSTEAD_OF_BACKEND = "Remove it, and give its value to terraform init with -backend-config, or in an environment variable of the backend."
INSTEAD_OF_PROVIDER = (
    "Write {variable: NAME}, or remove it and set azurerm's environment variable for it, such as ARM_CLIENT_SECRET."
)
"""What Terraform has for values that a config should not hold. A backend takes no variables."""

NO_BACKEND = FrozenMap[Any]()
"""Terraform JSON without a backend, for a pipeline that adds its own file."""


def _backend(value: Any) -> Any:
    if value is None or isinstance(value, FrozenMap):
        return value
    if value == "none":
        return NO_BACKEND
    if not isinstance(value, Mapping) or len(value) != 1:
        fix = "Write {<type>: {…}}, such as {azurerm: {storage_account_name: …}}, or none."
        raise invalid("ACM047", "is not one backend", fix)
    [kind] = value
    if kind not in _BACKENDS:
        raise invalid("ACM047", f"{quoted(kind)} is not a backend of Terraform", did_you_mean(str(kind), _BACKENDS))
    known = _AZURERM_BACKEND if kind == "azurerm" else None
    return FrozenMap(parse_all(value.items(), lambda _, given: passed_through(given, known, INSTEAD_OF_BACKEND, ())))


def passed_through(
    value: Any, known: Iterable[str] | None, instead: str, references: tuple[str, ...]
) -> FrozenMap[Any]:
    """A block of Terraform's own configuration. `known` are the arguments that it can have; `instead` is for other references."""
    if not isinstance(value, Mapping):
        raise invalid("ACM023", "is not a mapping", "Write keys and values: {key: value}")  # it may be a secret

    def argument(key: str, entry: Any) -> Any:
        if known is not None and key not in known:
            raise invalid("ACM021", "unknown key", did_you_mean(key, known))
        if isinstance(entry, str) and not entry.strip():
            raise invalid("ACM027", "is empty", "Write a text.")
        if is_reference(entry):
            if next(iter(entry)) not in references or key == "features":
                raise invalid("ACM055", f"{{{next(iter(entry))}: …}} cannot be used here", instead)
            return dereferenced(entry)
        if known is not None and key in _SWITCHES:
            try:
                return TypeAdapter(bool).validate_python(entry)
            except ValidationError:
                raise invalid(
                    "ACM024", f"{shown((), entry)} is neither true nor false", "Write true or false."
                ) from None
        if known is not None and key == "features" and not isinstance(entry, Mapping):
            raise invalid("ACM023", f"{shown((), entry)} is not a mapping", "Write features: {…}.")
        return _frozen(entry)

    return FrozenMap(parse_all(value.items(), argument))


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return FrozenMap({key: _frozen(entry) for key, entry in value.items()})
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list | tuple) else value


PROVIDER = str.split("""
    auxiliary_tenant_ids ado_pipeline_service_connection_id client_certificate client_certificate_password
    client_certificate_path client_id client_id_file_path client_secret client_secret_file_path
    disable_correlation_request_id disable_terraform_partner_id environment features metadata_host msi_api_version
    msi_endpoint oidc_request_token oidc_request_url oidc_token oidc_token_file_path partner_id
    resource_provider_registrations resource_providers_to_register skip_provider_registration storage_use_azuread
    tenant_id use_aks_workload_identity use_cli use_msi use_oidc
""")
"""The arguments of azurerm's provider block but for ``subscription_id``, which the stack has, and ``alias``."""

_SWITCHES = str.split("""
    disable_correlation_request_id disable_terraform_partner_id skip_provider_registration storage_use_azuread
    lookup_blob_endpoint snapshot use_aks_workload_identity use_azuread_auth use_cli use_msi use_oidc
""")
"""Those of them, and of the backend, that are true or false: Terraform takes neither ``yes`` nor ``1``."""


def _provider(value: Any) -> Any:
    if value is None or isinstance(value, FrozenMap):
        return value
    if value == "none":
        return None
    if isinstance(value, Mapping) and "subscription_id" in value:
        fix = "Set subscription_id of the stack instead."
        raise invalid("ACM021", "unknown key", fix, "subscription_id")
    return passed_through(value, PROVIDER, INSTEAD_OF_PROVIDER, ("variable",))


class Variable(Model):
    """What a Terraform variable says about itself. Raises `InvalidArgument`."""

    description: str | None = None
    """What the value is for."""

    default: str | None = Field(None, repr=False)
    """Used where nothing else is given; without it Terraform asks."""

    sensitive: bool | None = None
    """Whether Terraform hides the value; true for a variable that a secret is read from."""


def _variables(value: Any) -> Any:
    if isinstance(value, FrozenMap):
        return value
    if not isinstance(value, Mapping):
        raise invalid("ACM023", f"{shown((), value)} is not a mapping", "Write <name>: {description: …}.")

    def declared(name: str, entry: Any) -> Variable:
        variable_name(str(name))
        if not isinstance(entry, Mapping | Variable):
            raise invalid("ACM023", "is not a mapping", "Write {description: …}.")
        return entry if isinstance(entry, Variable) else Variable(**entry)

    return FrozenMap(parse_all(value.items(), declared))


_REFERENCE = {
    "type": "object",
    "properties": {kind: {} for kind in KINDS},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_ARGUMENT: forms.Form = {
    "type": ["string", "number", "boolean", "object", "array"],
    "pattern": r"\S",
    "not": _REFERENCE,
}


def _block(known: Iterable[str], *references: forms.Form) -> forms.Form:
    own: dict[str, forms.Form] = {name: {"anyOf": [forms.BOOLEAN, *references]} for name in _SWITCHES}
    own["features"] = {"type": "object", "additionalProperties": True, "not": _REFERENCE}
    every = {"type": "object", "additionalProperties": {"anyOf": [_ARGUMENT, *references]}}
    arguments = {name: own.get(name, {}) for name in known}
    return {"type": "object", "properties": arguments, "additionalProperties": False, "allOf": [every]}


_BACKEND = {
    "anyOf": [
        {"const": "none"},
        {
            "type": "object",
            "properties": {kind: {"type": "object", "additionalProperties": _ARGUMENT} for kind in _BACKENDS}
            | {"azurerm": _block(_AZURERM_BACKEND)},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ]
}
_PROVIDER_FORM = {"anyOf": [{"const": "none"}, _block(PROVIDER, forms.VARIABLE)]}
_CONSTRAINT = r"\s*(?:=|!=|>=?|<=?|~>)?\s*[0-9]+(?:\.[0-9]+){0,2}\s*"


class StackSettings(Options):
    """One stack of the config: the manager's options, and what the stack around it needs."""

    takes_variables = ("subscription_id", "location", "resource_group")

    subscription_id: Uuid = Field(examples=["11111111-1111-1111-1111-111111111111"])
    """The Azure subscription in which everything is made."""

    location: Text = Field(examples=["westeurope"])
    """The Azure region of alert rules and identity."""

    resource_group: Annotated[TargetResourceGroup, BeforeValidator(_resource_group)] = Field(
        examples=["rg-aks-notices"]
    )
    """The resource group in which everything is made: the name of an existing one, or ``{name: …, create: true}``."""

    backend: Annotated[FrozenMap[Any], SkipValidation, BeforeValidator(_backend), WithJsonSchema(_BACKEND)] | None = (
        Field(None, repr=False)
    )
    """Where Terraform keeps its state: ``{<type>: {…}}``, which may be partial, or ``none``. Default: a file beside the output."""

    provider: Annotated[
        FrozenMap[Any] | None, SkipValidation, BeforeValidator(_provider), WithJsonSchema(_PROVIDER_FORM)
    ] = Field(FrozenMap(), repr=False)
    """Arguments of azurerm's provider block, such as ``resource_provider_registrations``; or ``none`` for a module."""

    variables: Annotated[FrozenMap[Variable], SkipValidation, BeforeValidator(_variables)] = Field(
        FrozenMap(), json_schema_extra={"propertyNames": {"pattern": f"^{VARIABLE_NAME.pattern}$"}}
    )
    """What the Terraform variables that ``{variable: NAME}`` refers to say about themselves."""

    provider_version: (
        Annotated[
            str,
            matching(
                rf"{_CONSTRAINT}(?:,{_CONSTRAINT})*",
                "is not a version constraint of Terraform",
                'Write "~> 4.55", or ">= 4.55, < 6".',
                "ACM046",
                example="~> 4.55",
            ),
        ]
        | None
    ) = None
    """A version constraint for azurerm. Default: exactly the version of the bindings."""

    allow_other_subscriptions: bool = False
    """Whether scopes may be outside `subscription_id`."""
