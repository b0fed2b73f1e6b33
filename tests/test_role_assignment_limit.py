"""Azure takes 4,000 role assignments in a subscription: near it is told, over it refused, before anything is written."""

from __future__ import annotations

from aks_communication_manager import ActionGroup, Identity
from aks_communication_manager.config.options import Options
from aks_communication_manager.plan.planner import Plan, Scope, plan

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = ActionGroup.existing(
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
)


def planned(clusters: int, **arguments) -> Plan:
    scopes = [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{index}/providers/Microsoft.ContainerService/managedClusters/c"
        for index in range(clusters)
    ]
    options = Options(scopes=scopes, action_group=GROUP, **arguments)
    return plan(options, [Scope.literal(text) for text in options.scopes], subscription_id=SUBSCRIPTION)


def test_899_clusters_with_four_assignments_each_pass_without_a_word():
    assert planned(899).mistakes == planned(899).warnings == ()


def test_900_are_told_with_the_count_and_the_limit():
    [warning] = planned(900).warnings
    assert warning == (
        f"3,600 role assignments are made in subscription {SUBSCRIPTION}, and Azure takes at most 4,000 there, "
        "all others counted in. Watch resource groups or the subscription instead of clusters, or say rules: shared, or "
        "reader_scopes: [scope]."
    )


def test_1000_are_the_most_and_1001_a_mistake():
    assert planned(1000).mistakes == ()
    [mistake] = planned(1001).mistakes
    assert (mistake.path, mistake.problem) == (
        "reader_scopes",
        f"4,004 role assignments would be made in subscription {SUBSCRIPTION}; Azure takes at most 4,000 there",
    )


def test_one_identity_for_all_rules_needs_few():
    assert planned(300, rules="shared", identity=Identity.user_assigned()).warnings == ()
