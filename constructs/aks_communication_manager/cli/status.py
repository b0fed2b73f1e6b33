"""``status``: check the deployed resources after an apply."""

from __future__ import annotations

from aks_communication_manager.cli import shared_options


def status(
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
    timeout: shared_options.Timeout = shared_options.DEFAULT_TIMEOUT,
) -> None:
    """Ask Azure, after an apply, whether the alerts are alive.

    Checks that rules exist, are enabled and healthy and have the config's query, that their identities may read what they
    watch, that action groups have a receiver that is enabled, and that no processing rule swallows alerts that fire.
    Changes nothing. Exit status 1 where anything is wrong (✗), 2 where Azure cannot be asked.

    \b
    Examples:
      aks-communication-manager status
      aks-communication-manager status --stack production --json
    """
    from aks_communication_manager.azure.liveness import status as check
    from aks_communication_manager.cli.findings_table import report

    report(check, config, stack, json, timeout)
