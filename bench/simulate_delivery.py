"""Events that an alert rule misses, notifications without news, and delays, where Azure is late and irregular.

    python bench/simulate_delivery.py [--events N] [--seed N]

The rules' own queries run in the engine of the command ``rehearse``, over made-up nights of one cluster. Nobody promises how
late Resource Graph shows a change or how evenly rules are evaluated, so each table row is one assumption about both. Azure
itself is not asked: this shows what follows from the assumptions, not whether they hold.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "constructs"), str(ROOT)]

from tests.kql.kql_table import GROUP, PROD, stamp, upgrade  # noqa: E402

from aks_communication_manager.arm.durations import iso, kql  # noqa: E402
from aks_communication_manager.compiler import compile_arguments  # noqa: E402
from aks_communication_manager.config.action_group import ActionGroup as ExistingOrNew  # noqa: E402
from aks_communication_manager.notices.record import TYPE, Record  # noqa: E402
from aks_communication_manager.plan.resources import AlertRule  # noqa: E402
from aks_communication_manager.rehearse.deployment import Deployment  # noqa: E402
from aks_communication_manager.rehearse.event_records import states  # noqa: E402
from aks_communication_manager.rehearse.rehearsal import Rehearsal, rehearse  # noqa: E402
from aks_communication_manager.rehearse.rule_set import RuleSet  # noqa: E402
from aks_communication_manager.rehearse.schedule import Schedule  # noqa: E402

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_OF_A_NIGHT = 100
"""In the first four hours of each day. Well below the 300 alerts of one evaluation within the look-back."""
EVENTS_OF_A_RUN = 10_000
"""More events are played in several runs, because the engine's memory is limited."""

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

    in_place: str = ""
    """What Azure does to a record 5 to 60 minutes after its own time: ``overwritten``, ``touched`` or ``deleted``."""


CONDITIONS = (
    Conditions("even, at once", at_once),
    Conditions("up to 2 min late", within(2 * MINUTE)),
    Conditions("up to 14 min late, evaluations up to 27 s off", within(14 * MINUTE), 27 * SECOND),
    Conditions("long tail of lags", long_tail, 27 * SECOND),
    Conditions("long tail, 10 % skipped", long_tail, 27 * SECOND, 0.1),
    Conditions("long tail, 10 % skipped, 90 min outage a week", long_tail, 27 * SECOND, 0.1, 90 * MINUTE),
    Conditions("up to 4 h late, 10 % skipped, 90 min outage a week", within(4 * HOUR), 27 * SECOND, 0.1, 90 * MINUTE),
    Conditions("status overwritten", within(2 * MINUTE), in_place="overwritten"),
    Conditions("lastUpdateTime touched", within(2 * MINUTE), in_place="touched"),
    Conditions("a row deleted", within(2 * MINUTE), in_place="deleted"),
)


WAYS: Mapping[str, Mapping[str, str]] = {
    "documented": {"query": "documented"},
    "event": {"grouping": "event"},
    "digest": {"grouping": "digest"},
}
"""The options of each way of delivery; all others have their defaults."""


def rule(way: str, frequency: timedelta, scope: str = PROD) -> AlertRule:
    """The alert rule that the package plans over one cluster, as the engine takes it."""
    arguments = {
        "scopes": [scope],
        "notices": ["cluster-auto-upgrade"],
        "evaluation_frequency": iso(frequency),
        "resource_group_name": "rg-aks-notices",
        "location": "westeurope",
        "action_group": ExistingOrNew.existing(f"{GROUP}/providers/Microsoft.Insights/actionGroups/team"),
        **WAYS[way],
    }
    plan, _ = compile_arguments(arguments, subscription_id=GROUP.split("/")[2])
    [planned] = plan.alert_rules
    return replace(planned, name=f"{way} {kql(frequency)}")


def records(conditions: Conditions, number: int, chance: random.Random) -> tuple[Record, ...]:
    """So many events, in the order in which they show up. A changed record counts twice where it changes its status."""
    written: list[Record] = []
    while len(written) < number:
        night = START + DAY * (1 + len(written) // EVENTS_OF_A_NIGHT)
        name, moment = f"{len(written)}", night + 4 * HOUR * chance.random()
        planned = moment.replace(minute=0, second=0, microsecond=0)
        status = chance.choice(("Scheduled", "Started", "Completed", "Failed", "Canceled"))
        lag, later = conditions.lag(chance), chance.uniform(5, 60) * MINUTE
        record = _record(name, "Started" if conditions.in_place == "overwritten" else status, moment, planned, lag)
        if conditions.in_place == "deleted":
            record = replace(record, visible_until=record.visible_from + later)
        written.append(record)
        if conditions.in_place == "overwritten":
            written.append(_record(name, "Completed", moment + later, planned, lag))
        elif conditions.in_place == "touched":
            written.append(_record(name, status, moment + later, planned, lag))
    return states(written)


_PUBLISHED = upgrade()


def _record(name: str, status: str, moment: datetime, planned: datetime, lag: timedelta) -> Record:
    times = {"lastUpdateTime": stamp(moment), "startTime": stamp(planned), "scheduledTime": stamp(planned)}
    properties = {**_PUBLISHED, "eventStatus": status, **times}
    row = {"id": f"{PROD}/scheduledEvents/{name}", "name": name, "type": TYPE, "properties": properties}
    return Record(row, moment + lag)


def schedule(conditions: Conditions, number: int, chance: random.Random, seed: int) -> Schedule:
    weeks = (number * DAY // EVENTS_OF_A_NIGHT + 2 * DAY) // (7 * DAY) + 1
    begins = [START + 7 * DAY * (week + chance.random()) for week in range(weeks)]
    outages = tuple((begin, begin + conditions.outage) for begin in begins) if conditions.outage else ()
    return Schedule(conditions.jitter, conditions.skip, outages, seed)


def simulate(conditions: Conditions, rules: Sequence[AlertRule], number: int, seed: int) -> Mapping[str, Figures]:
    """What each rule does with the same events."""
    totals = {one.name: Figures() for one in rules}
    for start in range(0, number, EVENTS_OF_A_RUN):
        for name, found in _run(conditions, rules, min(EVENTS_OF_A_RUN, number - start), seed + start).items():
            totals[name] += found
    return totals


def _run(conditions: Conditions, rules: Sequence[AlertRule], number: int, seed: int) -> Mapping[str, Figures]:
    chance = random.Random(f"{conditions.name} {seed}")
    happened = records(conditions, number, chance)
    evaluated = schedule(conditions, number, chance, seed)
    result = rehearse(RuleSet.from_deployments([Deployment("", tuple(rules))]), happened, evaluated, START)
    if result.not_evaluated:
        raise RuntimeError(result.not_evaluated)
    return {one.name: figures(result, one.name) for one in rules}


@dataclass(frozen=True)
class Figures:
    """What one rule made of the events."""

    events: int = 0
    without_news: int = 0
    """Notifications all of whose events had been reported before."""

    mails: int = 0
    delays: tuple[timedelta, ...] = ()
    """From an event's own time to its first notification, for each event that is reported."""

    @property
    def missed(self) -> int:
        return self.events - len(self.delays)

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.events + other.events,
            self.without_news + other.without_news,
            self.mails + other.mails,
            self.delays + other.delays,
        )


def figures(result: Rehearsal, rule_name: str) -> Figures:
    # The documented query and digests know a record by its name, and a digest has one status: both together are an event.
    reported: dict[tuple[str, str], datetime] = {}
    mails = without_news = 0
    for one in result.notifications:
        if one.rule != rule_name or one.condition != "Fired":
            continue
        news = [key for key in ((name, one.dimensions["status"]) for name in one.events) if key not in reported]
        mails, without_news = mails + 1, without_news + (not news)
        reported |= dict.fromkeys(news, one.time)
    happened: dict[tuple[str, str], datetime] = {}
    for event in result.events:
        if event.happened:
            happened.setdefault((event.name, event.status), event.happened)
    delays = tuple(reported[key] - moment for key, moment in happened.items() if key in reported)
    return Figures(len(happened), without_news, mails, delays)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


def table(number: int, seed: int) -> Iterator[str]:
    """The lines of docs/evidence/delivery.md."""
    yield "| what Azure does | way | every | missed | without news | mails per 100 events | median delay |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    frequencies = (15 * MINUTE, 30 * MINUTE)
    rules = [rule(way, every) for every in frequencies for way in WAYS]
    for conditions in CONDITIONS:
        for name, found in simulate(conditions, rules, number, seed).items():
            way, every = name.split()
            cells = (
                conditions.name,
                way,
                f"{every[:-1]} min",
                _share(found.missed, found.events),
                f"{found.without_news:,}",
                f"{100 * found.mails / found.events:.0f}",
                f"{median(found.delays or (timedelta(0),)) / MINUTE:.0f} min",
            )
            yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000, metavar="N", help="events for each row (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other events (%(default)s)")
    given = parser.parse_args()
    for text in table(given.events, given.seed):
        print(text, flush=True)
