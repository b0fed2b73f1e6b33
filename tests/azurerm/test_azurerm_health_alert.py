"""The alert about alert rules that stop working, applied by the real provider."""

from __future__ import annotations

import pytest

from tests.azurerm.deployment import HOME, Deployment, config, read_only
from tests.stand_in.client import ask
from tests.synthesis import SUBSCRIPTION

pytestmark = pytest.mark.azurerm

HEALTH_ALERT = f"{HOME}/providers/Microsoft.Insights/activityLogAlerts/aks-notices-health"
ACTION_GROUP = f"{HOME}/providers/Microsoft.Insights/actionGroups/ag-aks-notices"


def test_the_health_alert_is_applied_and_the_next_plan_is_empty(deployment: Deployment):
    often = config(evaluation_frequency="PT15M", resolved_messages=True, tags={"owner": "platform"}, **read_only())
    terraform = deployment.write(often)
    deployment.seed()
    terraform.apply()
    assert terraform.plan() == []
    alert = ask(deployment.azure, "GET", HEALTH_ALERT, api_version="2020-10-01").body
    assert (alert["location"].lower(), alert["tags"]) == ("global", {"owner": "platform"})
    properties = alert["properties"]
    assert properties["enabled"] is True
    assert properties["scopes"] == [f"/subscriptions/{SUBSCRIPTION}"]
    assert [group["actionGroupId"].lower() for group in properties["actions"]["actionGroups"]] == [ACTION_GROUP.lower()]
    conditions = [each.get("anyOf") or [each] for each in properties["condition"]["allOf"]]
    assert {(one["field"], tuple(sorted(each["equals"] for each in some))) for some in conditions for one in some} == {
        ("category", ("ResourceHealth",)),
        ("resourceGroup", ("rg-aks-notices",)),
        ("resourceType", ("Microsoft.Insights/scheduledQueryRules",)),
        ("properties.currentHealthStatus", ("Degraded", "Unavailable")),
    }
