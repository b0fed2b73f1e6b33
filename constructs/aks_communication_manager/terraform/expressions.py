"""The border to Terraform's expressions: what tokens resolve to, and scopes that only Terraform will know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.strings import find_strings
from aks_communication_manager.terraform.bindings import Construct, cdktf
from aks_communication_manager.tokens import is_token


def resolved(text: str, scope: Construct) -> str:
    """The text as this stack's Terraform will have it, with addresses for tokens.

    Each read of an attribute gives another token, so tokens are compared by what they resolve to. `preparing` makes the
    reference to another stack's resource the one that is written in this stack.
    """
    return str(
        cdktf.Tokenization.resolve(
            text, scope=scope, preparing=True, resolver=cdktf.DefaultTokenResolver(cdktf.StringConcat())
        )
    )


def addresses(value: object, scope: Construct) -> dict[str, str]:
    """What each token within the arguments resolves to, such as ``${azurerm_kubernetes_cluster.prod.id}``."""
    return {
        text: resolved(text, scope) for text in {found.text: None for found in find_strings(value)} if is_token(text)
    }


def with_scopes(values: Any, scope: Any) -> Any:
    """The argument `scopes` with a `Scope` for each token of a cluster's id; anything else as it is."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values
    return [
        Scope.unknown(value, resolved(value, scope)) if isinstance(value, str) and is_token(value) else value
        for value in values
    ]
