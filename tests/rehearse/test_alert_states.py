"""When rules fire, repeat, resolve, stay silent and fail."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from rule_samples import (
    DAY,
    FIELDS,
    HEAD,
    HOUR,
    MINUTE,
    PROD,
    START,
    STATEFUL,
    TEAM,
    group,
    notified,
    play,
    record,
    rule,
    stateful,
)

from aks_communication_manager.plan.resources import Dimension, NamedReceiver, Reference
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.rule_set import RuleSet
from aks_communication_manager.rehearse.schedule import Schedule

EMPTY = group("ag-empty")
UNLIMITED = group("ag-aks-notices", NamedReceiver("logic_app", "workflow"))
COUNTED = f"{HEAD} | {FIELDS} | where eventTime >= ago(30m) | project eventTime, status, eventName"


def test_a_stateless_rule_fires_at_every_evaluation_that_matches():
    long = COUNTED.replace("30m", "2h")
    assert notified(play(rule(long), [record("a", HOUR)])) == {"a": 4}


def test_windows_that_tile_notify_once():
    events = [record(f"{number}", number * 7 * MINUTE, lag=timedelta(0)) for number in range(1, 40)]
    assert set(notified(play(rule(split_by=("eventName",)), events)).values()) == {1}


def test_a_record_that_shows_up_after_its_window_is_notified_to_nobody():
    result = play(rule(), [record("late", HOUR, lag=2 * HOUR)])
    assert notified(result) == {"late": 0}
    assert [event.name for event in result.unheard] == ["late"]


def test_a_stateful_rule_notifies_once_of_a_record_that_shows_up_hours_late():
    result = play(stateful(), [record("late", HOUR, lag=4 * HOUR)])
    assert notified(result) == {"late": 1}


def test_one_alert_for_each_combination_of_dimension_values():
    same_minute = [record("a", HOUR), record("b", HOUR), record("c", HOUR, status="Started")]
    fired = [one for one in play(stateful(), same_minute).notifications if one.condition == "Fired"]
    assert sorted((one.dimensions["status"], one.dimensions["eventName"]) for one in fired) == [
        ("Scheduled", "a"),
        ("Scheduled", "b"),
        ("Started", "c"),
    ]


def test_without_event_name_an_open_alert_hides_the_next_event():
    split_by_status = rule(STATEFUL, ("status",), auto_mitigation_enabled=True)
    assert notified(play(split_by_status, [record("a", HOUR), record("b", 3 * HOUR)])) == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    ("frequency", "quiet"),
    [(5, 3), (10, 3), (15, 3), (30, 2), (60, 2), (6 * 60, 2), (12 * 60, 2), (24 * 60, 1)],
    ids=lambda value: str(value),
)
def test_a_stateful_alert_is_resolved_after_so_many_quiet_evaluations(frequency, quiet):
    step = frequency * MINUTE
    window = STATEFUL.replace("ago(6h)", f"ago({frequency}m)")
    one = rule(window, ("status", "eventName"), auto_mitigation_enabled=True, evaluation_frequency=step)
    fired, resolved = play(one, [record("a", 2 * step)]).notifications
    assert (fired.condition, resolved.condition) == ("Fired", "Resolved")
    assert resolved.time - fired.time == quiet * step
    assert resolved.events == ("a",)


def test_a_resolved_alert_fires_again_for_what_comes_back():
    one = rule(f"{COUNTED} | project status", ("status",), auto_mitigation_enabled=True)
    result = play(one, [record("a", HOUR), record("b", 5 * HOUR)])
    assert [one.condition for one in result.notifications] == ["Fired", "Resolved", "Fired", "Resolved"]


@pytest.mark.parametrize(
    ("needed", "periods", "expected"), [(1, 1, 4), (2, 2, 3), (3, 3, 2), (4, 4, 1), (5, 5, 0), (1, 2, 5), (2, 6, 7)]
)
def test_a_rule_fires_when_enough_of_its_last_evaluations_match(needed, periods, expected):
    one = rule(
        COUNTED.replace("30m", "2h"),
        minimum_failing_periods_to_trigger_alert=needed,
        number_of_evaluation_periods=periods,
    )
    assert len(play(one, [record("a", HOUR)]).notifications) == expected


def test_a_mute_keeps_the_rule_silent_for_its_duration():
    muted = rule(COUNTED.replace("30m", "2h"), mute_actions_after_alert_duration=HOUR)
    result = play(muted, [record("a", HOUR)])
    assert [bool(one.suppressed_by) for one in result.notifications] == [False, True, False, True]
    assert notified(result) == {"a": 2}
    assert result.notifications[1].suppressed_by == "mute_actions_after_alert_duration"


@pytest.mark.parametrize(
    ("operator", "threshold", "fires"),
    [
        ("GreaterThan", 1, True),
        ("GreaterThan", 2, False),
        ("GreaterThanOrEqual", 2, True),
        ("Equal", 2, True),
        ("Equal", 1, False),
        ("LessThan", 3, True),
        ("LessThan", 2, False),
        ("LessThanOrEqual", 2, True),
    ],
)
def test_the_number_of_rows_is_compared_with_the_threshold(operator, threshold, fires):
    one = rule(operator=operator, threshold=threshold)
    result = play(one, [record("a", HOUR), record("b", HOUR)])
    assert set(notified(result).values()) == {int(fires)}


def test_a_rule_that_waits_for_too_few_rows_fires_while_there_are_none():
    silence = rule(COUNTED, (), operator="LessThan", threshold=1)
    result = play(silence, [record("a", 2 * HOUR)], schedule=Schedule(seed=1))
    times = [one.time for one in result.notifications]
    assert len(times) >= 4
    assert not any(START + 2 * HOUR + MINUTE <= time <= START + 2.5 * HOUR for time in times)


@pytest.mark.parametrize(
    ("operator", "values", "heard"),
    [("Include", ("Failed",), {"b"}), ("Exclude", ("Failed",), {"a"}), ("Include", ("*",), {"a", "b"})],
)
def test_a_dimension_includes_or_excludes_values(operator, values, heard):
    one = rule(dimensions=(Dimension("status", operator, values),))
    result = play(one, [record("a", HOUR), record("b", HOUR, status="Failed")])
    assert {name for name, count in notified(result).items() if count} == heard


def test_a_rule_can_measure_a_column_instead_of_rows():
    query = COUNTED.replace("| project", "| extend days = toint(properties.days) | project days,")
    one = rule(query, time_aggregation_method="Maximum", metric_measure_column="days", threshold=5)
    result = play(one, [record("a", HOUR, days=5), record("b", 3 * HOUR, days=6)])
    assert notified(result) == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("changed", "silent"),
    [
        ({"enabled": False}, "it is disabled, so it notifies nobody"),
        ({"identity_type": ""}, "it has no identity, so it cannot read Resource Graph and notifies nobody"),
        ({"action_groups": ()}, "it has no action group, so it notifies nobody"),
        ({"action_groups": (EMPTY.id,)}, "ag-empty is disabled or has no receiver, so it notifies nobody"),
    ],
)
def test_a_rule_that_is_silent_notifies_nobody_and_says_why(changed, silent):
    result = play(rule(**changed), [record("a", HOUR)], groups=(EMPTY,))
    assert result.notifications == ()
    assert [event.name for event in result.unheard] == ["a"]
    assert [(one.rule, one.reason) for one in result.not_evaluated] == [("upgrades", silent)]


def test_more_alerts_than_azure_allows_fail_the_evaluation():
    many = [record(f"{number:04}", HOUR) for number in range(301)]
    result = play(stateful(), many)
    assert sum(notified(result).values()) == 0
    (failed,) = result.not_evaluated
    assert failed.reason.startswith("12 evaluations failed and notified nobody, the first at 2026-12-01T01:")
    assert failed.reason.endswith("with 301 alerts: Azure allows a stateful rule 300 an evaluation")


def test_as_many_alerts_as_azure_allows_are_sent():
    many = [record(f"{number:04}", HOUR) for number in range(300)]
    assert set(notified(play(stateful(), many, groups=(UNLIMITED,))).values()) == {1}


def test_only_the_first_thousand_rows_of_a_result_are_counted():
    many = [record(f"{number:04}", HOUR) for number in range(1001)]
    ordered = rule(f"{COUNTED} | order by eventName asc", ("eventName",))
    result = play(ordered, many, groups=(UNLIMITED,))
    assert [name for name, count in notified(result).items() if not count] == ["1000"]


def test_an_event_is_heard_only_where_a_group_has_receivers():
    empty, unknown = Reference("ag-empty", "id"), EMPTY.id.replace("ag-empty", "ag-elsewhere")
    assert notified(play(rule(action_groups=(empty,)), [record("a", HOUR)], groups=(EMPTY,))) == {"a": 0}
    assert notified(play(rule(action_groups=(empty, unknown)), [record("a", HOUR)], groups=(EMPTY,))) == {"a": 1}


def test_what_replaces_a_record_is_an_event_of_its_own():
    started, completed = record("a", HOUR, status="Started"), record("a", 4 * HOUR, status="Completed")
    result = play(rule(), [started, completed])
    assert [(event.status, event.notified) for event in result.events] == [("Started", 1), ("Completed", 1)]


def test_a_record_that_is_replaced_before_an_evaluation_is_missed():
    started, completed = record("a", HOUR, status="Started"), record("a", HOUR + 3 * MINUTE, status="Completed")
    result = play(rule(), [started, completed])
    assert [(event.status, event.notified) for event in result.events] == [("Started", 0), ("Completed", 1)]


def test_skipped_evaluations_and_outages_miss_events_of_tiled_windows():
    events = [record(f"{number}", number * 20 * MINUTE) for number in range(1, 200)]
    outage = Schedule(outages=((START + DAY, START + DAY + 3 * HOUR),))
    missed = {
        name
        for name, count in notified(play(rule(split_by=("eventName",)), events, schedule=outage)).items()
        if not count
    }
    assert {f"{number}" for number in range(74, 79)} <= missed
    assert len(missed) <= 10
    skipping = play(rule(split_by=("eventName",)), events, schedule=Schedule(skip=0.2))
    assert 15 <= sum(not count for count in notified(skipping).values()) <= 70


def test_evaluations_keep_their_frequency_and_the_same_seed_gives_the_same():
    schedule = Schedule(jitter=27 * timedelta(seconds=1), seed=4)
    moments = schedule.moments("upgrades", 30 * MINUTE, START, START + 10 * DAY)
    steps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == 480
    assert max(abs(step - 1_800_000_000) for step in steps) <= 54_000_000
    assert moments == schedule.moments("upgrades", 30 * MINUTE, START, START + 10 * DAY)
    assert moments != Schedule(jitter=27 * timedelta(seconds=1), seed=5).moments(
        "upgrades", 30 * MINUTE, START, START + 10 * DAY
    )


def test_an_event_of_a_cluster_that_no_rule_watches_is_not_missed():
    heard, elsewhere = record("a", HOUR), record("b", HOUR, cluster=PROD.replace("prod", "test"))
    result = play(rule(), [heard, elsewhere])
    assert notified(result) == {"a": 1, "b": 0}
    assert result.unheard == ()


def test_where_nobody_is_notified_of_anything_every_event_counts_as_missed():
    elsewhere = record("b", HOUR, cluster=PROD.replace("prod", "test"))
    assert [event.name for event in play(rule(), [elsewhere]).unheard] == ["b"]


@pytest.mark.parametrize(
    ("filters", "details", "cluster", "wanted"),
    [
        ("K8sVersionUpgrade", "K8sVersionUpgrade", PROD, True),
        ("K8sVersionUpgrade", "K8sVersionUpgrade", PROD.upper(), True),
        ("K8sVersionUpgrade", "K8sVersionUpgrade", f"{PROD}-2", False),
        ("K8sVersionUpgrade", "NodeOSUpgrade", PROD, False),
        ("K8sVersionUpgrade", "K8sVersionUpgrade and NodeOSUpgrade", PROD, True),
        ("K8sVersionUpgrade", "maintenance", PROD, True),
        ("", "NodeOSUpgrade", PROD, True),
        ("' | summarize n = count() by name | where n > 1 | where name contains '", "maintenance", PROD, False),
        ("' | summarize n = count() by name | where n > 1 | where name contains '", "NodeOSUpgrade", PROD, False),
    ],
)
def test_an_event_is_wanted_by_cluster_and_family(filters, details, cluster, wanted):
    query = f"{HEAD} | where tostring(properties.eventDetails) contains '{filters}'"
    deployment = Deployment("production", (rule(query, ()),), (TEAM,))
    rules = RuleSet.from_deployments([deployment])
    assert rules.wants(record("a", HOUR, cluster=cluster, eventDetails=details)) is wanted
