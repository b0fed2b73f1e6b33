"""The fast ways of evaluating a rule give what the plain one gives, and are taken where they may be."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from rule_samples import (
    DAY,
    FIELDS,
    GROUP,
    HEAD,
    HOUR,
    MINUTE,
    PROD,
    START,
    STATEFUL,
    STATELESS,
    SUBSCRIPTION,
    notified,
    play,
    processing_rule,
    record,
    rule,
    stateful,
)
from tests.kql import kql_table

from aks_communication_manager import InvalidArgument
from aks_communication_manager.plan.resources import Condition, Dimension
from aks_communication_manager.rehearse import stories
from aks_communication_manager.rehearse.kql_engine import reading
from aks_communication_manager.rehearse.kql_engine.bounds import CannotBeEvaluated
from aks_communication_manager.rehearse.kql_engine.rows import WindowedRows
from aks_communication_manager.rehearse.kql_engine.rule_query import RuleQuery
from aks_communication_manager.rehearse.schedule import Schedule

PROJECTED = "project eventTime, status, eventName"
TOGETHER = f"{HEAD} | {FIELDS} | where eventTime > ago(2h) | summarize events = count() by status"
BETWEEN = f"{HEAD} | {FIELDS} | where eventTime between (now(-2h) .. ago(10m)) and status != 'Completed' | {PROJECTED}"
TURNED = (
    f"{HEAD} | {FIELDS} | where now() - 3h < eventTime | order by eventTime desc | {PROJECTED} | project-away eventTime"
)
TWICE = (
    f"{HEAD} | {FIELDS} | where eventTime >= ago(4h) | extend planned = todatetime(properties.scheduledTime) "
    "| where planned <= now() + 1d | project-rename state = status | project state, eventName"
)
EITHER = (
    f"{HEAD} | {FIELDS} | where eventTime >= ago(1h) or (status == 'Failed' and eventTime >= ago(3h)) | {PROJECTED}"
)
NEITHER = (
    f"{HEAD} | {FIELDS} | where not(eventTime < ago(3h) or (status =~ 'failed' and eventTime > ago(1h))) | {PROJECTED}"
)
STRICTLY = f"{HEAD} | {FIELDS} | where eventTime > ago(90m) and eventTime < ago(30m) | {PROJECTED}"
DIGEST = (
    f"{HEAD} | {FIELDS} | extend hour = substring(tostring(eventTime), 0, 13) "
    "| extend since = todatetime(strcat(hour, ':00:00Z')) | where since >= ago(6h) "
    "| where not(status in ('Scheduled', 'Started', 'Completed')) or since <= ago(75m) "
    "| summarize events = count(), names = array_sort_asc(make_set(eventName)) by status, hour "
    "| extend names = strcat_array(names, ', ') | project status, hour, events, names"
)
OVERDUE = (
    f"{HEAD} | {FIELDS} | extend planned = todatetime(properties.scheduledTime) "
    "| summarize planned = max(planned), begun = sum(case(status =~ 'Failed', 1, 0)) by status "
    "| where begun == 0 and planned < ago(2h) and planned >= ago(30h) "
    "| extend plannedTime = substring(tostring(planned), 0, 16) | project status, plannedTime"
)
TWICE_COUNTED = (
    f"{HEAD} | {FIELDS} | where eventTime > ago(3h) | summarize events = count() by status, hour = bin(eventTime, 1h) "
    "| summarize hours = count() by status"
)
DAYS = f"{HEAD} | {FIELDS} | where bin(eventTime, 1d) == bin(ago(1h), 1d) | {PROJECTED}"
LATEST = f"{HEAD} | {FIELDS} | where eventTime >= ago(6h) | top 2 by eventTime | {PROJECTED}"
JOINED = f"{STATEFUL} | join kind=inner ({STATELESS} | project eventName) on eventName | project status, eventName"
EXPANDED = (
    f"{HEAD} | {FIELDS} | where eventTime > ago(90m) "
    "| mv-expand resource = properties.resources to typeof(string) | project status, resource, eventName"
)

WAYS = {
    "stateless": (rule(STATELESS), 1),
    "stateful": (stateful(), 1),
    "between": (rule(BETWEEN), 1),
    "the clock on the left": (rule(TURNED), 1),
    "two questions to the clock": (rule(TWICE, ("state",)), 1),
    "several rows of a record": (rule(EXPANDED, ("resource",)), 1),
    "enough of the last evaluations": (
        rule(STATEFUL, minimum_failing_periods_to_trigger_alert=2, number_of_evaluation_periods=3),
        1,
    ),
    "muted": (rule(STATEFUL, mute_actions_after_alert_duration=HOUR), 1),
    "failed alone": (rule(dimensions=(Dimension("status", "Include", ("Failed",)),)), 1),
    "too few": (rule(STATELESS, (), operator="LessThan", threshold=1), 1),
    "rows counted together": (rule(TOGETHER), 2),
    "rows measured together": (
        rule(TOGETHER, time_aggregation_method="Total", metric_measure_column="events", threshold=0),
        2,
    ),
    "the latest": (rule(LATEST, ("eventName",)), None),
    "either of two windows": (rule(EITHER), 1),
    "neither of two windows": (rule(NEITHER), 1),
    "strictly within": (rule(STRICTLY, ("eventName",)), 1),
    "held until it is over": (rule(DIGEST, ("status", "hour", "events", "names")), 2),
    "overdue": (rule(OVERDUE, ("status", "plannedTime")), 2),
    "counted twice": (rule(TWICE_COUNTED, ("hours",)), 3),
    "a day that ends at midnight": (rule(DAYS), None),
    "joined with itself": (rule(JOINED), None),
}

TYPICAL = (
    "stateless",
    "stateful",
    "several rows of a record",
    "rows counted together",
    "held until it is over",
    "overdue",
)
"""One of each kind; the long tests have them all."""


def _random_records(seed, number=40):
    chance = random.Random(seed)
    records = []
    for index in range(number):
        after = chance.random() * 20 * HOUR
        lag = chance.choice([0, 1, 20, 120, 400]) * chance.random() * MINUTE
        status = chance.choice(["Scheduled", "Started", "Completed", "Failed"])
        more = {
            "scheduledTime": chance.choice(["2026-12-01T12:00:00Z", "2026-12-02T00:00:00.1234567Z", None, "soon"]),
            "resources": ["a", "b"][: chance.randrange(3)],
        }
        records.append(record(f"event-{index % (number - 3)}", after, status, lag, **more))
    return records


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.long] * (name not in TYPICAL)) for name, (_, way) in WAYS.items() if way],
)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_fast_way_gives_what_evaluating_everything_gives(name, seed):
    one, _ = WAYS[name]
    schedule = Schedule(jitter=5 * MINUTE, skip=0.1, seed=seed)
    records = _random_records(f"{name} {seed}", 16)
    fast, plain = (play(one, records, schedule=schedule, windowed=windowed) for windowed in (True, False))
    assert fast == plain
    assert fast.notifications


DIMENSIONS = {
    ("cluster-auto-upgrade", "event"): ("status", "eventName", "plannedTime", "reason"),
    ("cluster-auto-upgrade", "digest"): ("status", "hour", "plannedTime", "events", "clusters"),
    ("missed-maintenance", "event"): ("family", "clusterName", "plannedTime"),
    ("missed-maintenance", "digest"): ("family", "plannedTime", "events", "clusters"),
}


@pytest.mark.long
@pytest.mark.parametrize(("notice", "grouping"), DIMENSIONS)
def test_shipped_queries_give_the_same_in_the_fast_way(notice, grouping):
    query = kql_table.hardened(notice, (GROUP,), grouping=grouping)
    shipped = rule(query, DIMENSIONS[notice, grouping], auto_mitigation_enabled=True, evaluation_frequency=2 * HOUR)
    assert len(RuleQuery.parse(query).pattern.stages) == {"cluster-auto-upgrade": 1, "missed-maintenance": 2}[
        notice
    ] + (grouping == "digest")
    chance = random.Random(f"{notice} {grouping}")
    records = []
    for number in range(24):
        planned = START - DAY + chance.randrange(3) * 12 * HOUR
        more = {
            "eventId": f"id-{number % 9}",
            "eventDetails": f"K8sVersionUpgrade {number}\nmore",
            "scheduledTime": f"{planned:%Y-%m-%dT%H:%M:%S}.0000000Z",
        }
        status = chance.choice(["Scheduled", "Scheduled", "Started", "Completed", "Failed", "Cancelled", "Paused"])
        cluster = f"{PROD}-{chance.randrange(4)}"
        lag = chance.choice([0, 1, 200]) * MINUTE
        records.append(record(f"event-{number}", chance.random() * 20 * HOUR, status, lag, cluster, **more))
    schedule = Schedule(jitter=20 * MINUTE, skip=0.1)
    fast, plain = (play(shipped, records, schedule=schedule, windowed=windowed) for windowed in (True, False))
    assert fast.not_evaluated == plain.not_evaluated == ()
    assert fast == plain
    assert fast.notifications


@pytest.mark.parametrize("name", WAYS)
def test_the_fast_way_is_taken_where_it_is_proven(name):
    one, way = WAYS[name]
    stages = RuleQuery.parse(one.query).pattern.stages
    assert (None if stages is None else len(stages)) == way


def test_times_that_are_no_datetimes_are_compared_by_the_plain_way():
    # KQL compares text with a datetime in its own way: what it does is not for us to guess.
    as_text = rule(
        f"{HEAD} | {FIELDS} | extend eventTime = todynamic(properties).lastUpdateTime | where todatetime(eventTime) > ago(1h) | {PROJECTED}"
    )
    records = _random_records("text")
    assert play(as_text, records) == play(as_text, records, windowed=False)


def _clusters(number):
    return [PROD.replace("rg-aks", f"rg-{place % 40}").replace("prod", f"aks-{place}") for place in range(number)]


def _for(scope, query=STATEFUL, **changed):
    """The same rule for another scope."""
    return rule(query.replace(f"{PROD}/", f"{scope}/"), ("status", "eventName"), scopes=(scope,), **changed)


def test_shared_and_single_rules_report_each_event_of_a_month_once():
    clusters = _clusters(60)
    records = stories.records("month", clusters, START, MINUTE)
    assert len(records) == 840
    many = [_for(cluster, name=f"upgrades-{cluster}", auto_mitigation_enabled=True) for cluster in clusters]
    for rules in ([_for(SUBSCRIPTION, STATELESS)], many):
        assert {event.notified for event in play(rules, records).events} == {1}


@pytest.mark.long
def test_rules_that_differ_in_the_id_alone_give_what_each_gives_by_itself():
    clusters = [PROD, f"{PROD}-2", PROD.replace("rg-aks", "rg-other")]
    scopes = [*clusters, PROD.replace("rg-aks", "RG-AKS"), GROUP, SUBSCRIPTION]
    rules = [_for(scope, name=f"{place} {scope}") for place, scope in enumerate(scopes)]
    rules += [_for(PROD, STATELESS, name="another query"), _for(PROD, TOGETHER, name="counted", dimensions=())]
    records = [
        replace(each, row={**each.row, "id": each.id.replace(PROD, clusters[int(each.name.partition("-")[2]) % 3])})
        for each in _random_records("alike", 9)
    ]
    assert len({RuleQuery.parse(each.query).pattern for each in rules}) == 3
    fast, plain = (play(rules, records, windowed=windowed) for windowed in (True, False))
    assert fast == plain
    by_itself = [one for each in rules for one in play(each, records).notifications]
    assert sorted(map(repr, fast.notifications)) == sorted(map(repr, by_itself))
    assert {one.rule for one in fast.notifications} == {each.name for each in rules}


def test_rules_that_differ_in_the_id_alone_are_parsed_and_run_once(monkeypatch):
    runs = []
    run = WindowedRows._run
    monkeypatch.setattr(
        WindowedRows, "_run", lambda self, *given: [runs.append(given[1].pattern), run(self, *given)][1]
    )
    parsed = reading._parsed.cache_info().misses
    query = STATELESS.replace("ago(35m)", "ago(36m)")
    clusters = _clusters(50)
    result = play([_for(each, query, name=each) for each in clusters], [record("a", HOUR, cluster=clusters[7])])
    assert [one.rule for one in result.notifications] == [clusters[7]]
    assert len(runs) == 1
    assert reading._parsed.cache_info().misses == parsed + 1


@pytest.mark.parametrize(
    "query",
    [
        STATELESS.replace("extend eventName = name", 'extend eventName = name, id = strcat(id, "x")', 1).replace(
            f'where id startswith "{PROD}/" | ', ""
        )
        + f' | where strcat("{PROD}/", status) startswith "/"',
        STATELESS.replace(f'startswith "{PROD}/"', f'!startswith "{PROD}/"'),
        STATELESS.replace(f'id startswith "{PROD}/"', f'(id startswith "{PROD}/" or name == "b")'),
        f'{STATELESS} | where eventName != "{PROD}/"',
    ],
    ids=["as a value", "negated", "as one of two", "twice"],
)
def test_an_id_that_is_used_in_another_way_is_left_to_the_query(query):
    assert RuleQuery.parse(query).prefix == ""
    records = [record(name, HOUR, cluster=cluster) for name, cluster in {"a": PROD, "b": f"{PROD}-2"}.items()]
    assert play(rule(query), records) == play(rule(query), records, windowed=False)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("AzureActivity | count", 'its query is not over Azure Resource Graph: it has no arg("")'),
        ('AzureActivity // arg("").', 'its query is not over Azure Resource Graph: it has no arg("")'),
        ("print x = \"arg('').resources\"", 'its query is not over Azure Resource Graph: it has no arg("")'),
        (
            "arg('').Resources | count",
            'its query reads "Resources", and only containerserviceeventresources is rehearsed',
        ),
        (
            'arg("").containerserviceeventresources | whither id',
            "the KQL engine cannot run its query: could not parse KQL at 1:39: ",
        ),
        (
            'arg("").containerserviceeventresources | project-reorder id',
            "its query uses project-reorder in line 1, which rehearse cannot run",
        ),
        (
            'arg("").resources | mv-apply item on (project id)',
            'its query reads "resources", and only containerserviceeventresources is rehearsed',
        ),
        (
            'arg("").containerserviceeventresources | mv-apply item on (project id)',
            "its query uses mv-apply in line 1, which rehearse cannot run",
        ),
    ],
)
def test_a_query_that_cannot_be_evaluated_says_why(query, reason):
    with pytest.raises(CannotBeEvaluated) as error:
        RuleQuery.parse(query)
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    ("pattern", "column"),
    [
        ('parse id with clusterId "/scheduledEvents/" *', "clusterId"),
        ('parse kind=simple id with clusterId:string "/scheduledEvents/" *', "clusterId"),
        ('parse tolower(id) with clusterId "/scheduledevents/" guid', "clusterId"),
        ('parse id with * "/managedClusters/" clusterName "/" *', "clusterName"),
    ],
)
def test_parse_takes_patterns_that_begin_with_a_column_or_a_text(pattern, column):
    query = STATEFUL.replace("| where eventTime", f"| {pattern} | where eventTime").replace(
        "project ", f"project {column}, "
    )
    result = play(rule(query, (column,)), [record("a", HOUR)])
    assert {value.lower() for one in result.notifications for value in one.dimensions.values()} <= {
        PROD.lower(),
        "prod",
    }
    assert notified(result) == {"a": 12}


def test_a_let_statement_may_come_before_the_table():
    query = f"let back = 6h;\n{STATEFUL.replace('ago(6h)', 'ago(back)')}"
    assert notified(play(rule(query, ("status", "eventName"), auto_mitigation_enabled=True), [record("a", HOUR)])) == {
        "a": 1
    }


def test_a_column_that_does_not_exist_is_reported_and_the_other_rules_go_on():
    wrong = rule(STATELESS.replace("properties.eventStatus", "property.eventStatus"), name="wrong")
    result = play([wrong, rule()], [record("a", HOUR)])
    assert [one.rule for one in result.notifications] == ["upgrades"]
    (left_out,) = result.not_evaluated
    assert left_out.rule == "wrong"
    assert left_out.reason.startswith("the KQL engine cannot run its query: ")


@pytest.mark.parametrize("cluster", [PROD, f"{PROD}-2"], ids=["concerned", "not concerned"])
def test_a_dimension_that_the_query_does_not_return_is_reported(cluster):
    query = STATELESS.replace("| extend eventName", '| where type endswith "/scheduledevents" | extend eventName')
    result = play(rule(query, split_by=("cluster",)), [record("a", HOUR, cluster=cluster)])
    assert [one.reason for one in result.not_evaluated] == [
        "it reads the column cluster, which its query does not return"
    ]


def test_resource_id_column_splits_alerts_and_is_the_affected_resource():
    query = STATELESS.replace(
        "project ",
        'extend target = strcat("/", strcat_array(array_slice(split(id, "/"), 1, 8), "/")) | project target, ',
    )
    query = query.replace(f'where id startswith "{PROD}/"', "where isnotempty(id)")
    other = PROD.replace("prod", "test")
    quiet = processing_rule("quiet", (other,), Condition("severity", "Equals", ("Sev3",)))
    result = play(
        rule(query, resource_id_column="target"), [record("a", HOUR), record("b", HOUR, cluster=other)], [quiet]
    )
    assert [(one.events, one.suppressed_by) for one in result.notifications] == [(("a",), ""), (("b",), "quiet")]


def test_what_a_query_filters_by_says_what_it_watches():
    query = RuleQuery.parse(
        f'{HEAD} | where not(id startswith "{PROD}/agents/") and id !contains "/subscriptions/2" '
        '| where (properties has "K8sVersionUpgrade" or properties.eventSource =~ "EOLNotification")'
    )
    assert query.scopes == (PROD,)
    assert query.families == {"K8sVersionUpgrade", "EOLNotification"}
    assert RuleQuery.parse(STATELESS).families == {"K8sVersionUpgrade", "NodeOSUpgrade", "EOLNotification"}


def test_a_rule_whose_query_names_no_scope_watches_its_own():
    everything = replace(rule(STATELESS.replace(f'where id startswith "{PROD}/"', "where true")), scopes=(PROD,))
    result = play(everything, [record("late", HOUR, lag=DAY)])
    assert [event.name for event in result.unheard] == ["late"]


def test_records_that_span_more_than_ten_years_are_refused():
    with pytest.raises(InvalidArgument) as error:
        play(rule(), [record("a", HOUR), record("b", 4000 * DAY)])
    assert str(error.value) == (
        "the records span 4,000 days, which are too many evaluations to rehearse [ACM163]\n"
        "    Play at most 3,660 days at once, or correct the times."
    )
