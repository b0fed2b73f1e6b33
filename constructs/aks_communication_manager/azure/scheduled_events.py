"""Scheduled events from Azure Resource Graph.

Source: REST specification of Microsoft.ResourceGraph 2024-04-01; "Working with large Azure resource data sets".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.clusters import PREREQUISITES, Cluster
from aks_communication_manager.notices.record import TYPE, Record

API_VERSION = "2024-04-01"
_PATH = "/providers/Microsoft.ResourceGraph/resources"


def scheduled_events(arm: Arm, scopes: Sequence[ArmId]) -> list[Record]:
    """All scheduled events of the scopes that the login may read, the newest first."""
    query = f"containerserviceeventresources | where type =~ '{TYPE}' | where {_within(scopes)} | project id, name, properties"
    events = [Record(row) for row in _rows(arm, scopes, query, "Events")]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(events, key=lambda event: (event.time or oldest, event.name), reverse=True)


def explain_silence(arm: Arm, scopes: Sequence[ArmId]) -> str:
    """Why there is no event at all: no rights, no cluster, no channel, or nothing planned."""
    query = (
        "resources | where type =~ 'microsoft.containerservice/managedclusters' "
        f"| where {_within(scopes, clusters=True)} | project id, location, properties"
    )
    clusters = [Cluster.read(row) for row in _rows(arm, scopes, query, "Clusters")]
    if not clusters:
        return (
            "Azure Resource Graph shows this login no cluster in these scopes: there is none, or the login may not read "
            "them (the role Reader is enough)."
        )
    upgraded = [one for one in clusters if any(one.upgrades(notice) for notice in PREREQUISITES)]
    if not upgraded:
        count = "The cluster has" if len(clusters) == 1 else f"None of the {len(clusters):,} clusters has"
        none = "no auto-upgrade channel" if len(clusters) == 1 else "an auto-upgrade channel"
        return (
            f"{count} {none}, so Azure upgrades and announces nothing: `aks-communication-manager preflight` says more."
        )
    return (
        f"Nothing is planned for {'the cluster' if len(clusters) == 1 else f'the {len(clusters):,} clusters'}: Azure "
        "announces an upgrade a week before it starts, and deletes records of past ones after a while."
    )


def as_json(event: Record) -> dict[str, Any]:
    """An event in the output of ``events --json``."""
    return {
        "name": event.name,
        "cluster": event.cluster,
        "notices": list(event.notices),
        "status": event.status,
        "description": event.description,
        "time": _iso(event.time),
        "planned": _iso(event.planned),
    }


def _within(scopes: Iterable[ArmId], *, clusters: bool = False) -> str:
    """A condition on the id; the slash keeps prod from matching prod-2. ARM ids hold no quotes and no backslashes."""
    conditions = []
    for scope in scopes:
        if clusters and scope.kind == "cluster":
            conditions.append(f"id =~ '{scope}'")
        else:
            conditions.append(f"id startswith '{scope}/'")
    return " or ".join(conditions)


def _rows(arm: Arm, scopes: Iterable[ArmId], query: str, what: str) -> list[Json]:
    """Every row, a thousand in each answer."""
    body: Json = {"subscriptions": sorted({scope.subscription_id for scope in scopes}), "query": query}
    rows: list[Json] = []
    token = None
    while True:
        options = {"resultFormat": "objectArray", "$top": 1000, **({"$skipToken": token} if token else {})}
        answer = arm.post(_PATH, API_VERSION, {**body, "options": options})
        rows += answer.get("data") or []
        total = answer.get("totalRecords") or len(rows)
        arm.progress(f"{what}: {len(rows):,} of {total:,}")
        token = answer.get("$skipToken")
        if not token:
            return rows


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
