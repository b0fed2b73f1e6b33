"""How many events an alert rule misses and repeats, and how late it reports them, where Azure is late and irregular.

    python bench/simulate_delivery.py [--events N] [--seed N]

The rules' own queries run in the engine of the command ``rehearse``, over made-up events of one cluster. Nobody promises how
late Resource Graph shows a change or how evenly rules are evaluated, so each table row is one assumption about both. Azure
itself is not asked: this shows what follows from the assumptions, not whether they hold.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "constructs"), str(ROOT / "tests" / "kql")]

from aks_communication_manager.durations import kql  # noqa: E402
from kql_table import PROD, documented, hardened, stamp, upgrade  # noqa: E402

from aks_communication_manager.rehearse.alert_rules import (  # noqa: E402
    ActionGroup,
    AlertRule,
    Deployment,
    Dimension,
    Receiver,
)
from aks_communication_manager.rehearse.events import TYPE, Record, states  # noqa: E402
from aks_communication_manager.rehearse.rehearsal import Cast, Rehearsal, rehearse  # noqa: E402
from aks_communication_manager.rehearse.schedule import Schedule  # noqa: E402

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_BACK, INGESTION_DELAY, OVERLAP = 6 * HOUR, 15 * MINUTE, MINUTE
"""The defaults of the settings."""

BETWEEN_EVENTS = 10 * MINUTE
"""On average. Far more often than a real cluster, yet well below the 300 alerts of one evaluation within the look-back."""

Lag = Callable[[random.Random], timedelta]


def at_once(chance: random.Random) -> timedelta:
    return timedelta(0)


def within(most: timedelta) -> Lag:
    """Evenly spread up to the given time."""
    return lambda chance: chance.random() * most


def long_tail(chance: random.Random) -> timedelta:
    """19 of 20 within 30 seconds, as a Microsoft engineer says of Resource Graph; the rest up to four hours, the longer the rarer."""
    if chance.random() < 0.95:
        return chance.random() * 30 * SECOND
    return 30 * SECOND * (4 * HOUR / (30 * SECOND)) ** chance.random()


@dataclass(frozen=True)
class Conditions:
    """An assumption about Azure: one block of the table."""

    name: str
    lag: Lag
    jitter: timedelta = timedelta(0)
    skip: float = 0.0
    outage: timedelta = timedelta(0)
    """Once a week, at a random moment."""

    in_place: bool = False
    """Whether Started is overwritten by Completed after 5 to 60 minutes, instead of a record for each."""


CONDITIONS = (
    Conditions("even, at once", at_once),
    Conditions("up to 2 min late", within(2 * MINUTE)),
    Conditions("up to 14 min late, evaluations up to 27 s off", within(14 * MINUTE), 27 * SECOND),
    Conditions("long tail of lags", long_tail, 27 * SECOND),
    Conditions("long tail, 10 % skipped", long_tail, 27 * SECOND, 0.1),
    Conditions("long tail, 10 % skipped, 90 min outage a week", long_tail, 27 * SECOND, 0.1, 90 * MINUTE),
    Conditions("up to 4 h late, 10 % skipped, 90 min outage a week", within(4 * HOUR), 27 * SECOND, 0.1, 90 * MINUTE),
    Conditions("up to 2 min late, records updated in place", within(2 * MINUTE), in_place=True),
)


def with_window(query: str, window: str) -> str:
    """One of our queries with another window and the name of the record among its columns."""
    lines = query.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.startswith("| where eventTime >= ago(")]
    lines[place] = f"| where {window}"
    return "\n".join(lines).replace(" details, name, properties", " details, eventName = name, name, properties")


def queries(frequency: timedelta) -> Mapping[str, str]:
    """The query of each way of delivery."""
    first, last = kql(frequency + INGESTION_DELAY + OVERLAP), kql(INGESTION_DELAY)
    text = hardened(frequency=frequency)
    return {
        "documented": documented(frequency=frequency),
        "stateless": with_window(text, f"eventTime >= ago({first}) and eventTime < ago({last})"),
        "stateful": with_window(text, f"eventTime >= ago({kql(LOOK_BACK)})"),
    }


def rule(delivery: str, query: str, frequency: timedelta) -> AlertRule:
    """An alert rule over one cluster, split as that way of delivery splits."""
    names = ("status",) if delivery == "documented" else ("status", "eventName")
    return AlertRule(
        name=f"{delivery} {kql(frequency)}",
        stack="",
        address="",
        id="",
        scopes=(PROD,),
        query=query,
        evaluation_frequency=frequency,
        severity=3,
        operator="GreaterThan",
        threshold=0,
        dimensions=tuple(Dimension(name, "Include", ("*",)) for name in names),
        auto_mitigation_enabled=delivery == "stateful",
        action_groups=(ActionGroup("team", (Receiver("email", "team"),)),),
    )


def records(conditions: Conditions, number: int, chance: random.Random) -> tuple[Record, ...]:
    """So many events, in the order in which they show up."""
    span = number * BETWEEN_EVENTS
    written = []
    for index in range(number // 2 if conditions.in_place else number):
        moment = START + DAY + chance.random() * span
        if not conditions.in_place:
            status = chance.choice(("Scheduled", "Started", "Completed", "Failed", "Canceled"))
            written.append(_record(f"{index}", status, moment, conditions.lag(chance)))
            continue
        completed = moment + chance.uniform(5, 60) * MINUTE
        lag = conditions.lag(chance)
        written += [
            _record(f"{index}", status, time, lag) for status, time in (("Started", moment), ("Completed", completed))
        ]
    return states(written)


def _record(name: str, status: str, moment: datetime, lag: timedelta) -> Record:
    properties = upgrade(status=status, lastUpdateTime=stamp(moment))
    row = {"id": f"{PROD}/scheduledEvents/{name}", "name": name, "type": TYPE, "properties": properties}
    return Record(row, moment + lag)


def schedule(conditions: Conditions, number: int, chance: random.Random, seed: int) -> Schedule:
    weeks = (number * BETWEEN_EVENTS + 2 * DAY) // (7 * DAY) + 1
    begins = [START + 7 * DAY * (week + chance.random()) for week in range(weeks)]
    outages = tuple((begin, begin + conditions.outage) for begin in begins) if conditions.outage else ()
    return Schedule(conditions.jitter, conditions.skip, outages, seed)


def simulate(conditions: Conditions, rules: Sequence[AlertRule], number: int, seed: int) -> Iterator[Rehearsal]:
    """What each rule does by itself with the same events."""
    chance = random.Random(f"{conditions.name} {seed}")
    happened = records(conditions, number, chance)
    evaluated = schedule(conditions, number, chance, seed)
    for one in rules:
        yield rehearse(Cast.of([Deployment("", (one,))]), happened, evaluated, START)


@dataclass(frozen=True)
class Figures:
    """What one rule made of the events."""

    events: int
    missed: int
    repeated: int
    delay: timedelta
    """The median time from an event's own time to its first notification."""


def figures(result: Rehearsal) -> Figures:
    first: dict[tuple[str, str], datetime] = {}
    for one in result.notifications:
        if one.condition == "Fired":
            for name in one.events:
                first.setdefault((name, one.dimensions["status"]), one.time)
    delays = [
        first[key] - event.happened
        for event in result.events
        if event.happened and (key := (event.name, event.status)) in first
    ]
    return Figures(
        len(result.events),
        sum(not event.notified for event in result.events),
        sum(event.notified > 1 for event in result.events),
        median(delays) if delays else timedelta(0),
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


def table(number: int, seed: int) -> Iterator[str]:
    """The lines of docs/delivery.md."""
    yield "| what Azure does | delivery | every | missed | repeated | median delay |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    frequencies = (15 * MINUTE, 30 * MINUTE)
    rules = [rule(delivery, query, every) for every in frequencies for delivery, query in queries(every).items()]
    for conditions in CONDITIONS:
        for one, result in zip(rules, simulate(conditions, rules, number, seed), strict=True):
            found = figures(result)
            delivery, every = one.name.split()
            cells = (
                conditions.name,
                delivery,
                f"{every[:-1]} min",
                _share(found.missed, found.events),
                _share(found.repeated, found.events),
                f"{found.delay / MINUTE:.0f} min",
            )
            yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000, metavar="N", help="events for each row (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other events (%(default)s)")
    given = parser.parse_args()
    for text in table(given.events, given.seed):
        print(text, flush=True)
