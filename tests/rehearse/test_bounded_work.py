"""A query that takes too much work, and values that Azure does not take, end in a sentence."""

from __future__ import annotations

import signal
import threading
import time
from datetime import timedelta
from importlib.metadata import version

import pytest
from rule_samples import FIELDS, HEAD, HOUR, PROD, STATELESS, SUBSCRIPTION, notified, play, record, rule

from aks_communication_manager.rehearse.kql_engine import bounds, library
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery
from aks_communication_manager.rehearse.kql_engine.table import Table
from aks_communication_manager.rehearse.kql_engine.windows import Bound

TABLE = "arg('').containerserviceeventresources"


def reason(query, **changed):
    (left_out,) = play(rule(query, **changed), [record("a", HOUR)]).not_evaluated
    return left_out.reason


def joined_with_itself(times):
    steps = [
        f"let t{n + 1} = (t{n} | join kind=inner (t{n}) on type | project type, status, id);" for n in range(times)
    ]
    return f"let t0 = {TABLE} | extend status = 'x'; {' '.join(steps)} t{times}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            f"{HEAD} | project status = {'tostring(bin(toint(' * 12}name{'),1))' * 12}",
            "its query becomes more than 4,000,000 characters of SQL",
        ),
        (
            f"{HEAD} | extend status = '' | where {'not(' * 500}true{')' * 500}",
            "its query is nested too deeply for the KQL engine",
        ),
        (f"{HEAD} | extend status = '\ud800'", "its query holds half of a surrogate pair, which is not a character"),
        (
            f"{HEAD} | extend status = '' | where name matches regex '((a{{1000}}){{1000}}){{1000}}'",
            "the KQL engine cannot run its query: Invalid Input Error: invalid repetition size: {1000}",
        ),
    ],
    ids=["nested functions", "nested conditions", "surrogate", "repetition"],
)
def test_a_query_beyond_a_bound_is_left_out(query, expected):
    assert reason(query) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"number_of_evaluation_periods": 1_000_000},
            "it asks for 1 of 1000000 evaluation periods; Azure takes 1 to 6",
        ),
        ({"minimum_failing_periods_to_trigger_alert": 0}, "it asks for 0 of 1 evaluation periods; Azure takes 1 to 6"),
        ({"evaluation_frequency": timedelta()}, "it is evaluated every 0 seconds; Azure takes a minute to a day"),
    ],
)
def test_values_that_azure_does_not_take_are_left_out(changed, expected):
    assert reason(STATELESS, **changed) == expected


# A callback of the garbage collector, such as Hypothesis has, can be where the exception is raised first.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_reading_stops_after_its_seconds(monkeypatch):
    monkeypatch.setattr(bounds, "READING_SECONDS", 0)
    query = f"{HEAD} | extend status = '' | where name in ({', '.join(str(n) for n in range(3000))})"
    assert reason(query) == "reading its query takes more than 0 seconds of CPU time"


def test_a_stop_without_effect_is_repeated():
    stops, deadline = [], time.monotonic() + 5
    with bounds.bounded_time(0, lambda: stops.append(1)):
        while len(stops) < 2 and time.monotonic() < deadline:
            pass
    assert len(stops) >= 2


@pytest.mark.long
def test_a_query_that_joins_itself_ten_times_stops():
    records = [record(f"event-{n}", HOUR) for n in range(200)]
    (left_out,) = play(rule(joined_with_itself(10)), records).not_evaluated
    assert left_out.reason == "its query needs more than 1,000 MB of memory"


def test_an_interrupt_in_the_database_is_a_keyboard_interrupt():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    try:
        with Table() as table:
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                table.execute("SELECT count(*) FROM range(10000000) a, range(1000000) b")
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)


def test_a_rule_over_many_subscriptions_is_rehearsed():
    # rules: shared fits 860 subscriptions into a query.
    scopes = " or ".join(f"id startswith '/subscriptions/{n:08}-0000-0000-0000-000000000000/'" for n in range(860))
    query = STATELESS.replace(f'id startswith "{PROD}/"', f"({scopes} or id startswith '{SUBSCRIPTION}/')")
    assert len(RuleQuery.parse(query).scopes) == 861
    assert notified(play(rule(query), [record("a", HOUR)])) == {"a": 1}


@pytest.mark.parametrize(
    ("operator", "before", "at", "after"),
    [(">", True, False, False), (">=", True, True, False), ("<", False, False, True), ("<=", False, True, True)],
)
def test_a_bound_holds_as_its_operator_does_at_the_edge(operator, before, at, after):
    bound = Bound("time", operator, -100)  # the time against ago(100us): at 1,100 both are the same
    change = bound.first_change(1000)
    assert [(now < change) == bound.holds_before for now in (1099, 1100, 1101)] == [before, at, after]


def test_the_library_has_what_is_used_of_it():
    installed = f"duckdb-kql {version('duckdb-kql')} differs from 1.1.2, for which this was written"
    query = library.lower(f"{'T'} | where a >= ago(1h) | summarize n = count() by b")
    assert isinstance(query.source, library.ir.TableRef), installed
    assert [type(operator).__name__ for operator in query.operators] == ["Where", "Summarize"], installed
    assert library.ticks("1h") == 36_000_000_000, installed
    assert {"now", "rand"} <= set(library.NONDETERMINISTIC_FUNCTIONS), installed
    with library.clock(None) as active:
        assert "SELECT" in str(library.to_sql(query, {"T": ["a", "b"]})), installed
    assert not active.used, installed


def test_a_whole_number_that_is_measured_is_shown_as_kusto_shows_it():
    query = f"{HEAD} | {FIELDS} | extend share = todouble(3), n = toint(3) | where eventTime >= ago(35m) and eventTime < ago(5m)"
    (notification,) = play(rule(query, ("share", "n")), [record("a", HOUR)]).notifications
    assert dict(notification.dimensions) == {"share": "3.0", "n": "3"}
