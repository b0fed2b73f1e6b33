"""The tables of docs/delivery.md are what bench/simulate_delivery.py writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.simulate_delivery import IN_PLACE, LATE, UNEVEN, Scenario, changed_row, late_row, line, uneven_row

PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("row", "scenario"),
    [
        (late_row, Scenario(30, 2)),
        (late_row, Scenario(30, 10)),
        (uneven_row, Scenario(30, 2, 60)),
        (changed_row, Scenario(30, 2)),
    ],
    ids=["late", "later than the delay", "uneven", "in place"],
)
def test_the_figures_come_out_again(row, scenario):
    assert line(row(scenario)) in PAGE


def test_every_scenario_has_its_row():
    rows = [text for text in PAGE if text.startswith("| ") and " min | " in text]
    starts = [
        *(f"| {one.frequency} min | {one.delay} min | " for one in LATE),
        *(f"| {one.frequency} min | {one.jitter} s | " for one in UNEVEN),
        *(f"| {one.frequency} min | " for one in IN_PLACE),
    ]
    assert len(rows) == len(starts)
    for row, start in zip(rows, starts, strict=True):
        assert row.startswith(start)
