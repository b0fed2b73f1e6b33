"""The border to Terraform's expressions: what tokens resolve to, and scopes that only Terraform will know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aks_communication_manager.config.model import texts
from aks_communication_manager.domain.scope import Scope
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.terraform.bindings import (
    Construct,
    DefaultTokenResolver,
    Fn,
    StringConcat,
    Token,
    Tokenization,
)


def resolved(text: str, scope: Construct) -> str:
    """The text as this stack's Terraform will have it, with addresses for tokens.

    Each read of an attribute gives another token, so tokens are compared by what they resolve to. `preparing` makes the
    reference to another stack's resource the one that is written in this stack.
    """
    return str(Tokenization.resolve(text, scope=scope, preparing=True, resolver=DefaultTokenResolver(StringConcat())))


def addresses(value: object, scope: Construct) -> dict[str, str]:
    """What each token within the arguments resolves to, such as ``${azurerm_kubernetes_cluster.prod.id}``."""
    return {text: resolved(text, scope) for text in {found.text: None for found in texts(value)} if is_token(text)}


def with_scopes(values: Any, scope: Any) -> Any:
    """The argument `scopes` with a `Scope` for each token of a cluster's id; anything else as it is."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values
    return [_token_scope(value, scope) if is_token(value) and isinstance(value, str) else value for value in values]


def _token_scope(text: str, scope: Construct) -> Scope:
    """A token as the cluster that it is taken for.

    `regex` makes the plan fail where it turns out to be something else: a rule over many clusters would not say which.
    """
    parts = Fn.split("/", text)

    def first(count: int) -> str:
        return Token.as_string(Fn.join("/", Token.as_list(Fn.slice(parts, 0, count))))

    address = _EXPRESSION.sub("", resolved(text, scope))
    return Scope(
        text=text,
        key=address,
        label=address,
        kind="cluster",
        subscription_id=Token.as_string(Fn.element(parts, 2)),
        resource_group=Token.as_string(Fn.element(parts, 4)),
        cluster=Token.as_string(Fn.element(Fn.regex("(?i)/managedClusters/([^/]+)$", text), 0)),
        arm=None,
        readers=(first(5), first(3)),
        # Terraform's JSON strings are KQL string literals.
        literals=(Token.as_string(Fn.jsonencode(text)), Token.as_string(Fn.jsonencode(f"{text}/"))),
    )


_EXPRESSION = re.compile(r"[$%&#]\{|\}")
