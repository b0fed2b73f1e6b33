"""The border to Terraform's expressions: what tokens resolve to, and scopes that only Terraform will know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.strings import find_strings
from aks_communication_manager.config.watched_scope import WatchedScope
from aks_communication_manager.tokens import is_token

Resolve = Callable[[str], str]
"""A text with tokens to the same text with addresses."""


def addresses(value: object, resolve: Resolve) -> dict[str, str]:
    """What each token within the arguments resolves to, such as ``${azurerm_kubernetes_cluster.prod.id}``."""
    return {text: resolve(text) for text in {found.text: None for found in find_strings(value)} if is_token(text)}


def with_scopes(values: Any, resolve: Resolve) -> Any:
    """The argument `scopes` with a `Scope` for each token of a cluster's id; anything else as it is."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values

    def known(value: Any) -> Any:
        return Scope.unknown(value, resolve(value)) if isinstance(value, str) and is_token(value) else value

    return [
        {"id": known(value.id), "notices": value.notices} if isinstance(value, WatchedScope) else known(value)
        for value in values
    ]
