"""Records of the table ``containerserviceeventresources``, and when Resource Graph shows them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from aks_communication_manager.arm.id_parts import name_of, resource_group_of, subscription_of
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.text import quoted

TYPE = "microsoft.containerservice/managedclusters/scheduledevents"

FAMILIES = {notice.family: notice.markers for notice in NOTICES.values()}
"""What names a family of events, in a record or in the filter of a query; in lower case."""

_CLUSTER = re.compile(
    r"(?P<cluster>/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.containerservice/managedclusters/[^/]+)/.+",
    re.IGNORECASE,
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Record:
    """One row of the table in one state: what a query sees between two moments."""

    row: Mapping[str, Any] = field(hash=False)
    """What is known of it, `properties` as a bag."""

    visible_from: datetime
    visible_until: datetime | None = None
    """When a later state of the same row took its place."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """The row, with the columns that Resource Graph derives from its id."""
        group = resource_group_of(self.id).lower()
        derived = {"subscriptionId": subscription_of(self.id), "resourceGroup": group} if group else {}
        return {**derived, **self.row}

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def name(self) -> str:
        return str(self.row.get("name") or name_of(self.id))

    @property
    def properties(self) -> Mapping[str, Any]:
        bag = self.row.get("properties")
        return bag if isinstance(bag, Mapping) else {}

    @property
    def cluster(self) -> str:
        """The id of the cluster, empty where the record is not of one."""
        match = _CLUSTER.fullmatch(self.id)
        return match["cluster"] if match else ""

    @property
    def status(self) -> str:
        """Of an end-of-support record its stage: all of those have one status."""
        if self.family == "EOLNotification":
            return str(self.properties.get("description") or "")
        return str(self.properties.get("eventStatus") or "")

    @cached_property
    def family(self) -> str:
        """A key of `FAMILIES`, or empty where the record names none."""
        text = json.dumps(self.row.get("properties")).lower()
        return next((name for name, words in FAMILIES.items() if any(word in text for word in words)), "")

    @property
    def planned(self) -> datetime | None:
        """The planned start: the later of the two times, since reports differ about which of them it is."""
        known = [moment(self.properties.get(key)) for key in ("scheduledTime", "startTime")]
        return max((one for one in known if one), default=None)


def moment(value: Any) -> datetime | None:
    """A time as the table writes it, with up to nine digits of a second; None where it is not set (year 1) or no time."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match or match[1].startswith("0001-"):
        return None
    try:
        zone = match[3] or "Z"
        return datetime.fromisoformat(
            f"{match[1]}{(match[2] or '')[:7]}{'+00:00' if zone in 'Zz' else zone}"
        ).astimezone(UTC)
    except ValueError:
        return None


def own_time(properties: Mapping[str, Any]) -> datetime | None:
    """When the event says that it happened: its last update, or the first time that is set."""
    return next(
        (time for key in ("lastUpdateTime", "startTime", "scheduledTime") if (time := moment(properties.get(key)))),
        None,
    )


def read(file: Path, lag: timedelta = timedelta(0), seed: int = 0) -> tuple[Record, ...]:
    """The records of a file that holds a JSON array or one JSON object a line.

    A record without `visibleAt` shows up within `lag` after its own time. Raises `InvalidArgument` for the first that
    cannot be read, with its line or index.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise invalid(
            "ACM162", f"{file}: {error.strerror}", "Name a file with a JSON array of records, or one record a line."
        ) from None
    except UnicodeDecodeError:
        raise invalid(
            "ACM162", f"{file}: not UTF-8 text", "Name a file with a JSON array of records, or one record a line."
        ) from None
    chance = random.Random(seed)
    return states(_checked(place, value, lag, chance) for place, value in _values(file, text))


def _values(file: Path, text: str) -> Iterator[tuple[str, Any]]:
    if not text.strip():
        raise invalid("ACM162", f"{file}: the file is empty", "It holds a JSON array of records, or one record a line.")
    if text.lstrip().startswith("["):
        array = _json(file, 1, text, "The array has to be valid JSON.")
        yield from ((f"{file}: record [{index}]", value) for index, value in enumerate(array))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            fix = "A file that does not begin with [ holds one whole JSON object a line."
            yield f"{file}: line {number}", _json(file, number, line, fix)


def _json(file: Path, first_line: int, text: str, fix: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {first_line + error.lineno - 1}, column {error.colno}"
        raise invalid("ACM162", f"{file}: {where}: {error.msg}", fix) from None
    except RecursionError:
        raise invalid("ACM162", f"{file}: line {first_line}: nested too deeply", fix) from None


def _checked(place: str, value: Any, lag: timedelta, chance: random.Random) -> Record:
    if not isinstance(value, dict):
        raise invalid(
            "ACM162",
            f"{place}: {quoted(json.dumps(value))} is not a record",
            'A record is an object: {"id": …, "properties": {…}}.',
        )
    if not isinstance(value.get("id"), str) or not value["id"].startswith("/subscriptions/"):
        raise invalid(
            "ACM162",
            f"{place}: it has no id" if value.get("id") is None else f"{place}: its id is {quoted(value['id'])}",
            "Write the id of the row: /subscriptions/…/managedClusters/<cluster>/scheduledEvents/<name>.",
        )
    properties = value.get("properties")
    if isinstance(properties, str):
        try:
            properties = json.loads(properties)
        except ValueError:
            properties = None
    if not isinstance(properties, dict):
        raise invalid(
            "ACM162",
            f"{place}: it has no properties",
            'Write them as the table has them: {"eventStatus": "Scheduled", …}.',
        )
    row = {key: value for key, value in value.items() if key != "visibleAt"} | {"properties": properties}
    row.setdefault("name", name_of(value["id"]))
    row.setdefault("type", TYPE)
    if "visibleAt" in value:
        visible = moment(value["visibleAt"])
        if not visible:
            raise invalid(
                "ACM162",
                f"{place}: visibleAt {quoted(value['visibleAt'])} is not a time",
                "Write it as 2026-11-27T22:00:00Z.",
            )
        return Record(row, visible)
    time = own_time(properties)
    if not time:
        raise invalid(
            "ACM162",
            f"{place}: lastUpdateTime, startTime and scheduledTime are not set, so when it shows up is not known",
            "Add visibleAt, the moment at which Resource Graph shows it: 2026-11-27T22:00:00Z.",
        )
    return Record(row, time + lag * chance.random())


def states(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records in the order in which they show up; of one id, each is replaced by the next."""
    by_id = sorted(records, key=lambda record: (record.id.lower(), record.visible_from))
    ended: list[Record] = []
    for _, group in groupby(by_id, key=lambda record: record.id.lower()):
        ended += _replaced(list(group))
    return tuple(sorted(ended, key=lambda record: (record.visible_from, record.id)))


def _replaced(same: Sequence[Record]) -> Iterator[Record]:
    for record, later in zip(same, [*same[1:], None], strict=True):
        yield Record(record.row, record.visible_from, later.visible_from if later else record.visible_until)
