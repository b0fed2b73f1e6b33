"""Which alerts an alert processing rule matches, where not everything is known of an alert."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aks_communication_manager.plan.alert_matching import facts, fits, matches
from aks_communication_manager.plan.resources import AlertRule, Condition
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, RULE, SUBSCRIPTION

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
ALERT_RULE = AlertRule(
    construct_id="rule",
    key=("alert rule",),
    id=RULE,
    name="Rule",
    resource_group="rg-aks-notices",
    scopes=(CLUSTER,),
    query="",
    severity=3,
    evaluation_frequency=timedelta(minutes=15),
    description="Some text [marker]",
)


@pytest.mark.parametrize(
    ("condition", "known", "unknown"),
    [
        (Condition("alert_rule_id", "Equals", (RULE.upper(),)), "yes", "yes"),
        (Condition("alert_rule_name", "NotEquals", ("rule",)), "no", "no"),
        (Condition("description", "Contains", ("[MARKER]",)), "yes", "yes"),
        (Condition("description", "DoesNotContain", ("[nothing]", "[other]")), "yes", "yes"),
        (Condition("monitor_condition", "Equals", ("Resolved",)), "no", "no"),
        (Condition("severity", "Equals", ("Sev0", "Sev3")), "yes", "yes"),
        (Condition("target_resource", "Contains", ("/managedclusters/prod",)), "yes", "perhaps"),
        (Condition("target_resource_group", "Equals", (CLUSTER_GROUP,)), "yes", "perhaps"),
        (Condition("target_resource_group", "Equals", ("rg-aks",)), "yes", "perhaps"),
        (
            Condition("target_resource_type", "Equals", ("microsoft.containerservice/managedclusters",)),
            "yes",
            "perhaps",
        ),
        (
            Condition("target_resource_type", "NotEquals", ("microsoft.containerservice/managedclusters",)),
            "no",
            "perhaps",
        ),
        (Condition("alert_context", "Contains", ("x",)), "perhaps", "perhaps"),
        (Condition("severity", "StartsWith", ("Sev",)), "perhaps", "perhaps"),
    ],
)
def test_a_condition_on_a_known_and_on_an_unknown_target(condition: Condition, known: str, unknown: str):
    assert fits(condition, facts(ALERT_RULE, "Fired", CLUSTER)) == known
    assert fits(condition, facts(ALERT_RULE, "Fired", None)) == unknown


@pytest.mark.parametrize(
    ("scopes", "targets", "match"),
    [
        ((CLUSTER,), (CLUSTER,), "yes"),
        ((f"{CLUSTER_GROUP}/",), (CLUSTER.upper(),), "yes"),
        ((f"{CLUSTER}-2",), (CLUSTER,), "no"),
        ((GROUP,), (CLUSTER,), "no"),
        ((CLUSTER,), (CLUSTER, f"{CLUSTER}-2"), "perhaps"),
        ((CLUSTER, f"{CLUSTER}-2"), (CLUSTER, f"{CLUSTER}-2"), "yes"),
        ((CLUSTER,), (WHOLE,), "perhaps"),
        ((), (CLUSTER,), "no"),
    ],
)
def test_scopes_are_compared_with_all_targets(scopes: tuple[str, ...], targets: tuple[str, ...], match: str):
    assert matches(scopes, (), {}, targets) == match


def test_all_conditions_have_to_match():
    yes, no = Condition("severity", "Equals", ("Sev3",)), Condition("severity", "Equals", ("Sev0",))
    perhaps = Condition("alert_context", "Contains", ("x",))
    known = facts(ALERT_RULE, "Fired", CLUSTER)
    found = [matches((WHOLE,), conditions, known, (CLUSTER,)) for conditions in ((yes,), (yes, perhaps), (perhaps, no))]
    assert found == ["yes", "perhaps", "no"]
