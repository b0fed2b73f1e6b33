"""A config for commands to read, and how a command ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.cli.cli_support import Outcome
from tests.stand_in.samples import CLUSTER, SUBSCRIPTION


@dataclass(frozen=True)
class Ran(Outcome):
    """How a command ended."""

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def write(folder: Path, **stacks: dict[str, Any]) -> None:
    default = {
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": "rg-aks-notices",
        "scopes": [CLUSTER],
        "evaluation_frequency": "PT15M",
        "action_group": {
            "name": "ag-aks-notices",
            "short_name": "aksnotices",
            "receivers": [{"type": "email", "name": "platform-team", "email_address": "platform@example.com"}],
        },
    }
    document = {"stacks": {name: default | keys for name, keys in stacks.items()}}
    (folder / "communication-manager.yaml").write_text(yaml.safe_dump(document))


def ago(**span: float) -> str:
    """A time of the table, that long ago."""
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%S.0000000Z}"
