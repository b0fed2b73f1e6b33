"""``preflight``: check Azure before an apply."""

from __future__ import annotations

from aks_communication_manager.cli import shared_options


def preflight(
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
    timeout: shared_options.Timeout = shared_options.DEFAULT_TIMEOUT,
) -> None:
    """Ask Azure, before an apply, for what the config needs.

    Checks that scopes exist, upgrade channels and maintenance windows against the notices, supported Kubernetes versions,
    resource providers, what the login may write, names that are taken, e-mail addresses to verify, and room for role
    assignments. Changes nothing.
    Exit status 1 where anything is wrong (✗), 2 where Azure cannot be asked.

    \b
    Examples:
      aks-communication-manager preflight
      aks-communication-manager preflight --stack production --json
    """
    from aks_communication_manager.azure.readiness import preflight as check
    from aks_communication_manager.cli.findings_table import report

    report(check, config, stack, json, timeout)
