"""Imported resources: every argument that replaces one is taken from its id or ignored.

These arguments are the ones with ForceNew in azurerm's schema (internal/services/monitor and authorization).
"""

from __future__ import annotations

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver
from tests.synthesis import GROUP, PRINCIPAL, READER, RULE, cluster, resource_group, resources, terraform

OF_PROD = {"scope": cluster(), "notice": "cluster-auto-upgrade"}
BY_HAND = f"{resource_group('RG-Old')}/providers/Microsoft.Insights/scheduledQueryRules/AKS-Prod"
ASSIGNMENT = f"{resource_group()}/providers/Microsoft.Authorization/roleAssignments/{PRINCIPAL}"


def adopted(type_: str, entry: dict[str, str], **arguments) -> dict:
    """The one imported resource of a type, with the id of its import block."""
    document = terraform(adopt=[entry], **arguments)
    [block] = document["import"]
    kind, logical_id = block["to"].split(".")
    assert kind == type_
    return {"import": block["id"], **resources(document, type_)[logical_id]}


def test_an_adopted_rule_keeps_name_resource_group_location_and_scope():
    rule = adopted(RULE, OF_PROD | {"rule": BY_HAND})
    assert (rule["import"], rule["name"], rule["resource_group_name"]) == (BY_HAND, "AKS-Prod", "RG-Old")
    assert rule["lifecycle"] == {"ignore_changes": ["location", "scopes"]}


def test_an_adopted_assignment_keeps_everything_but_its_principal():
    assignment = adopted(READER, OF_PROD | {"role_assignment": ASSIGNMENT})
    assert assignment["import"] == ASSIGNMENT
    assert "name" not in assignment  # azurerm computes it
    assert assignment["lifecycle"] == {
        "ignore_changes": [
            "condition",
            "condition_version",
            "delegated_managed_identity_resource_id",
            "description",
            "principal_type",
            "role_definition_name",
            "scope",
        ]
    }
    assert "principal_id" in assignment


@pytest.mark.parametrize("group", ["rg-aks-notices", "RG-AKS-Notices"])
@pytest.mark.parametrize("name", ["ag-aks-notices", "AG-AKS-Notices"])
def test_an_adopted_action_group_keeps_its_location_and_letter_case(group, name):
    identifier = f"{resource_group(group)}/providers/Microsoft.Insights/actionGroups/{name}"
    made = adopted(GROUP, {"action_group": identifier.replace("actionGroups", "actiongroups")})
    assert (made["import"], made["name"], made["resource_group_name"]) == (identifier, name, group)
    assert made["lifecycle"] == {"ignore_changes": ["location"]}


def test_an_adopted_action_group_of_a_route_is_not_confused_with_the_first():
    mail = EmailReceiver(name="on-call", email_address="on-call@example.com")
    route = {
        "statuses": ["Failed"],
        "action_group": ActionGroup.create(name="ag-on-call", short_name="oncall", receivers=[mail]),
    }
    identifier = f"{resource_group('RG-AKS-Notices')}/providers/Microsoft.Insights/actionGroups/ag-aks-notices"
    groups = resources(terraform(adopt=[{"action_group": identifier}], routes=[route]), GROUP).values()
    assert {group["name"]: group["resource_group_name"] for group in groups} == {
        "ag-aks-notices": "RG-AKS-Notices",
        "ag-on-call": "rg-aks-notices",
    }


def test_what_is_not_adopted_has_no_lifecycle():
    document = terraform()
    assert not any("lifecycle" in made for kind in (RULE, GROUP, READER) for made in resources(document, kind).values())
