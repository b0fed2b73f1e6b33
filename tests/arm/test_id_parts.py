"""Parts of ids of any type, also of texts that are no ids."""

from __future__ import annotations

import pytest

from aks_communication_manager.arm import id_parts
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, SUBSCRIPTION

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
EVENT = f"{CLUSTER}/scheduledEvents/guid"
ASSIGNMENT = f"{CLUSTER}/providers/Microsoft.Authorization/roleAssignments/guid"


@pytest.mark.parametrize(
    ("identifier", "name", "group", "group_id", "type_"),
    [
        (WHOLE, SUBSCRIPTION, "", WHOLE, "Microsoft.Resources/subscriptions"),
        (CLUSTER_GROUP, "rg-aks", "rg-aks", CLUSTER_GROUP, "Microsoft.Resources/subscriptions/resourceGroups"),
        (CLUSTER, "prod", "rg-aks", CLUSTER_GROUP, "Microsoft.ContainerService/managedClusters"),
        (EVENT, "guid", "rg-aks", CLUSTER_GROUP, "Microsoft.ContainerService/managedClusters/scheduledEvents"),
        (ASSIGNMENT, "guid", "rg-aks", CLUSTER_GROUP, "Microsoft.Authorization/roleAssignments"),
    ],
)
def test_parts_of_an_id(identifier, name, group, group_id, type_):
    assert id_parts.name_of(identifier) == name
    assert id_parts.subscription_of(identifier) == SUBSCRIPTION
    assert id_parts.resource_group_of(identifier) == group
    assert id_parts.group_id_of(identifier) == group_id
    assert id_parts.type_of(identifier) == type_


def test_keywords_in_another_case_are_the_same_keywords():
    assert id_parts.resource_group_of(CLUSTER.lower()) == "rg-aks"
    assert id_parts.type_of(CLUSTER.upper()) == "MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS"


@pytest.mark.parametrize("text", ["", "/", "prod", "/subscriptions", "/subscriptions/", "//////", "/providers/", "\n"])
def test_no_text_raises_and_missing_parts_are_empty(text):
    assert id_parts.subscription_of(text) == ""
    assert id_parts.resource_group_of(text) == ""
    for part in (id_parts.name_of, id_parts.group_id_of, id_parts.type_of):
        assert isinstance(part(text), str)


def test_an_id_is_within_what_it_lies_in_and_nothing_of_a_similar_name():
    assert id_parts.is_within(CLUSTER, CLUSTER.upper())
    assert id_parts.is_within(CLUSTER, f"{CLUSTER_GROUP}/")
    assert not id_parts.is_within(f"{CLUSTER}-2", CLUSTER)
    assert not id_parts.is_within(CLUSTER_GROUP, CLUSTER)
    assert not id_parts.is_within(CLUSTER, GROUP)


def test_what_an_id_can_lie_in():
    assert {WHOLE, CLUSTER_GROUP.lower(), CLUSTER.lower()} <= id_parts.enclosing(CLUSTER)
    assert GROUP.lower() not in id_parts.enclosing(CLUSTER)
