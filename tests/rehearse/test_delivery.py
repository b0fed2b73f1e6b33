"""What delivery promises, executed: the planned rules, in the engine of rehearse, over irregular weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bench.simulate_delivery import HOUR, MINUTE, START, Conditions, rule, simulate, within
from tests.kql.kql_table import PROD, stamp, upgrade

from aks_communication_manager.notices.record import TYPE, Record
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.event_records import states
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.rehearse.rule_set import RuleSet
from aks_communication_manager.rehearse.schedule import Schedule

WORST = Conditions("up to 4 h late", within(4 * HOUR), 27 * timedelta(seconds=1), 0.1, 90 * MINUTE)


@pytest.mark.long
@pytest.mark.parametrize("minutes", [15, 30])
@pytest.mark.parametrize("way", ["event", "digest"])
def test_nothing_is_missed_or_repeated_in_ten_irregular_runs(way, minutes):
    planned = rule(way, minutes * MINUTE)
    for seed in range(10):
        [found] = simulate(WORST, [planned], 500, seed).values()
        assert (found.events, found.missed, found.without_news) == (500, 0, 0)


def test_the_documented_query_misses_most_events_in_the_same_runs():
    [found] = simulate(WORST, [rule("documented", 30 * MINUTE)], 500, 0).values()
    assert found.missed > 250


def happened(name, **properties):
    row = {"id": f"{PROD}/scheduledEvents/{name}", "name": name, "type": TYPE}
    return Record({**row, "properties": upgrade(**{"lastUpdateTime": stamp(START + HOUR), **properties})}, START + HOUR)


def notified(*records, way="event"):
    rules = RuleSet.from_deployments([Deployment("", (rule(way, 30 * MINUTE),))])
    found = rehearse(rules, states(records), Schedule(seed=1), START)
    return [one for one in found.notifications if one.condition == "Fired"]


def test_two_events_of_one_minute_family_and_status_are_two_notices():
    names = {one.dimensions["eventName"] for one in notified(happened("one"), happened("two"))}
    assert names == {"one", "two"}


def test_a_notice_says_when_the_maintenance_is_planned():
    planned = stamp(START + 100 * HOUR)
    [one] = notified(happened("one", scheduledTime=planned, startTime=stamp(START)))
    assert one.dimensions["plannedTime"] == (START + 100 * HOUR).strftime("%Y-%m-%dT%H:%MZ")


def test_an_event_in_the_future_is_reported_once_visible():
    [one] = notified(happened("one", lastUpdateTime=stamp(START + 48 * HOUR)))
    assert one.time - (START + HOUR) <= 30 * MINUTE


def test_the_seed_decides_everything():
    documented = rule("documented", 15 * MINUTE)
    first, second = (simulate(WORST, [documented], 200, 7) for _ in range(2))
    assert first == second
