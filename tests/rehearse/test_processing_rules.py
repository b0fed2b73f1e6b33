"""Which notifications an alert processing rule suppresses."""

from __future__ import annotations

import pytest
from rule_samples import GROUP, HOUR, PROD, SUBSCRIPTION, notified, play, processing_rule, record, rule, stateful

from aks_communication_manager.plan.alert_matching import facts, matches
from aks_communication_manager.plan.resources import Condition

ALERT = rule(description="Upgrades of prod")


def quiet(*conditions, scopes=(GROUP,)):
    return processing_rule("quiet", scopes, *(Condition(*one) for one in conditions))


def suppresses(processing):
    return matches(processing.scopes, processing.conditions, facts(ALERT, "Fired", PROD), (PROD,)) == "yes"


def test_resolved_messages_can_be_suppressed_while_alerts_are_sent():
    result = play(stateful(), [record("a", HOUR)], [quiet(("monitor_condition", "Equals", ("Resolved",)))])
    assert [(one.condition, one.suppressed_by) for one in result.notifications] == [
        ("Fired", ""),
        ("Resolved", "quiet"),
    ]
    assert notified(result) == {"a": 1}


def test_a_rule_that_swallows_fired_alerts_leaves_the_event_to_nobody():
    result = play(stateful(), [record("a", HOUR)], [quiet()])
    assert notified(result) == {"a": 0}
    assert [event.name for event in result.unheard] == ["a"]


@pytest.mark.parametrize(
    ("scopes", "covered"),
    [
        ((PROD,), True),
        ((PROD.upper(),), True),
        ((GROUP,), True),
        ((SUBSCRIPTION,), True),
        ((f"{GROUP}/",), True),
        ((f"{GROUP}-2",), False),
        ((PROD[:-1],), False),
        ((f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/scheduledQueryRules/upgrades",), False),
        ((), False),
    ],
)
def test_its_scope_is_compared_with_the_affected_resource(scopes, covered):
    assert suppresses(quiet(scopes=scopes)) is covered


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (("monitor_condition", "Equals", ("Fired",)), True),
        (("monitor_condition", "NotEquals", ("Fired",)), False),
        (("severity", "Equals", ("Sev2", "Sev3")), True),
        (("severity", "NotEquals", ("Sev2",)), True),
        (("alert_rule_name", "Contains", ("GRADE",)), True),
        (("alert_rule_name", "DoesNotContain", ("other", "grade")), False),
        (("alert_rule_id", "Equals", (ALERT.id.upper(),)), True),
        (("description", "Contains", ("of prod",)), True),
        (("signal_type", "Equals", ("Log",)), True),
        (("monitor_service", "Equals", ("Log Alerts V2",)), True),
        (("target_resource", "Equals", (PROD,)), True),
        (("target_resource_group", "Equals", (GROUP,)), True),
        (("target_resource_type", "Equals", ("microsoft.containerservice/managedclusters",)), True),
    ],
)
def test_a_condition_compares_without_letter_case(condition, holds):
    assert suppresses(quiet(condition)) is holds


def test_all_conditions_have_to_hold():
    both = quiet(("monitor_condition", "Equals", ("Fired",)), ("severity", "Equals", ("Sev0",)))
    assert not suppresses(both)


def test_a_condition_that_is_not_known_is_reported_and_suppresses_nothing():
    result = play(rule(), [record("a", HOUR)], [quiet(("weather", "Equals", ("rain",)))])
    assert notified(result) == {"a": 1}
    assert [one.reason for one in result.not_evaluated] == [
        "it filters by weather, which is not rehearsed: its suppression is left out"
    ]
