"""Each event reported once: windows that Azure takes, options that some rule uses, and no more alerts than have state."""

import pytest

from tests.compiling import SUB, cluster, compiled, planned, said, wrong

SUBSCRIPTION = f"/subscriptions/{SUB}"


def test_state_needs_our_query():
    assert said(query="documented", delivery="stateful") == (
        "delivery: the documented query does not return eventName, without which a stateful rule would miss events [ACM103]\n"
        "    Remove it, or set `query: hardened`."
    )


def test_state_needs_an_evaluation_every_twelve_hours():
    assert said(evaluation_frequency="P1D", delivery="stateful") == (
        'delivery: "stateful" is not possible with the evaluation frequency P1D: '
        "Azure documents stateful alerts for frequencies up to 12 hours [ACM103]\n"
        "    Remove it, or evaluate more often."
    )
    planned(evaluation_frequency="P1D")


def test_a_stateful_rule_looks_back_for_two_evaluations_and_at_most_47_hours():
    planned(evaluation_frequency="PT6H", look_back="PT12H")
    planned(look_back="PT47H")
    assert said(evaluation_frequency="PT6H", look_back="PT11H59M") == (
        'look_back: "PT11H59M" is shorter than two evaluations at PT6H: one that is late or skipped would lose events [ACM107]\n'
        "    Use at least PT12H, or remove it: the default is PT6H or twice the frequency."
    )
    assert said(look_back="PT47H1S") == (
        'look_back: "P1DT23H1S" is longer than PT47H, the longest that is possible [ACM107]\n    Shorten it.'
    )


def test_no_evaluation_of_a_stateless_rule_looks_back_further_than_azure_lets_it():
    planned(evaluation_frequency="P1D", ingestion_delay="PT23H59M", overlap="PT1M")
    assert said(evaluation_frequency="P1D", ingestion_delay="P1D", overlap="PT1S") == (
        "ingestion_delay: evaluation_frequency P1D, ingestion_delay and overlap add up to P2DT1S, "
        "but a rule may look back 48 hours at most [ACM107]\n    Shorten one of them."
    )


def test_windows_overlap_by_less_than_the_frequency_so_that_an_event_is_reported_twice_at_most():
    shared = {"scopes": [cluster(), cluster("dev")], "rules": "shared"}
    planned(**shared, overlap="PT29M59S")
    for overlap in ("PT30M", "PT2H"):
        assert said(**shared, overlap=overlap) == (
            f'overlap: "{overlap}" is not shorter than evaluation_frequency PT30M: every event would be reported at least twice [ACM107]\n'
            "    Shorten it, or remove it: the default is PT1M."
        )


def test_a_period_that_is_too_long_is_reported_though_a_scope_is_misspelt():
    assert {(mistake.where, mistake.code) for mistake in wrong(scopes=[cluster(), "dev"], look_back="PT48H")} == {
        ("look_back", "ACM107"),
        ("scopes[1]", "ACM030"),
    }


@pytest.mark.parametrize("arguments", [{"look_back": "P1D"}, {"look_back": "PT48H"}, {"resolved_messages": True}])
def test_where_state_is_not_possible_no_fix_asks_for_it(arguments):
    [key] = arguments
    assert said(evaluation_frequency="P1D", **arguments) == (
        f"{key}: is for stateful rules, but all rules are stateless [ACM120]\n    Remove it."
    )


def test_a_period_of_rules_that_are_not_created_is_not_corrected():
    remove = "[ACM120]\n    Remove it, or set `delivery: "
    assert said(evaluation_frequency="PT6H", look_back="PT6H", delivery="stateless") == (
        f"look_back: is for stateful rules, but all rules are stateless {remove}stateful`."
    )
    assert said(ingestion_delay="PT48H") == (
        f"ingestion_delay: is for stateless rules, but all rules are stateful {remove}stateless`."
    )
    assert said(query="documented", overlap="PT2H") == (
        "overlap: is not used with the documented query [ACM120]\n    Remove it, or set `query: hardened`."
    )
    [mistake] = wrong(evaluation_frequency="P1D", look_back="P1D", delivery="stateful")
    assert (mistake.where, mistake.code) == ("delivery", "ACM103")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"overlap": "PT1M"}, "overlap: is for stateless rules, but all rules are stateful [ACM120]\n    Remove it, or set `delivery: stateless`."),
        ({"delivery": "stateless", "look_back": "PT6H"}, "look_back: is for stateful rules, but all rules are stateless [ACM120]\n"
         "    Remove it, or set `delivery: stateful`."),
        ({"scopes": [SUBSCRIPTION], "resolved_messages": True}, "resolved_messages: is for stateful rules, but all rules are stateless [ACM120]\n"
         "    Remove it, or set `delivery: stateful`."),
    ],
)  # fmt: skip
def test_an_option_for_a_kind_of_rule_that_is_not_created_is_a_mistake(arguments, text):
    assert said(**arguments) == text


def test_an_option_is_used_where_one_rule_is_of_its_kind():
    planned(scopes=[cluster(), f"{SUBSCRIPTION}/resourceGroups/rg-2"], overlap="PT1M", look_back="PT6H")


def test_a_shared_rule_keeps_state_for_a_hundred_clusters_only():
    clusters = [cluster(f"c{number}") for number in range(101)]
    planned(scopes=clusters[:100], rules="shared", delivery="stateful")
    assert said(scopes=clusters, rules="shared", delivery="stateful") == (
        "delivery: 101 clusters with up to 3 events each within look_back are 303 alerts of one rule; "
        "Azure evaluates no stateful rule with more than 300 [ACM121]\n"
        "    Remove it, so that the rules are stateless, or set `rules: per-scope`."
    )


def test_a_wide_rule_that_keeps_state_is_a_warning_because_its_clusters_cannot_be_counted():
    _, [warning] = compiled(scopes=[SUBSCRIPTION], delivery="stateful")
    assert str(warning) == (
        f'scopes[0]: the rule over "{SUBSCRIPTION}" is stateful, and Azure evaluates none with more than 300 alerts [ACM151]\n'
        "    Keep it below 100 clusters, or remove `delivery`, so that it is stateless."
    )
