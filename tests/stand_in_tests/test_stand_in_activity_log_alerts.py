"""The stand-in's activity log alerts: what azurerm sends is taken, what the REST specification excludes is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import GROUP, HEALTH_ALERT, SUBSCRIPTION, any_of, health_alert

VERSION = "2020-10-01"


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint() as azure:
        azure.seed(GROUP)
        yield azure


def put(azure: AzureEndpoint, body: dict[str, Any]) -> tuple[int, Any]:
    answer = ask(azure, "PUT", HEALTH_ALERT, body, api_version=VERSION)
    return answer.status, answer.body


def test_an_alert_as_azurerm_sends_it_is_kept_listed_and_deleted(azure: AzureEndpoint):
    assert put(azure, health_alert())[0] == 201
    status, kept = put(azure, health_alert(description="changed"))
    assert (status, kept["id"], kept["location"]) == (200, HEALTH_ALERT, "global")
    assert kept["properties"] == health_alert(description="changed")["properties"]
    for scope in (GROUP, f"/subscriptions/{SUBSCRIPTION}"):
        listed = ask(azure, "GET", f"{scope}/providers/Microsoft.Insights/activityLogAlerts", api_version=VERSION)
        assert listed.body == {"value": [kept]}
    assert ask(azure, "DELETE", HEALTH_ALERT, api_version=VERSION).status == 200
    assert HEALTH_ALERT not in azure.resources


NO_CATEGORY = {"condition": {"allOf": [any_of("resourceGroup", "rg")]}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (health_alert(scopes=[]), "properties.scopes: at least one scope is required."),
        (
            health_alert(scopes=["rg"]),
            "properties.scopes: 'rg' is not the id of a subscription, a group or a resource.",
        ),
        (health_alert(**NO_CATEGORY), "properties.condition: exactly one condition has to be on the field 'category'."),
        (
            health_alert(any_of("category", "Security")),
            "properties.condition: exactly one condition has to be on the field 'category'.",
        ),
        (
            health_alert({"field": "status"}),
            "properties.condition: a condition has a field and either equals or containsAny.",
        ),
        (
            health_alert(any_of("properties.currentHealthStatus", "Sick")),
            "properties.condition: 'Sick' is not a value of 'properties.currentHealthStatus'.",
        ),
        (health_alert(actions=None), "Invalid Input : properties.actions: Property is missing"),
    ],
)
def test_what_azure_would_not_take_is_refused(azure: AzureEndpoint, body: dict[str, Any], message: str):
    status, refused = put(azure, body)
    assert (status, refused["error"]["message"]) == (400, message)
