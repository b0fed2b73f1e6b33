"""Entries of `scopes`: an id, or an id with notices of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation, WithJsonSchema

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import forms
from aks_communication_manager.config.fields import scope
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.references import is_reference
from aks_communication_manager.config.words import NoticeNames
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.tokens import is_token, written_expressions


def _id(value: Any) -> Any:
    # Only the construct can resolve a token of its program.
    return value if is_token(value) and not written_expressions(value) else scope(value)


def _not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise invalid(
            "ACM027", "is empty: the scope would be watched for nothing", "Add a notice, or remove the scope."
        )
    return value


class WatchedScope(Model):
    """A scope with notices of its own, which replace those of the manager. Raises `InvalidArgument`."""

    id: Annotated[Scope | str, SkipValidation, BeforeValidator(_id), WithJsonSchema(forms.WATCHED)] = Field(
        examples=[forms.EXAMPLE_CLUSTER]
    )
    """The ARM id of a cluster, a resource group or a subscription, or a token for the id of a cluster."""

    notices: Annotated[NoticeNames, AfterValidator(_not_empty)] = Field(
        examples=[["end-of-support"]], json_schema_extra={"minItems": 1}
    )
    """The notices of this scope."""


def watched_scope(value: Any) -> Scope:
    """Parse an entry of `scopes`. Raises `InvalidArgument`."""
    if isinstance(value, Mapping) and not is_reference(value):
        try:
            value = WatchedScope(**value)
        except InvalidArgument as error:
            raise InvalidArgument(*error.mistakes) from None  # half an entry is no scope that checks could compare
    if isinstance(value, WatchedScope):
        return replace(scope(value.id), notices=value.notices)
    return scope(value)
