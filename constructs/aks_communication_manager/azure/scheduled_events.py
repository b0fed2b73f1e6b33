"""Scheduled events from Azure Resource Graph.

Source: REST specification of Microsoft.ResourceGraph 2024-04-01; "Working with large Azure resource data sets".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.answers import EventRow, ManagedCluster
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.clusters import is_stopped, upgrades
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.record import TYPE, Record
from aks_communication_manager.text import printable


def scheduled_events(arm: Arm, scopes: Sequence[ArmId]) -> list[Record]:
    """Read the scheduled events of the scopes, newest first. Scopes the login may not read have none."""
    query = f"containerserviceeventresources | where type =~ '{TYPE}' | where {_within(scopes)} | project id, name, properties"
    subscriptions = {scope.subscription_id for scope in scopes}
    events = [Record(row.model_dump()) for row in arm.query(query, subscriptions, EventRow, "Events")]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(events, key=lambda event: (event.time or oldest, event.name), reverse=True)


def explain_silence(arm: Arm, scopes: Sequence[ArmId]) -> str:
    """Explain an empty list of events: no access, no cluster, no upgrade channel, or nothing planned."""
    query = (
        "resources | where type =~ 'microsoft.containerservice/managedclusters' "
        f"| where {_within(scopes, clusters=True)} | project id, location, properties"
    )
    clusters = arm.query(query, {scope.subscription_id for scope in scopes}, ManagedCluster, "Clusters")
    if not clusters:
        return (
            "Azure Resource Graph shows this login no cluster in these scopes: there is none, or the login may not read "
            "them (the role Reader is enough)."
        )
    upgraded = [
        cluster
        for cluster in clusters
        if any(notice.prerequisite and upgrades(cluster, notice) for notice in NOTICES.values())
    ]
    if not upgraded:
        count = "The cluster has" if len(clusters) == 1 else f"None of the {len(clusters):,} clusters has"
        none = "no auto-upgrade channel" if len(clusters) == 1 else "an auto-upgrade channel"
        return f"{count} {none}, so Azure announces nothing: `aks-communication-manager preflight` says more."
    if all(map(is_stopped, upgraded)):
        return "Every cluster with an auto-upgrade channel is stopped: nothing is planned for one before it runs again."
    return (
        f"Nothing is planned for {'the cluster' if len(clusters) == 1 else f'the {len(clusters):,} clusters'}: Azure "
        "announces an upgrade a week before it starts, and deletes records of past ones after a while."
    )


def as_json(event: Record) -> dict[str, Any]:
    """Format an event for ``events --json``, with control characters escaped."""
    return {
        "name": printable(event.name),
        "cluster": printable(event.cluster),
        "notices": list(event.notices),
        "status": printable(event.status),
        "description": printable(event.description),
        "time": _iso(event.time),
        "planned": _iso(event.planned),
    }


def _within(scopes: Iterable[ArmId], *, clusters: bool = False) -> str:
    """KQL condition on the id. The slash keeps prod from matching prod-2; ARM ids contain neither quotes nor backslashes."""
    conditions = []
    for scope in scopes:
        if clusters and scope.kind == "cluster":
            conditions.append(f"id =~ '{scope}'")
        else:
            conditions.append(f"id startswith '{scope}/'")
    return " or ".join(conditions)


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
