"""Read and write rows of ``containerserviceeventresources``. The reader agrees with the shipped queries.

Source: "AKS Communication Manager" and "Azure Resource Graph sample queries" in the AKS documentation. Microsoft has
published no record of a real upgrade, so the written ones are synthetic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from aks_communication_manager.arm.id_parts import name_of, resource_group_of, subscription_of
from aks_communication_manager.notices.catalog import ALIASES, NOTICES
from aks_communication_manager.notices.notice import Notice

TYPE = "microsoft.containerservice/managedclusters/scheduledevents"
UNKNOWN = "-"
"""Value of an unknown dimension: Azure documents nothing about empty ones."""

NOT_SET = "0001-01-01T00:00:00.0000000Z"
MOST_REASON = 200
"""Characters of a reason in a notification."""

_STAGED = [notice for notice in NOTICES.values() if notice.routed_by == "stages"]
_UPGRADES = [notice for notice in NOTICES.values() if notice.routed_by == "statuses"]
_CLUSTERS = "/providers/microsoft.containerservice/managedclusters/"
_SPELLINGS = {word.lower(): status for alias, status in ALIASES.items() for word in (alias, status)}
_ENDED_BADLY = ("failed", "canceled")
_SOME_YEAR = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?:(:\d\d)(?:(\.\d{1,6})\d*)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


@dataclass(frozen=True)
class Record:
    """One row of the table in one state. Reading a field never raises."""

    row: Mapping[str, Any] = field(hash=False)
    """The row's columns, `properties` as a bag."""

    visible_from: datetime = _BEFORE_ALL
    """Time at which Resource Graph first shows the row. Default: always visible."""

    visible_until: datetime | None = None
    """Time at which a later state of the row replaces it."""

    @property
    def id(self) -> str:
        return str(self.row.get("id") or "")

    @property
    def name(self) -> str:
        """The record's GUID, unique in the table."""
        return str(self.row.get("name") or name_of(self.id))

    @property
    def columns(self) -> Mapping[str, Any]:
        """The row, with the columns that Resource Graph derives from its id."""
        group = resource_group_of(self.id).lower()
        derived = {"subscriptionId": subscription_of(self.id), "resourceGroup": group} if group else {}
        return {**derived, **self.row}

    @property
    def cluster(self) -> str:
        """The ARM id of the cluster; empty where the record is not about one."""
        start = self.id.lower().find(_CLUSTERS) + len(_CLUSTERS)
        end = self.id.find("/", start)
        return self.id[:end] if start >= len(_CLUSTERS) and end > start else ""

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        bag = self.row.get("properties")
        return bag if isinstance(bag, Mapping) else {}

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """Notices that report the record: none for maintenance started by AKS itself, two if it names both families."""
        text = self._text("eventDetails").lower()
        if not any(notice.family.lower() in text for notice in _UPGRADES):
            text = as_text(self.properties).lower()
        upgrades = [notice.name for notice in _UPGRADES if self.status and notice.family.lower() in text]
        stage, source = self._text("description").lower(), self._text("eventSource").lower()
        return (*upgrades, *(notice.name for notice in _STAGED if stage and _reports(notice, stage, source)))

    @property
    def families(self) -> tuple[str, ...]:
        """Event types of `notices`, as in Azure's records."""
        return tuple(NOTICES[name].family for name in self.notices)

    @property
    def status(self) -> str:
        """Status as notifications spell it, or empty. End-of-support records also have a `stage`."""
        status = self._text("eventStatus")
        return _SPELLINGS.get(status.lower(), status)

    @property
    def stage(self) -> str:
        """Stage of an end-of-support record, empty for others."""
        return self.description if any(notice.name in self.notices for notice in _STAGED) else ""

    @property
    def stage_or_status(self) -> str:
        """Value of the notice's first dimension."""
        return self.stage or self.status

    @property
    def description(self) -> str:
        return self._text("description")

    @property
    def reason(self) -> str:
        """Reason for a failed or canceled upgrade: the first line of the details, or else of the description."""
        if self.status.lower() not in _ENDED_BADLY:
            return UNKNOWN
        lines = (re.split("[\n\r]", text, maxsplit=1)[0] for text in (self._details, self.description))
        return next((line[:MOST_REASON] for line in lines if line), UNKNOWN)

    @cached_property
    def time(self) -> datetime | None:
        """Time of the event: its last update, or else its start or its scheduled time."""
        return next((time for time in (self.updated, self.started, self.scheduled) if time), None)

    @property
    def updated(self) -> datetime | None:
        return self._time("lastUpdateTime")

    @property
    def started(self) -> datetime | None:
        return self._time("startTime")

    @property
    def scheduled(self) -> datetime | None:
        return self._time("scheduledTime")

    @property
    def planned(self) -> datetime | None:
        """The planned start: the later of the two times, because reports differ about which of them it is."""
        return max(filter(None, (self.scheduled, self.started)), default=None)

    @property
    def _details(self) -> str:
        """The details, JSON on one line."""
        text = self._text("eventDetails")
        try:
            return as_text(json.loads(text, parse_constant=_refuse)) or text
        except (ValueError, RecursionError):
            return text

    def _text(self, key: str) -> str:
        return as_text(self.properties.get(key))

    def _time(self, key: str) -> datetime | None:
        return read_time(self._text(key))


def _reports(notice: Notice, stage: str, source: str) -> bool:
    # Azure has been seen to misspell sources, so a known stage counts whatever its source.
    return source == notice.family.lower() or stage in (value.lower() for value in notice.values)


def read_time(text: str) -> datetime | None:
    """Parse a time of the table, with up to nine digits of a second; None if it is unset (year 1) or not a time.

    Without an offset it is UTC. Where the whole cannot be read, the first 27 characters count: 7 digits of a second.
    """
    for part in (text, text[:27]):
        match = _TIME.fullmatch(part.strip())
        if match:
            day, minute, second, fraction, zone = match.groups()
            clock = f"{minute or '00:00'}{second or ':00'}{fraction or ''}"
            try:
                time = datetime.fromisoformat(f"{day}T{clock}{zone or 'Z'}").astimezone(UTC)
            except (ValueError, OverflowError):
                return None
            return time if time >= _SOME_YEAR else None
    return None


def as_text(value: Any) -> str:
    """A value as KQL's ``tostring`` gives it: compact JSON for bags and lists, empty for null."""
    return "" if value is None else value if isinstance(value, str) else _json(value)


def stamp(time: datetime | None) -> str:
    """A time as the table writes it, with seven digits of a second."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}0Z" if time else NOT_SET


def write(
    cluster: str,
    notice: str,
    status: str,
    name: str,
    *,
    scheduled: datetime,
    started: datetime | None = None,
    updated: datetime | None = None,
    event_id: str = "",
    details: Any = None,
    visible_from: datetime = _BEFORE_ALL,
) -> Record:
    """Write a record as AKS does.

    `status`: of end-of-support the stage. `name`: the record's GUID. `event_id`: the same for all records of one
    maintenance; `name` where empty. `details`: `eventDetails`, by default the family's name. The published record of
    end-of-support has only `scheduled`, the day support ends; it gets the other times if they are given.
    """
    properties: dict[str, Any]
    family = NOTICES[notice].family
    if NOTICES[notice] in _STAGED:
        given = {"startTime": started, "lastUpdateTime": updated}
        properties = {
            "description": status,
            "eventSource": family,
            "eventStatus": "Scheduled",
            "eventDetails": details,
            "scheduledTime": stamp(scheduled),
            **{key: stamp(time) for key, time in given.items() if time},
        }
    else:
        properties = {
            "description": "Auto upgrade maintenance event.",
            "eventId": event_id or name,
            "eventSource": "AutoUpgrader",
            "eventStatus": status,
            "eventDetails": family if details is None else details,
            "scheduledTime": stamp(scheduled),
            "startTime": stamp(started),
            "lastUpdateTime": stamp(updated),
        }
    properties |= {"resources": [cluster], "resourceType": "ManagedCluster"}
    row = {"id": f"{cluster}/scheduledEvents/{name}", "name": name, "type": TYPE, "properties": properties}
    return Record(row, visible_from)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):  # digits or levels beyond what JSON of Azure has
        return ""


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
