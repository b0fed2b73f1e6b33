"""How many notices are missed, doubled or told of the wrong cluster: the tables of docs/delivery.md.

    python bench/simulate_delivery.py

Events of a cluster `prod`, and fewer of its neighbour `prod-2`, fall at random moments; the rule of `prod` evaluates. Each
evaluation runs the query's text, on DuckDB, over the records that are visible at that moment. Azure itself is not asked:
this shows what follows from the assumptions, not whether they hold.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "constructs"), str(ROOT / "tests" / "kql")]

from tests.kql.kql_table import NOW, Record, cluster, documented, hardened, run, stamp, upgrade  # noqa: E402

INGESTION_DELAY = timedelta(minutes=5)
"""The default of the setting, so what the hardened queries wait."""

MINUTE = timedelta(minutes=1)
EVENTS, OF_THE_NEIGHBOUR = 400, 100
FOREVER = timedelta(days=365)


@dataclass(frozen=True)
class Event:
    """A record that a rule may see: from `visible` on, until it is gone or changed."""

    name: str
    cluster: str
    status: str
    stamped: datetime
    visible: datetime
    gone: datetime


@dataclass(frozen=True)
class Scenario:
    """One row of a table."""

    frequency: int
    """Minutes between evaluations."""
    delay: int = 0
    """Minutes from an event's own time until Resource Graph shows it."""
    jitter: int = 0
    """Seconds by which an evaluation is late at most."""

    def chance(self) -> random.Random:
        return random.Random(f"{self.frequency} {self.delay} {self.jitter}")


def separate_records(scenario: Scenario, chance: random.Random) -> list[Event]:
    """A record for each notification, which stays."""
    events = []
    for number in range(EVENTS + OF_THE_NEIGHBOUR):
        name = "prod" if number < EVENTS else "prod-2"
        stamped = NOW + chance.random() * timedelta(days=7)
        visible = stamped + scenario.delay * MINUTE
        events.append(Event(f"{number}", cluster(name), "Scheduled", stamped, visible, visible + FOREVER))
    return events


def updated_in_place(scenario: Scenario, chance: random.Random) -> list[Event]:
    """A record for each upgrade: Started for 5 to 60 minutes, then Completed."""
    events = []
    for number in range(EVENTS // 2):
        started = NOW + chance.random() * timedelta(days=7)
        completed = started + chance.uniform(5, 60) * MINUTE
        shown = [moment + scenario.delay * MINUTE for moment in (started, completed)]
        events.append(Event(f"{number} Started", cluster("prod"), "Started", started, shown[0], shown[1]))
        events.append(
            Event(f"{number} Completed", cluster("prod"), "Completed", completed, shown[1], shown[1] + FOREVER)
        )
    return events


def evaluations(scenario: Scenario, chance: random.Random) -> list[datetime]:
    """The moments at which the rule runs, from an hour before the first event until hours after the last."""
    step = scenario.frequency * MINUTE
    first = NOW - 60 * MINUTE + chance.random() * step
    count = timedelta(days=7, hours=6) // step
    return [first + number * step + timedelta(seconds=chance.uniform(0, scenario.jitter)) for number in range(count)]


def told(query: str, events: Sequence[Event], moments: Sequence[datetime], step: timedelta) -> Counter[str]:
    """How often the rule tells of each event.

    All evaluations are one run of the query: a query knows of the clock only how long ago something was, so a record seen at
    another moment is the same record with its time moved. Each event is shown to the evaluations from two frequencies
    before until four after it becomes visible, far more than any window reaches.
    """
    copies = [
        Record(
            f"{event.name}@{number}",
            upgrade(status=event.status, lastUpdateTime=stamp(event.stamped + (NOW - moment))),
            event.cluster,
        )
        for event in events
        for number in _near(event, moments, step)
        for moment in [moments[number]]
        if event.visible <= moment < event.gone
    ]
    return Counter(row["name"].partition("@")[0] for row in run(query, copies))


def _near(event: Event, moments: Sequence[datetime], step: timedelta) -> range:
    about = (event.visible - moments[0]) // step
    return range(max(0, about - 2), min(len(moments), about + 5))


def queries(scenario: Scenario) -> tuple[str, str]:
    frequency = scenario.frequency * MINUTE
    return documented(frequency=frequency), hardened(frequency=frequency, delay=INGESTION_DELAY)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def separate_row(scenario: Scenario) -> list[str]:
    """For both queries: own events that nobody is told of, own events told more than once, the neighbour's told as own."""
    chance = scenario.chance()
    events, moments = separate_records(scenario, chance), evaluations(scenario, chance)
    own = [event.name for event in events if event.cluster == cluster("prod")]
    cells = []
    for query in queries(scenario):
        times = told(query, events, moments, scenario.frequency * MINUTE)
        cells += [
            _share(sum(not times[name] for name in own), len(own)),
            _share(sum(times[name] > 1 for name in own), len(own)),
            _share(len(times.keys() - own), len(events) - len(own)),
        ]
    return cells


def in_place_row(scenario: Scenario) -> list[str]:
    """For both queries: the share of Started, and of Completed, that nobody is told of."""
    chance = scenario.chance()
    events, moments = updated_in_place(scenario, chance), evaluations(scenario, chance)
    cells = []
    for query in queries(scenario):
        times = told(query, events, moments, scenario.frequency * MINUTE)
        for status in ("Started", "Completed"):
            named = [event.name for event in events if event.status == status]
            cells.append(_share(sum(not times[name] for name in named), len(named)))
    return cells


FREQUENCIES = (5, 15, 30)
LATE = [Scenario(frequency, delay) for frequency in FREQUENCIES for delay in (0, 2, 5, 10)]
UNEVEN = [Scenario(frequency, 2, jitter) for frequency in FREQUENCIES for jitter in (10, 60)]
IN_PLACE = [Scenario(frequency, 2) for frequency in FREQUENCIES]

_SEPARATE = ["missed", "doubled", "of prod-2"]


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(given: Sequence[str], shown: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    header = [*given, *(f"documented: {name}" for name in shown), *(f"hardened: {name}" for name in shown)]
    yield line(header)
    yield line(["---:"] * len(header))
    yield from map(line, rows)
    yield ""


def late_row(scenario: Scenario) -> list[str]:
    return [f"{scenario.frequency} min", f"{scenario.delay} min", *separate_row(scenario)]


def uneven_row(scenario: Scenario) -> list[str]:
    return [f"{scenario.frequency} min", f"{scenario.jitter} s", *separate_row(scenario)]


def changed_row(scenario: Scenario) -> list[str]:
    return [f"{scenario.frequency} min", *in_place_row(scenario)]


def tables() -> Iterator[str]:
    """The lines of docs/delivery.md."""
    yield from _table(["every", "visible after"], _SEPARATE, map(late_row, LATE))
    yield from _table(["every", "late by up to"], _SEPARATE, map(uneven_row, UNEVEN))
    yield from _table(["every"], ["Started missed", "Completed missed"], map(changed_row, IN_PLACE))


if __name__ == "__main__":
    for text in tables():
        print(text, flush=True)
