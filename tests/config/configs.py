"""Configs as text: one that is right, and the same with some keys of its stack in other words."""

from __future__ import annotations

import re
from textwrap import indent

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
MAIL = "{type: email, name: platform-team, email_address: platform@example.com}"

_BASE = {
    "subscription_id": SUBSCRIPTION,
    "location": "westeurope",
    "resource_group": "rg-aks-notices",
    "scopes": f"[{CLUSTER}]",
    "action_group": f"{{name: ag-aks-notices, short_name: aksnotices, receivers: [{MAIL}]}}",
}


def config(keys: str = "", *, without: str = "", name: str = "production") -> str:
    """A config of one stack, in which `keys` take the place of its own; `without` one of those it needs."""
    given = re.findall(r"^(\w+):", keys, re.MULTILINE)
    rest = "".join(f"{key}: {value}\n" for key, value in _BASE.items() if key not in {*given, without})
    return f"stacks:\n  {name}:\n{indent(rest + keys, '    ')}\n"


def group(**keys: str) -> str:
    """The key action_group, with these keys in other words; None leaves one out."""
    whole = {"name": "ag-aks-notices", "short_name": "aksnotices", "receivers": f"[{MAIL}]"} | keys
    return f"action_group: {{{', '.join(f'{key}: {value}' for key, value in whole.items() if value)}}}"


def receivers(*entries: str) -> str:
    """The key action_group with these receivers."""
    return group(receivers=f"[{', '.join(entries)}]")
