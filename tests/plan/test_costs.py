"""Prices of alert rules by evaluation frequency and number of events."""

from __future__ import annotations

import pytest

from aks_communication_manager.plan.costs import cost
from tests.compiling import planned

ONE = {"notices": ["cluster-auto-upgrade"]}


def price(**options):
    """Least and most USD a month, for scopes of one cluster each."""
    found = cost(planned(**(ONE | options)), lambda scope: 1)
    return round(found.least, 2), round(found.most, 2)


@pytest.mark.parametrize(
    ("frequency", "least", "most"),
    [
        ("PT5M", 1.50, 1.95),
        ("PT10M", 1.00, 1.30),
        ("PT15M", 0.50, 0.65),
        ("PT30M", 0.50, 0.65),
        ("PT6H", 0.50, 0.65),
    ],
)
def test_price_of_a_rule_follows_its_frequency(frequency, least, most):
    # An upgrade has four events, three of them beyond the time series that the price of the rule includes.
    assert price(evaluation_frequency=frequency) == (least, most)


def test_a_rule_of_a_route_costs_only_the_events_it_reports():
    route = {"statuses": ["Failed"], "severity": 1}
    assert price(routes=[route]) == (1.00, 1.15)
