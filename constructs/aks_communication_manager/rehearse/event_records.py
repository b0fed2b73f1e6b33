"""Records from a file, with the time at which Resource Graph shows them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.record import TYPE, Record, as_text, read_time, stamp
from aks_communication_manager.rehearse.event_file import parse_json, read_rows
from aks_communication_manager.rehearse.kql_engine.tables import DYNAMIC, TEXT
from aks_communication_manager.text import listed, quoted

_TIMES = ("lastUpdateTime", "startTime", "scheduledTime")
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_LEVELS = 100
_MICROSOFT_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
"""Milliseconds since 1970, as Windows PowerShell writes times into JSON."""


def read(file: Path, lag: timedelta = timedelta(0), seed: int = 0) -> tuple[Record, ...]:
    """Read the records of a file in any format of `event_file`.

    A record without `visibleAt` becomes visible within `lag` after its own time. Raises `InvalidArgument` for the first
    unreadable record, with its line or index.
    """
    chance = random.Random(seed)
    return states(_checked(place, value, lag, chance) for place, value in read_rows(file))


def _checked(place: str, value: Any, lag: timedelta, chance: random.Random) -> Record:
    row = _row(place, value)
    visible_at = row.pop("visibleAt", None)
    record = Record(row)
    visible = read_time(_iso(as_text(visible_at))) if visible_at is not None else record.time
    if visible_at is not None and not visible:
        raise invalid(
            "ACM162",
            f"{place}: visibleAt {quoted(as_text(visible_at))} is not a time",
            "Write it as 2026-11-27T22:00:00Z.",
        )
    if not visible:
        raise invalid(
            "ACM162",
            f"{place}: {listed(_TIMES)} are not set, so when it shows up is not known",
            "Add visibleAt, the moment at which Resource Graph shows it: 2026-11-27T22:00:00Z.",
        )
    if visible >= _LATEST:
        problem = f"{place}: it shows up in the year {visible.year}, which is out of range"
        raise invalid("ACM164", problem, "Correct its times, or add visibleAt with a year before 3000.")
    return Record(row, visible if visible_at is not None else visible + lag * chance.random())


def _row(place: str, value: Any) -> dict[str, Any]:
    """Convert a JSON value to a row with the table's columns."""
    if not isinstance(value, Mapping):
        fix = 'A record is an object: {"id": …, "properties": {…}}.'
        raise invalid("ACM162", f"{place}: {quoted(as_text(value))} is not a record", fix)
    _check_json(place, value)
    id_ = value.get("id")
    if not isinstance(id_, str) or not id_.startswith("/subscriptions/"):
        problem = f"{place}: it has no id" if id_ is None else f"{place}: its id is {quoted(as_text(id_))}"
        fix = "Write the id of the row: /subscriptions/…/managedClusters/<cluster>/scheduledEvents/<name>."
        raise invalid("ACM162", problem, fix)
    row: dict[str, Any] = {name: as_text(value[name]) for name in TEXT if value.get(name) is not None}
    row |= {name: _bag(value[name]) for name in DYNAMIC if value.get(name) is not None}
    row |= {"name": row.get("name") or name_of(id_), "type": row.get("type") or TYPE}
    properties = row.get("properties")
    if isinstance(properties, str) and properties.startswith('"@{'):
        fix = "Windows PowerShell cut them off: export the records again with ConvertTo-Json -Depth 10."
        raise invalid("ACM162", f"{place}: its properties are not JSON", fix)
    if not isinstance(properties, Mapping):
        fix = 'Write them as the table has them: {"eventStatus": "Scheduled", …}.'
        raise invalid("ACM162", f"{place}: it has no properties", fix)
    _check_json(place, properties)
    row["properties"] = {
        **properties,
        **{key: _time(place, key, properties[key]) for key in _TIMES if key in properties},
    }
    return row | ({"visibleAt": value["visibleAt"]} if "visibleAt" in value else {})


def _bag(value: Any) -> Any:
    """Parse a dynamic column that an export wrote as JSON text; any other text becomes a JSON string, for the table."""
    if not isinstance(value, str):
        return value
    try:
        found = parse_json(value)
    except (ValueError, RecursionError):
        return json.dumps(value)
    return json.dumps(found) if isinstance(found, str) else found


def _time(place: str, key: str, value: Any) -> Any:
    """Validate a time that may be unset; PowerShell's format becomes the table's."""
    text = _iso(as_text(value))
    if text and not text.startswith("0001-") and not read_time(text):
        fix = "Write it as 2026-11-27T22:00:00Z, with a year from 1970 to 9999 in UTC."
        raise invalid("ACM164", f"{place}: {key} {quoted(text)} is not a time, or out of range", fix)
    return text if isinstance(value, str) else value


def _iso(text: str) -> str:
    match = _MICROSOFT_DATE.fullmatch(text)
    if not match:
        return text
    try:
        return stamp(datetime.fromtimestamp(int(match[1]) / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return text


def _check_json(place: str, value: Mapping[str, Any]) -> None:
    """Raise `InvalidArgument` for a value that the table cannot hold."""
    level: list[Any] = [value]
    for _ in range(_LEVELS):
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, Mapping) else outer)]
        level = [inner for inner in level if isinstance(inner, Mapping | list)]
        if not level:
            break
    else:
        fix = "Azure's records have two levels: export it again."
        raise invalid("ACM164", f"{place}: it is nested more than {_LEVELS} levels deep", fix)
    try:
        as_text(value).encode()
    except UnicodeEncodeError as error:
        half = repr(error.object[error.start])[1:-1]
        problem = f"{place}: it contains {half}, half of a character"
        raise invalid("ACM164", problem, "Export it again, as UTF-8.") from None


def states(records: Iterable[Record]) -> tuple[Record, ...]:
    """Sort records by visibility; each ends when the next record with its id appears."""
    by_id = sorted(records, key=lambda record: (record.id.lower(), record.visible_from))
    ended: list[Record] = []
    for _, group in groupby(by_id, key=lambda record: record.id.lower()):
        ended += _replaced(list(group))
    return tuple(sorted(ended, key=lambda record: (record.visible_from, record.id)))


def _replaced(same: Sequence[Record]) -> Iterator[Record]:
    for record, later in zip(same, [*same[1:], None], strict=True):
        yield Record(record.row, record.visible_from, later.visible_from if later else record.visible_until)
