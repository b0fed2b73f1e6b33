"""What all plans of one program make together: each thing once, and no more than Azure takes."""

from aks_communication_manager import ActionGroup, Identity, Route
from tests.compiling import SUB, cluster, compiled, planned, said

SHARED = Identity.user_assigned()
WAYS_OUT = (
    "    Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
    "or use several stacks or managers, each with its own identity."
)


def test_one_identity_has_fifty_rules_and_not_one_more():
    clusters = [cluster(f"c{number}") for number in range(26)]
    planned(scopes=clusters[:25], identity=SHARED)
    assert said(scopes=clusters, identity=SHARED) == (
        f"identity: 52 alert rules would share one identity; Azure takes at most 50 [ACM134]\n{WAYS_OUT}"
    )
    planned(scopes=clusters, identity=SHARED, rules="shared")
    planned(scopes=clusters)


def test_routes_count_as_the_rules_they_become():
    clusters = [cluster(f"c{number}") for number in range(13)]
    routes = [Route(statuses=["Failed"], severity=1)]
    assert said(scopes=clusters, identity=SHARED, routes=routes).startswith("identity: 52 alert rules")


# Azure takes 4,000 role assignments in a subscription: near it is a warning, over it a mistake.


def per_cluster(clusters: int) -> dict:
    """Options with four assignments for each cluster: two notices, each reading resource group and subscription."""
    scopes = [cluster("c", f"rg-{index}") for index in range(clusters)]
    group = f"/subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
    return {"scopes": scopes, "action_group": ActionGroup.existing(group)}


FEWER = (
    "Watch resource groups or the subscription instead of clusters, or set `rules: shared` or `reader_scopes: [scope]`."
)


def test_899_clusters_with_four_assignments_each_pass_without_a_word():
    _, warnings = compiled(**per_cluster(899))
    assert warnings == ()


def test_900_are_told_with_the_count_and_the_limit():
    _, [warning] = compiled(**per_cluster(900))
    assert str(warning) == (
        f"3,600 role assignments are created in subscription {SUB}, and Azure takes at most 4,000 there, "
        f"including all others. [ACM150]\n    {FEWER}"
    )


def test_1000_are_the_most_and_1001_a_mistake():
    _, [warning] = compiled(**per_cluster(1000))
    assert warning.problem.startswith("4,000 role assignments are created")
    assert said(**per_cluster(1001)) == (
        f"reader_scopes: 4,004 role assignments would be created in subscription {SUB}; "
        f"Azure takes at most 4,000 there [ACM135]\n    {FEWER}"
    )


def test_one_identity_for_all_rules_needs_few():
    _, warnings = compiled(**per_cluster(300) | {"rules": "shared", "identity": SHARED})
    assert warnings == ()
