"""What the simulation of delivery promises, at a size that a test can afford; its table is written by bench/simulate_delivery.py."""

from __future__ import annotations

import random

import pytest
from bench import simulate_delivery
from bench.simulate_delivery import (
    CONDITIONS,
    HOUR,
    MINUTE,
    SECOND,
    Conditions,
    queries,
    records,
    rule,
    simulate,
    within,
)
from rule_samples import notified, play

ROUGH = Conditions("rough", within(4 * HOUR), 27 * SECOND, 0.1, 90 * MINUTE)
LATE = Conditions("late", within(14 * MINUTE), 27 * SECOND)
EVEN = Conditions("even", within(2 * MINUTE))


def figures(delivery, conditions, frequency=30 * MINUTE, number=500, seed=0):
    one = rule(delivery, queries(frequency)[delivery], frequency)
    (found,) = simulate(conditions, [one], number, seed).values()
    assert found.events == number
    return found


@pytest.mark.parametrize("frequency", [15 * MINUTE, 30 * MINUTE], ids=["15 min", "30 min"])
def test_a_stateful_rule_misses_and_repeats_nothing_in_rough_conditions(frequency):
    found = [figures("stateful", ROUGH, frequency, seed=seed) for seed in range(3)]
    assert [(one.missed, one.repeated) for one in found] == [(0, 0)] * 3


def test_tiled_windows_miss_most_in_the_same_conditions():
    assert figures("documented", ROUGH).missed > 400
    assert figures("stateless", ROUGH).missed > 400


@pytest.mark.parametrize("frequency", [15 * MINUTE, 30 * MINUTE], ids=["15 min", "30 min"])
def test_a_stateless_rule_misses_nothing_within_its_delay_and_repeats_what_lies_in_the_overlap(frequency):
    found = figures("stateless", LATE, frequency, number=2000)
    assert found.missed == 0
    expected = 2000 * (MINUTE / frequency)  # the overlap's share of the time line
    assert expected / 2 < found.repeated < 2 * expected


def test_the_documented_rule_misses_the_share_of_time_that_events_are_late():
    found = figures("documented", EVEN, 15 * MINUTE, number=2000)
    expected = 2000 * (MINUTE / (15 * MINUTE))  # late by a minute on average
    assert expected / 1.5 < found.missed < 1.5 * expected
    assert found.repeated == 0


def test_two_events_of_the_same_minute_family_and_status_stay_two_notices():
    one, other = records(EVEN, 2, random.Random(0))
    twin = type(other)({**one.row, "id": other.id, "name": other.name}, one.visible_from)
    stateful = rule("stateful", queries(30 * MINUTE)["stateful"], 30 * MINUTE)
    result = play(stateful, [one, twin], start=one.visible_from - HOUR)
    assert set(notified(result).values()) == {1}
    assert len([notice for notice in result.notifications if notice.condition == "Fired"]) == 2


def test_the_table_has_a_row_for_each_condition_and_rule(monkeypatch):
    some = (CONDITIONS[0], CONDITIONS[-1])
    monkeypatch.setattr(simulate_delivery, "CONDITIONS", some)
    rows = [line for line in simulate_delivery.table(number=40, seed=1) if not line.startswith("| ---")]
    assert len(rows) == 1 + len(some) * 2 * 3
    assert len({line.count("|") for line in rows}) == 1
