"""Watched scopes: each cluster once, in the subscription of the stack."""

import pytest

from tests.compiling import SUB, cluster, compiled, known_later, planned, said

SUBSCRIPTION = f"/subscriptions/{SUB}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-aks"


def test_a_scope_listed_twice_is_reported_at_the_second_in_any_case():
    capitals = cluster("PROD", "RG-AKS")
    assert said(scopes=[cluster(), cluster("dev"), capitals]) == (
        f'scopes[2]: "{capitals}" is listed twice, first as scopes[0] [ACM100]\n'
        "    Remove it here: every notification would be sent twice. Azure ignores letter case in ids."
    )


@pytest.mark.parametrize("outer", [SUBSCRIPTION, GROUP, GROUP.upper().replace("/SUBSCRIPTIONS", "/subscriptions")])
def test_a_cluster_that_two_scopes_watch_is_reported_with_both(outer):
    outer_as_written = outer.replace("RESOURCEGROUPS", "resourceGroups")
    assert said(scopes=[cluster(), outer]) == (
        f'scopes[0]: "{cluster()}" lies in scopes[1], "{outer_as_written}": every notification would be sent twice [ACM101]\n'
        "    Remove one of them, or set `allow_overlap: true`."
    )
    assert len(planned(scopes=[cluster(), outer], allow_overlap=True).alert_rules) == 4


def test_a_resource_group_overlaps_its_subscription_but_no_longer_name():
    assert said(scopes=[SUBSCRIPTION, GROUP]).startswith(f'scopes[1]: "{GROUP}" lies in scopes[0], "{SUBSCRIPTION}"')
    planned(scopes=[GROUP, f"{GROUP}-2", cluster(group="rg-aks-3")])


def test_a_scope_that_only_terraform_knows_is_compared_by_its_address():
    planned(scopes=[known_later("a.id"), known_later("b.id"), cluster(), cluster("dev")])
    assert said(scopes=[known_later("a.id"), cluster(), known_later("a.id")]) == (
        "scopes[2]: a.id is listed twice, first as scopes[0] [ACM100]\n    Remove it here: every notification would be sent twice."
    )


NODES = f"{SUBSCRIPTION}/resourceGroups/MC_rg-aks_prod_westeurope"


@pytest.mark.parametrize("scope", [NODES, NODES.replace("MC_", "mc_"), cluster(group="MC_rg-aks_prod_westeurope")])
def test_a_node_resource_group_has_no_records(scope):
    assert [str(warning) for warning in compiled(scopes=[scope])[1]] == [
        f'scopes[0]: "{scope}" is by its name a node resource group of AKS, where no cluster\'s records are: '
        "the rule would stay silent [ACM141]\n"
        "    Watch the cluster, or its own resource group."
    ]


def test_another_resource_group_is_no_node_resource_group():
    assert compiled(scopes=[f"{SUBSCRIPTION}/resourceGroups/rg-MC_aks"])[1] == ()
