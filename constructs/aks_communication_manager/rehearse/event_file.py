"""Read files of records, as tools export them, into JSON rows with their positions.

Forms: a JSON array; JSON objects one after another, on one line each or pretty-printed; the answers of ``az graph query``
and of Resource Graph's REST API; Event Grid and CloudEvents envelopes, whose row is ``data.resourceInfo``; CSV of the portal.
"""

from __future__ import annotations

import codecs
import csv
import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from aks_communication_manager.errors import invalid
from aks_communication_manager.text import listed, quoted

_FORM = "Name a file with a JSON array of records, one record a line, or the output of az graph query."
_unreadable = partial(invalid, "ACM162")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MOST_DIGITS = 400
_COLUMNS = ("id", "properties")
_WRAPPER = re.compile(r"\[command\]|::")
"""Lines that GitHub's setup actions write around the output of a command."""


def read_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """Read the rows of a file, each with its position. Raises `InvalidArgument`, with the line, for any other format."""
    text = _decoded(file)
    if not text.strip():
        raise _unreadable(f"{file}: the file is empty", _FORM)
    rows = list(_csv(file, text) if _is_csv(text) else _json(file, text))
    if not rows:
        fix = "Check the query and the rights of the login that made it, or play a story with --story."
        raise _unreadable(f"{file}: there is no record in it", fix)
    return iter(rows)


def _decoded(file: Path) -> str:
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(f"{file}: {getattr(error, 'strerror', None) or error}", _FORM) from None
    bom, encoding = next((found for found in _BOMS if content.startswith(found[0])), (b"", "utf-8"))
    try:
        return content[len(bom) :].decode(encoding)
    except UnicodeDecodeError:
        raise _unreadable(
            f"{file}: not UTF-8 text", "Save the file as UTF-8, or as UTF-16 with a byte order mark."
        ) from None


# JSON


def _json(file: Path, text: str) -> Iterator[tuple[str, Any]]:
    total = rows = 0
    for line, value in _values(file, text):
        place = f"{file}: line {line}"
        if isinstance(value, list):
            for index, entry in enumerate(value):
                rows += 1
                yield f"{file}: record [{index}]", _unwrapped(entry)
        elif (
            isinstance(value, dict)
            and not isinstance(value.get("id"), str)
            and (page := _page(place, value)) is not None
        ):
            for index, entry in enumerate(page):
                rows += 1
                yield f"{place}: data[{index}]", _unwrapped(entry)
            counted = value.get("total_records", value.get("totalRecords"))
            total = max(total, counted if isinstance(counted, int) else 0)
        else:
            rows += 1
            yield place, _unwrapped(value)
    if total > rows:
        raise _unreadable(
            f"{file}: {rows:,} of the query's {total:,} records are in it",
            "Get the others too: az graph query --first 1000, and --skip-token for each further page.",
        )


def _values(file: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Parse each JSON value, with its line. Wrapper lines before the first and after the last are skipped."""
    place, line, found = 0, 1, False
    while place < len(text):
        end = text.find("\n", place) + 1 or len(text)
        start = text[place:end].lstrip(" \t\r,")
        if start.strip() and start[0] in "[{" and not _WRAPPER.match(start):
            value, after = _value(file, text, end - len(start), line)
            yield line, value
            line += text.count("\n", place, after)
            place, found = after, True
            continue
        if start.strip() and found and re.search(r"^\s*[\[{]", text[end:], re.MULTILINE):
            raise _unreadable(f"{file}: line {line}: {quoted(start.strip())} is not JSON", _FORM)
        place, line = end, line + 1
    if not found:
        raise _unreadable(f"{file}: neither JSON nor a CSV file with the columns {listed(_COLUMNS)}", _FORM)


def _value(file: Path, text: str, place: int, line: int) -> tuple[Any, int]:
    """Parse the JSON value at `place`; return it with the position after it."""
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        fix = "Every record has to be valid JSON. A file that ends too early was cut: export it again."
        raise _unreadable(f"{file}: line {error.lineno}, column {error.colno}: {error.msg}", fix) from None
    except RecursionError:
        raise _unreadable(f"{file}: line {line}: nested too deeply", "Export the records again.") from None
    except ValueError as error:
        raise _unreadable(f"{file}: line {line}: {error}", "Write numbers as JSON has them.") from None


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is out of range")
    return number


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_number, parse_constant=_no_number)
parse_json = _DECODER.decode
"""Parse a JSON text. Raises `ValueError` also for numbers out of range, and `RecursionError`."""


def _page(place: str, value: Mapping[str, Any]) -> list[Any] | None:
    """Rows of a Resource Graph response, or None for any other value."""
    data = value.get("data", value.get("value"))
    if isinstance(data, list):
        return data
    if (
        not isinstance(data, Mapping)
        or not isinstance(data.get("rows"), list)
        or not isinstance(data.get("columns"), list)
    ):
        return None
    # resultFormat "table"
    names = [column.get("name") if isinstance(column, Mapping) else None for column in data["columns"]]
    if not all(isinstance(row, list) and len(row) == len(names) for row in data["rows"]):
        raise _unreadable(f"{place}: the rows of data do not fit its columns", "Export the records again.")
    return [{str(name): cell for name, cell in zip(names, row, strict=True)} for row in data["rows"]]


def _unwrapped(value: Any) -> Any:
    """Unwrap the row of an Event Grid envelope, whose time becomes `visibleAt`."""
    data = value.get("data") if isinstance(value, Mapping) else None
    row = data.get("resourceInfo") if isinstance(data, Mapping) else None
    if not isinstance(row, Mapping):
        return value
    sent = value.get("eventTime", value.get("time"))
    return {**({"visibleAt": sent} if sent else {}), **row}


# CSV


def _is_csv(text: str) -> bool:
    header = _names(text.lstrip().partition("\n")[0])
    return all(name in header for name in _COLUMNS)


def _names(line: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in line.split(_delimiter(line))]


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _csv(file: Path, text: str) -> Iterator[tuple[str, Any]]:
    header = text.lstrip().partition("\n")[0]
    canonical = {"visibleat": "visibleAt", "tenantid": "tenantId", "subscriptionid": "subscriptionId"}
    names = [canonical.get(name, name) for name in _names(header)]
    lines = csv.reader(text.lstrip().splitlines(keepends=True), delimiter=_delimiter(header), strict=True)
    before = csv.field_size_limit(len(text) + 1)
    try:
        next(lines)
        for row in lines:
            if row:
                cells = zip(names, row, strict=False)
                yield f"{file}: line {lines.line_num}", {name: cell for name, cell in cells if cell}
    except csv.Error as error:
        fix = "Download the CSV file again, or use the output of az graph query."
        raise _unreadable(f"{file}: line {lines.line_num}: {error}", fix) from None
    finally:
        csv.field_size_limit(before)
