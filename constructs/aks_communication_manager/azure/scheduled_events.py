"""Scheduled events from Azure Resource Graph, read as the alert rules' queries read them.

Source: REST specification of Microsoft.ResourceGraph 2024-04-01; "Working with large Azure resource data sets".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.clusters import PREREQUISITES, Cluster
from aks_communication_manager.notices.catalog import ALIASES, NOTICES

API_VERSION = "2024-04-01"
_PATH = "/providers/Microsoft.ResourceGraph/resources"
_TYPE = "microsoft.containerservice/managedclusters/scheduledevents"


@dataclass(frozen=True, slots=True)
class Event:
    """One record of the table."""

    name: str
    """The record's name, a GUID."""
    cluster: ArmId
    notices: tuple[str, ...]
    """The families that watch it; none for maintenance that AKS starts itself."""
    status: str
    description: str
    time: datetime | None
    """When the status came about: what decides in which evaluation of a rule it falls."""
    planned: datetime | None
    """The planned start: the later of the two times that Azure may mean by it."""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "cluster": str(self.cluster),
            "notices": list(self.notices),
            "status": self.status,
            "description": self.description,
            "time": _iso(self.time),
            "planned": _iso(self.planned),
        }


def scheduled_events(arm: Arm, scopes: Sequence[ArmId]) -> list[Event]:
    """All scheduled events of the scopes that the login may read, the newest first."""
    query = f"containerserviceeventresources | where type =~ '{_TYPE}' | where {_within(scopes)} | project id, name, properties"
    events = [read_event(row) for row in _rows(arm, scopes, query, "Events")]
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


def read_event(row: Json) -> Event:
    """A row of the table. Whatever a field holds, the row is not lost."""
    bag = row.get("properties")
    bag = bag if isinstance(bag, dict) else {}
    status = str(bag.get("eventStatus") or "")
    started, planned = (read_time(bag.get(key)) for key in ("startTime", "scheduledTime"))
    return Event(
        name=str(row.get("name", "")),
        cluster=ArmId.parse(row["id"].rpartition("/scheduledEvents/")[0] or row["id"].rsplit("/", 2)[0]),
        notices=_notices(bag),
        status=ALIASES.get(status, status),
        description=str(bag.get("description") or ""),
        time=read_time(bag.get("lastUpdateTime")) or started or planned,
        planned=max(filter(None, (started, planned)), default=None),
    )


def read_time(value: Any) -> datetime | None:
    """Azure writes up to nine digits of a second, and year 1 for "not set"."""
    text = str(value or "")
    if text.startswith("0001-"):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _notices(bag: Json) -> tuple[str, ...]:
    """As the shipped queries decide: by source or stage, by the details, or else by anything in the record."""
    end = NOTICES["end-of-support"]
    stages = [value.lower() for value in end.values]
    source, description = str(bag.get("eventSource") or ""), str(bag.get("description") or "")
    if source.lower() == end.family.lower() or description.lower() in stages:
        return (end.name,)
    upgrades = [notice for notice in NOTICES.values() if notice is not end]
    details = _text(bag.get("eventDetails"))
    for text in (details, _text(bag)):
        if found := tuple(notice.name for notice in upgrades if notice.family.lower() in text.lower()):
            return found
    return ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""


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
