"""Files with records, with a few values or bytes changed: each is rehearsed, or ends in a message of ours."""

from __future__ import annotations

import json
import random
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.rehearse import event_records, stories
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.rehearse.rule_set import RuleSet
from aks_communication_manager.testing import synthesize_config
from tests.fuzz.inputs import ROOT, change_values
from tests.fuzz.trial import Finding, Outcome

CLUSTER = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
    "/providers/Microsoft.ContainerService/managedClusters/prod"
)
_START = datetime(2026, 12, 1, tzinfo=UTC)
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1e300, 10**400, "", "x", "7", "null", [], {}, [None], [[]], {"x": {"y": []}}, "\ud800", {"\udfff": "a"},
    "a\x00b", "a\x1b[2Jb", "é" * 3000, "0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00", "1969-12-31", "2026-12-01 10:00", "2026-12-01T24:00:00Z", "infinity", "epoch", "now",
    "10000-01-01", "/Date(1713305832103)/", "/Date(999999999999999)/", "-infinity", "2026-12-08T20:00:00.123456789Z", "NodeOSUpgrade",
    "K8sVersionUpgrade", "Failed", "cancelled", "line\r\nline", '"', "{", "[]", '{"a": [1', CLUSTER, f"{CLUSTER}/scheduledEvents/a",
)  # fmt: skip
_RAW = (b"9" * 5000, b"1e999", b"NaN", b"[" * 5000, b"{" * 40, b"]", b"}", b'"', b"\\ud800", b"\xff", b"\xef\xbb\xbf", b"\n", b",", b"\x00",
        b"[command]x\n", b"id,properties\n", b"-0", b"1" * 4300)  # fmt: skip


@cache
def _rules() -> RuleSet:
    """One rule of an example: what a value breaks is the same for all."""
    rules = synthesize_config(ROOT / "examples" / "default.yaml")["default"]._rule_set
    return replace(rules, rules=rules.rules[:1])


@cache
def documents() -> tuple[bytes, ...]:
    """The files that are changed: every form of a few records."""
    rows = [
        {**record.row, "visibleAt": f"{record.visible_from:%Y-%m-%dT%H:%M:%SZ}"}
        for story in ("failure", "end-of-support")
        for record in stories.records(story, [CLUSTER], _START)
    ]
    rows.append(rows[0] | {"tags": {"a": "b"}, "zones": ["1"], "sku": None, "location": "westeurope"})
    sample = rows[:3]
    envelopes = [{"specversion": "1.0", "time": row["visibleAt"], "data": {"resourceInfo": row}} for row in sample]
    cells = [[row["id"], json.dumps(row["properties"])] for row in sample]
    table = {"columns": [{"name": "id"}, {"name": "properties"}], "rows": cells}
    quoted = ["id,properties", *(",".join(f'"{cell}"' for cell in (a, b.replace('"', '""'))) for a, b in cells)]
    values = (rows, {"count": 3, "data": sample, "total_records": 3}, {"data": table}, envelopes)
    return (
        *(json.dumps(value).encode() for value in values),
        "\n".join(map(json.dumps, sample)).encode(),
        "\n".join(json.dumps(row, indent=1) for row in sample).encode("utf-16"),
        "\r\n".join(quoted).encode(),
    )


def changed(seed: int, number: int) -> bytes:
    """A file with one to four changes."""
    chance = random.Random(f"{seed} {number}")
    content = chance.choice(documents())
    if chance.random() < 0.3:
        return _bytes(content, chance)
    try:
        document = json.loads(content)
    except ValueError:
        return _bytes(content, chance)
    for _ in range(chance.randint(1, 4)):
        change_values(chance, document, _VALUES)
    return json.dumps(document, indent=chance.choice((None, 1))).encode()


def _bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(changed) + 1)
        changed[start : start + chance.choice((0, 1, 5, 200))] = chance.choice((*_RAW, b""))
    return bytes(changed)


def run(seed: int, numbers: range) -> Outcome:
    """Rehearse these files, one after the other."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = Path(folder, "events.json")
        for number in numbers:
            content = changed(seed, number)
            file.write_bytes(content)
            try:
                records = event_records.read(file, timedelta(hours=1), seed)
                result = rehearse(_rules(), records)
                for event in result.events:
                    f"{event.status} {event.family} {event.cluster} {event.planned}".encode()
                outcome.ends["a rehearsal" if result.notifications else "silence"] += 1
                failed = [one.reason for one in result.not_evaluated if "engine" in one.reason]
                if failed:
                    outcome.findings.append(Finding(number, "not evaluated", "\n".join(failed), content))
            except InvalidArgument as error:
                str(error).encode()
                outcome.ends["a message"] += 1
            except Exception as error:
                outcome.crashed(number, error, content)
    return outcome
