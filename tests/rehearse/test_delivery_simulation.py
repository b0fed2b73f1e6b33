"""What the table of bench/simulate_delivery.py says, at a size that a test can afford."""

from __future__ import annotations

import pytest
from bench import simulate_delivery
from bench.simulate_delivery import MINUTE, Conditions, rule, simulate, within

pytestmark = pytest.mark.long

EVENTS = 2000


def test_events_of_several_runs_are_added(monkeypatch):
    punctual = Conditions("even, at once", within(0 * MINUTE))
    (whole,) = simulate(punctual, [rule("event", 15 * MINUTE)], 30, 0).values()
    monkeypatch.setattr(simulate_delivery, "EVENTS_OF_A_RUN", 20)
    (added,) = simulate(punctual, [rule("event", 15 * MINUTE)], 30, 0).values()
    assert (added.events, added.missed, added.mails) == (whole.events, whole.missed, whole.mails) == (30, 0, 30)
    assert len(added.delays) == 30


def test_the_documented_rule_misses_the_share_of_time_that_events_are_late():
    late = Conditions("up to 2 min late", within(2 * MINUTE))
    (found,) = simulate(late, [rule("documented", 15 * MINUTE)], EVENTS, 0).values()
    expected = EVENTS * (MINUTE / (15 * MINUTE))  # late by a minute on average
    assert expected / 1.5 < found.missed < 1.5 * expected
    assert found.without_news == 0
