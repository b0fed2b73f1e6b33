"""``schema``: the JSON Schema of the config."""

from __future__ import annotations

from aks_communication_manager.cli.terminal import print_json


def schema() -> None:
    """Print the JSON Schema of the config, for editors.

    \b
    Example:
      aks-communication-manager schema > communication-manager.schema.json
    """
    from aks_communication_manager.config.json_schema import config_schema

    print_json(config_schema())
