"""Each event reported once: look-backs that Azure takes, options with an effect, and no more alerts than an evaluation may fire."""

import pytest

from aks_communication_manager import Route
from tests.compiling import SUB, cluster, compiled, planned, said, wrong

SUBSCRIPTION = f"/subscriptions/{SUB}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-2"
CLUSTERS = [cluster(f"c{number}") for number in range(351)]
ONCE = "every rule looks back over `look_back` (PT6H), and Azure keeps an alert for each event"


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [
        ("delivery", "stateful", f"Remove it: {ONCE}. For many clusters set `grouping` (event or digest), or leave it to the default."),
        ("ingestion_delay", "PT15M", f"Remove it: {ONCE}. Set `look_back` if events show up later."),
        ("overlap", "PT1M", f"Remove it: {ONCE}, so no event is sent twice."),
    ],
)  # fmt: skip
def test_removed_key_is_reported_with_its_replacement(key, value, fix):
    assert said(**{key: value}) == f"{key}: was removed in 0.3 [ACM056]\n    {fix}"


def test_an_evaluation_a_day_is_for_the_documented_query_alone():
    assert said(evaluation_frequency="P1D") == (
        'evaluation_frequency: "P1D" is for `query: documented` only: '
        "Azure documents the state of alerts for frequencies up to 12 hours [ACM125]\n"
        "    Use PT6H or less. PT15M costs the same as any slower frequency."
    )
    planned(evaluation_frequency="P1D", query="documented")


def test_a_rule_looks_back_for_two_evaluations_and_at_most_47_hours():
    planned(evaluation_frequency="PT6H", look_back="PT12H")
    planned(look_back="PT47H")
    assert said(evaluation_frequency="PT6H", look_back="PT11H59M") == (
        'look_back: "PT11H59M" is shorter than two evaluations at PT6H: one that is late or skipped would lose events [ACM107]\n'
        "    Use at least PT12H, or remove it: the default is PT6H or twice the frequency."
    )
    assert said(look_back="PT47H1S") == (
        'look_back: "P1DT23H1S" is longer than PT47H, the longest that is possible [ACM107]\n    Shorten it.'
    )


LONGEST_OF_DIGESTS = (
    'look_back: "P1DT4H1S" is longer than PT28H, the longest for digests: with five statuses and two planned hours '
    "more of them than the 300 alerts that Azure allows an evaluation could be open [ACM107]\n"
    "    Shorten it, or set `grouping: event`."
)


@pytest.mark.parametrize(
    "arguments",
    [
        {"scopes": [SUBSCRIPTION]},
        {"grouping": "digest"},
        {"scopes": CLUSTERS[:101], "rules": "shared"},
        {"routes": [Route(statuses=["Scheduled"], grouping="digest")]},
        {"scopes": [cluster(), {"id": GROUP, "notices": ["missed-maintenance"]}]},
    ],
)
def test_digests_look_back_28_hours_at_most(arguments):
    planned(**arguments, look_back="PT28H")
    assert said(**arguments, look_back="PT28H1S") == LONGEST_OF_DIGESTS


def test_events_of_a_wide_scope_may_look_back_longer_than_digests():
    planned(scopes=[GROUP], grouping="event", look_back="PT47H")
    planned(scopes=[GROUP], notices=["end-of-support"], look_back="PT47H")


def test_too_long_look_back_is_reported_beside_an_invalid_severity():
    assert {(mistake.where, mistake.code) for mistake in wrong(severity=9, look_back="PT48H")} == {
        ("look_back", "ACM107"),
        ("severity", "ACM043"),
    }


@pytest.mark.parametrize("arguments", [{"look_back": "PT6H"}, {"grouping": "event"}, {"resolved_messages": True}])
def test_the_documented_query_takes_no_option_of_delivery(arguments):
    [key] = arguments
    assert said(query="documented", **arguments) == (
        f"{key}: is not used with the documented query [ACM120]\n    Remove it, or set `query: hardened`."
    )


def test_a_shared_rule_reports_events_of_a_hundred_clusters_only():
    planned(scopes=CLUSTERS[:100], rules="shared", grouping="event")
    assert said(scopes=CLUSTERS[:101], rules="shared", grouping="event") == (
        "grouping: 101 clusters with up to 3 events each within look_back are 303 alerts of one rule; "
        "Azure evaluates no rule with more than 300 [ACM121]\n"
        "    Set `grouping: digest`, or `rules: per-scope`."
    )
    planned(scopes=CLUSTERS[:75], rules="shared", grouping="event", look_back="P1D")
    assert "76 clusters with up to 4 events" in said(
        scopes=CLUSTERS[:76], rules="shared", grouping="event", look_back="P1D"
    )


def test_events_of_too_many_clusters_are_reported_at_the_route():
    routes = [Route(statuses=["Failed"], grouping="event")]
    assert said(scopes=CLUSTERS[:101], rules="shared", routes=routes).startswith(
        "routes[0].grouping: 101 clusters with up to 3 events each within look_back are 303 alerts of one rule"
    )


def test_the_end_of_support_of_too_many_clusters_needs_rules_of_their_own():
    assert said(scopes=CLUSTERS[:101], rules="shared", notices=["end-of-support"]) == (
        "rules: 101 clusters with up to 3 events each within look_back are 303 alerts of one rule; "
        "Azure evaluates no rule with more than 300 [ACM121]\n"
        "    Set `rules: per-scope`, or use several stacks or managers."
    )


def test_events_of_a_wide_scope_give_a_warning():
    _, [warning] = compiled(scopes=[SUBSCRIPTION], grouping="event")
    assert str(warning) == (
        f'scopes[0]: cluster-auto-upgrade and node-os-auto-upgrade: each event in "{SUBSCRIPTION}" is an alert of its own, '
        "and Azure evaluates no rule with more than 300 [ACM151]\n"
        "    Keep it below 100 clusters, or set `grouping: digest`."
    )
    _, warnings = compiled(scopes=[SUBSCRIPTION])
    assert warnings == ()


def test_a_health_alert_needs_a_frequency_at_which_azure_reports_health():
    planned(health_alert=True, evaluation_frequency="PT15M")
    assert said(health_alert=True) == (
        "health_alert: Azure reports no health of rules that run every PT30M, so it would never fire [ACM127]\n"
        "    Set `evaluation_frequency: PT15M`, which costs the same, or remove it."
    )
