"""Records from a file, and when Resource Graph shows them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.record import TYPE, Record, as_text, read_time
from aks_communication_manager.text import quoted


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
        visible = read_time(as_text(value["visibleAt"]))
        if not visible:
            raise invalid(
                "ACM162",
                f"{place}: visibleAt {quoted(value['visibleAt'])} is not a time",
                "Write it as 2026-11-27T22:00:00Z.",
            )
        return Record(row, visible)
    record = Record(row)
    if not record.time:
        raise invalid(
            "ACM162",
            f"{place}: lastUpdateTime, startTime and scheduledTime are not set, so when it shows up is not known",
            "Add visibleAt, the moment at which Resource Graph shows it: 2026-11-27T22:00:00Z.",
        )
    return Record(row, record.time + lag * chance.random())


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
