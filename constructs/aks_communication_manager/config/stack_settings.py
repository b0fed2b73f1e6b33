"""Settings of a stack: the manager's options, and those of the stack around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation

from aks_communication_manager.config.fields import ResourceGroupName, Text, Uuid
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.model import Model, parse_all
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.references import variable_name
from aks_communication_manager.config.terraform_blocks import Backend, Provider, ProviderVersion
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.tokens import VARIABLE_NAME


class TargetResourceGroup(Model):
    """The resource group of alert rules, action group and identity."""

    takes_variables = ("name",)

    name: ResourceGroupName
    """The name of the resource group: 1 to 90 characters."""

    create: bool = False
    """Whether the stack creates the resource group. Default: it exists."""


def _resource_group(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return TargetResourceGroup(name=value)
        except InvalidArgument as error:
            raise InvalidArgument(*(Mistake(e.code, (), e.problem, e.fix) for e in error.mistakes)) from None
    return TargetResourceGroup.parse(value, "is not a resource group", "Write a name, or {name: …, create: true}.")


class Variable(Model):
    """The declaration of a Terraform variable. Raises `InvalidArgument`."""

    description: str | None = Field(None, examples=["The webhook of the team's chat"])
    """The purpose of the value."""

    default: str | None = Field(None, examples=["https://example.com/hooks/aks"], repr=False)
    """The value if no other is given; without it Terraform asks."""

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


class StackSettings(Options):
    """One stack of the config: the manager's options, and settings of the stack around it."""

    takes_variables = ("subscription_id", "location", "resource_group")

    subscription_id: Uuid = Field(examples=["11111111-1111-1111-1111-111111111111"])
    """The Azure subscription of all resources."""

    location: Text = Field(examples=["westeurope"])
    """The Azure region of alert rules and identity."""

    resource_group: Annotated[TargetResourceGroup, BeforeValidator(_resource_group)] = Field(
        examples=["rg-aks-notices"]
    )
    """The resource group of all resources: the name of an existing one, or ``{name: …, create: true}``."""

    backend: Backend | None = Field(
        None,
        examples=[
            {"azurerm": {"storage_account_name": "stterraform", "container_name": "tfstate", "key": "notices.tfstate"}}
        ],
        repr=False,
    )
    """Where Terraform keeps its state: ``{<type>: {…}}``, which may be partial, or ``none``. Default: a file beside the output."""

    provider: Provider = Field(FrozenMap(), examples=[{"resource_provider_registrations": "none"}], repr=False)
    """Arguments of azurerm's provider block, such as ``resource_provider_registrations``; or ``none`` for a module."""

    variables: Annotated[FrozenMap[Variable], SkipValidation, BeforeValidator(_variables)] = Field(
        FrozenMap(),
        examples=[{"chat_webhook": {"description": "The webhook of the team's chat", "sensitive": True}}],
        json_schema_extra={"propertyNames": {"pattern": f"^{VARIABLE_NAME.pattern}$"}},
    )
    """Declarations of the Terraform variables that ``{variable: NAME}`` refers to."""

    provider_version: ProviderVersion | None = None
    """A version constraint for azurerm. Default: exactly the version of the bindings."""

    allow_other_subscriptions: bool = False
    """Whether scopes may be outside `subscription_id`."""
