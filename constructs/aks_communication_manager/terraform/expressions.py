"""Scopes that only Terraform will know, taken apart by Terraform functions."""

from __future__ import annotations

import re

from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.kql import queries
from aks_communication_manager.plan.planner import Scope
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
    if not is_token(text):
        return text
    return str(Tokenization.resolve(text, scope=scope, preparing=True, resolver=DefaultTokenResolver(StringConcat())))


def address(text: str, scope: Construct) -> str:
    """What construct ids call a token, such as ``azurerm_kubernetes_cluster.prod.id``; other text as it is."""
    return _EXPRESSION.sub("", resolved(text, scope))


_EXPRESSION = re.compile(r"[$%&#]\{|\}")


def token_scope(text: str, scope: Construct) -> Scope:
    """A token as the cluster that it stands for.

    `regex` makes the plan fail where it turns out to be something else: a rule over many clusters would not say which.
    """
    parts = Fn.split("/", text)

    def first(count: int) -> str:
        return Token.as_string(Fn.join("/", Token.as_list(Fn.slice(parts, 0, count))))

    key = address(text, scope)
    return Scope(
        text=text,
        key=key,
        label=key,
        kind="cluster",
        subscription_id=Token.as_string(Fn.element(parts, 2)),
        resource_group=Token.as_string(Fn.element(parts, 4)),
        cluster=Token.as_string(Fn.element(Fn.regex("(?i)/managedClusters/([^/]+)$", text), 0)),
        arm=None,
        readers=(first(5), first(3)),
    )


def quote(text: str) -> str:
    """A KQL string literal: of a token by Terraform, whose JSON strings KQL reads as its own."""
    return Token.as_string(Fn.jsonencode(text)) if is_token(text) else queries.quote(text)
