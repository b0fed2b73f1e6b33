"""The table that bench/simulate_delivery.py writes, at a size that a test can afford."""

from __future__ import annotations

from datetime import timedelta

from bench import simulate_delivery
from bench.simulate_delivery import CONDITIONS, MINUTE, Conditions, rule, simulate, within

EVENTS = 2000


def test_the_documented_rule_misses_the_share_of_time_that_events_are_late():
    late = Conditions("up to 2 min late", within(2 * MINUTE))
    (found,) = simulate(late, [rule("documented", 15 * MINUTE)], EVENTS, 0).values()
    expected = EVENTS * (MINUTE / (15 * MINUTE))  # late by a minute on average
    assert expected / 1.5 < found.missed < 1.5 * expected
    assert found.repeated == 0


def test_a_stateless_rule_repeats_what_lies_in_the_overlap_of_its_windows():
    at_once = Conditions("at once", within(timedelta(0)))
    (found,) = simulate(at_once, [rule("stateless", 15 * MINUTE)], EVENTS, 0).values()
    expected = EVENTS * (MINUTE / (15 * MINUTE))
    assert expected / 1.5 < found.repeated < 1.5 * expected
    assert found.missed == 0


def test_the_table_has_a_row_for_each_condition_and_rule(monkeypatch):
    some = (CONDITIONS[0], CONDITIONS[-1])
    monkeypatch.setattr(simulate_delivery, "CONDITIONS", some)
    rows = [line for line in simulate_delivery.table(number=40, seed=1) if not line.startswith("| ---")]
    assert len(rows) == 1 + len(some) * 2 * 3
    assert len({line.count("|") for line in rows}) == 1
