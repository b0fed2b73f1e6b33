"""The alert about alert rules that stop working."""

from __future__ import annotations

from aks_communication_manager import fast_start  # noqa: F401 (loaded before the framework)
from aks_communication_manager.config.options import Arguments
from aks_communication_manager.plan.names import Place
from aks_communication_manager.plan.planner import plan
from aks_communication_manager.terraform.planned_manager import PlannedManager
from tests.synthesis import GROUP, SUBSCRIPTION, action_group, cluster, manager, resources, stack, synth

HEALTH_ALERT = "azurerm_monitor_activity_log_alert"


def planned(**options):
    given = {
        "scopes": [cluster()],
        "resource_group_name": "rg-aks-notices",
        "location": "westeurope",
        "evaluation_frequency": "PT15M",
        "action_group": action_group(),
    }
    place = Place(subscription_id=SUBSCRIPTION, resource_group="rg-aks-notices", location="westeurope")
    return plan(Arguments(**(given | options)), place)


def test_it_notifies_the_action_group_of_degraded_and_unavailable_rules():
    made = stack()
    noticed = PlannedManager(made, "notices", planned(tags={"owner": "platform"}))
    document = synth(made)
    [alert] = resources(document, HEALTH_ALERT).values()
    [group] = resources(document, GROUP)
    assert {key: value for key, value in alert.items() if key not in ("//", "description")} == {
        "name": "aks-notices-health",
        "resource_group_name": "rg-aks-notices",
        "location": "global",
        "scopes": [f"/subscriptions/{SUBSCRIPTION}"],
        "criteria": {
            "category": "ResourceHealth",
            "resource_types": ["Microsoft.Insights/scheduledQueryRules"],
            "resource_groups": ["rg-aks-notices"],
            "resource_health": {"current": ["Degraded", "Unavailable"]},
        },
        "action": [{"action_group_id": f"${{{GROUP}.{group}.id}}"}],
        "tags": {"owner": "platform"},
    }
    assert noticed.health_alert.name_input == "aks-notices-health"


def test_its_name_has_the_prefix_of_the_rules():
    [alert] = [
        each for each in planned(name_prefix="Contoso: ".replace(":", "")).resources if each.construct_id == "health"
    ]
    assert alert.name == "Contoso-aks-notices-health"
    assert alert.key == ("activity log alert", SUBSCRIPTION, "rg-aks-notices", "contoso-aks-notices-health")


def test_a_manager_without_one_has_none():
    assert manager(stack()).health_alert is None
