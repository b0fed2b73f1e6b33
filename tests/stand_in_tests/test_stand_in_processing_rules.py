"""The stand-in's alert processing rules: what azurerm sends is taken, what Azure documents as refused is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, PROCESSING_RULE, SUBSCRIPTION, suppression

VERSION = "2021-08-08"


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint() as azure:
        azure.seed(GROUP, CLUSTER)
        yield azure


def put(azure: AzureEndpoint, body: dict[str, Any], identifier: str = PROCESSING_RULE) -> tuple[int, Any]:
    answer = ask(azure, "PUT", identifier, body, api_version=VERSION)
    return answer.status, answer.body


def test_a_suppression_as_azurerm_sends_it_is_kept_listed_and_deleted(azure: AzureEndpoint):
    """With no SDK: azure-mgmt-alertsmanagement knows only what these rules were before 2021."""
    assert put(azure, suppression())[0] == 201
    status, kept = put(azure, suppression(description="changed"))
    assert (status, kept["id"], kept["properties"]) == (
        200,
        PROCESSING_RULE,
        suppression(description="changed")["properties"],
    )
    for scope in (GROUP, f"/subscriptions/{SUBSCRIPTION}"):
        listed = ask(azure, "GET", f"{scope}/providers/Microsoft.AlertsManagement/actionRules", api_version=VERSION)
        assert listed.body == {"value": [kept]}
    assert ask(azure, "DELETE", PROCESSING_RULE, api_version=VERSION).status == 200
    assert PROCESSING_RULE not in azure.resources


def condition(field: str, *values: str, operator: str = "Equals") -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scopes": []}, "properties.scopes: at least one scope is required."),
        ({"scopes": None}, "Invalid Input : properties.scopes: Property is missing"),
        (
            {"scopes": [CLUSTER_GROUP.replace("1111", "9999")]},
            f"properties.scopes: '{CLUSTER_GROUP.replace('1111', '9999')}' is not in the subscription "
            f"'{SUBSCRIPTION}' of the alert processing rule.",
        ),
        (
            {"conditions": [condition("AlertRuleId", *"abcdef")]},
            "properties.conditions[0].values: has 6 entries, the limit is 5.",
        ),
        ({"conditions": [condition("AlertRuleId")]}, "properties.conditions: the field 'AlertRuleId' has no values."),
        (
            {"conditions": [condition("MonitorCondition", "Closed")]},
            "properties.conditions: 'Closed' is not a value of 'MonitorCondition'.",
        ),
        (
            {"conditions": [condition("Severity", "Sev1", operator="Contains")]},
            "properties.conditions: 'Severity' takes Equals and NotEquals only.",
        ),
        (
            {"conditions": [condition("AlertRuleId", "a"), condition("AlertRuleId", "b")]},
            "properties.conditions: a field may occur once.",
        ),
        ({"actions": []}, "properties.actions: at least one action is required."),
        (
            {"actions": [{"actionType": "AddActionGroups"}]},
            "actionGroupIds belongs to the action AddActionGroups, which needs it.",
        ),
    ],
)
def test_what_azure_documents_as_refused_is_refused(azure: AzureEndpoint, changed: dict[str, Any], message: str):
    status, body = put(azure, suppression(**changed))
    assert (status, body["error"]["message"]) == (400, message)


def test_a_location_other_than_global_and_a_name_with_a_period_are_refused(azure: AzureEndpoint):
    assert (
        "is global, not in 'westeurope'"
        in put(azure, suppression() | {"location": "westeurope"})[1]["error"]["message"]
    )
    assert "is not valid: letters, digits" in put(azure, suppression(), f"{PROCESSING_RULE}.x")[1]["error"]["message"]
