"""Substitute values for tokens, also within the expressions that this package writes around them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from aks_communication_manager.errors import invalid
from aks_communication_manager.text import quoted


def with_values(documents: Sequence[Any], values: Mapping[str, str]) -> list[Any]:
    """Substitute the values of addresses in Terraform JSON, such as ``var.cluster`` or ``azurerm_kubernetes_cluster.prod.id``.

    Other expressions remain. Raises `InvalidArgument` for an address that no document contains.
    """
    for token, value in values.items():
        address = token.removeprefix("${").removesuffix("}")
        if not isinstance(value, str):
            fix = "Write the text that Terraform would put in its place, such as an ARM id."
            raise invalid("ACM165", f"resolve: the value of {quoted(address)} is not a text", fix)
        found = [_replaced(document, address, value) for document in documents]
        if found == list(documents):
            fix = "Pass a token that the program uses, such as cluster.id, or var.<name> for a variable of a config."
            raise invalid("ACM165", f"resolve: {quoted(address)} is nowhere in the Terraform JSON", fix)
        documents = found
    return list(documents)


def _replaced(node: Any, address: str, value: str) -> Any:
    if isinstance(node, Mapping):
        return {key: inner if key == "//" else _replaced(inner, address, value) for key, inner in node.items()}
    if isinstance(node, list):
        return [_replaced(inner, address, value) for inner in node]
    return _evaluated(node, address, value) if isinstance(node, str) and address in node else node


def _evaluated(text: str, address: str, value: str) -> str:
    """Substitute the value, alone and in the functions written by `arm.scope` and the planner."""
    parts = value.split("/")
    name = re.search("(?i)/managedClusters/([^/]+)$", value)
    where = re.escape(address)
    text = text.replace(f'${{jsonencode("${{{address}}}/")}}', json.dumps(f"{value}/"))
    text = text.replace(f"${{jsonencode({address})}}", json.dumps(value))
    if name:
        text = text.replace(f'${{element(regex("(?i)/managedClusters/([^/]+)$", {address}), 0)}}', name[1])
    text = re.sub(
        rf'\$\{{element\(split\("/", {where}\), (\d+)\)\}}', lambda match: parts[int(match[1]) % len(parts)], text
    )
    text = re.sub(
        rf'\$\{{join\("/", slice\(split\("/", {where}\), 0, (\d+)\)\)\}}',
        lambda match: "/".join(parts[: int(match[1])]),
        text,
    )
    return text.replace(f"${{{address}}}", value)
