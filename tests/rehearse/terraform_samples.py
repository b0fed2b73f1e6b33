"""Terraform documents with an alert rule and its action group, in each of the three formats."""

from __future__ import annotations

from rule_samples import GROUP, PROD, SUBSCRIPTION

from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.rule_set import RuleSet

RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
GROUP_TYPE = "azurerm_monitor_action_group"
SUPPRESSION = "azurerm_monitor_alert_processing_rule_suppression"
TEAM_ID = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag-team"


def body(**changed):
    return {
        "name": "upgrades",
        "resource_group_name": "rg",
        "scopes": [PROD],
        "criteria": [
            {
                "query": 'arg("").containerserviceeventresources | where name != "$${x}" and id startswith "/"',
                "operator": "GreaterThan",
                "threshold": 0,
                "time_aggregation_method": "Count",
                "dimension": [{"name": "status", "operator": "Include", "values": ["*"]}],
                "failing_periods": {
                    "minimum_failing_periods_to_trigger_alert": 2,
                    "number_of_evaluation_periods": 3,
                },
            }
        ],
        "evaluation_frequency": "PT15M",
        "window_duration": "PT15M",
        "severity": 3,
        "identity": {"type": "SystemAssigned"},
        "action": {"action_groups": [f"${{{GROUP_TYPE}.team.id}}"]},
        **changed,
    }


TEAM = {
    "name": "ag-team",
    "resource_group_name": "rg",
    "short_name": "team",
    "email_receiver": [{"name": "people", "email_address": "people@example.com"}],
    "webhook_receiver": {"name": "tickets", "service_uri": "https://example.com/?code=SECRET"},
}


def configuration(rule=None, **more):
    return {
        "provider": {"azurerm": [{"subscription_id": SUBSCRIPTION.rpartition("/")[2]}]},
        "resource": {RULE: {"upgrades": rule or body()}, GROUP_TYPE: {"team": TEAM}, **more},
    }


def read(document):
    return terraform_json.parse(document, "production")


def rule_set(*documents):
    return RuleSet.from_deployments(
        [terraform_json.parse(one, f"stack {place}") for place, one in enumerate(documents)]
    )


def reasons(*documents):
    return [one.reason for one in rule_set(*documents).not_evaluated]


def notified(*documents):
    """The receivers of the one rule that can be evaluated, by action group; None where they are not known."""
    (rule,) = rule_set(*documents).rules
    return {
        group.name: group.receivers and [receiver.name for receiver in group.receivers] for group in rule.action_groups
    }


def only(document):
    (rule,) = read(document).alert_rules
    return rule


def suppression(**changed):
    return {
        "name": "resolved",
        "resource_group_name": "rg",
        "scopes": [GROUP],
        "condition": {
            "monitor_condition": {"operator": "Equals", "values": ["Resolved"]},
            "alert_rule_id": {"operator": "Equals", "values": [f"${{{RULE}.upgrades.id}}"]},
        },
        **changed,
    }


def plan(action_groups, *, configured=None, after_unknown=None, index="", groups=("",)):
    """A plan with the rule and its action groups in a module; `index` and `groups` are the indexes of the instances."""
    values = body(action=[{"action_groups": action_groups}], identity=[{"type": "SystemAssigned"}])
    values["criteria"][0]["failing_periods"] = [values["criteria"][0]["failing_periods"]]
    address = f"module.aks.{RULE}.upgrades{index}"
    resources = [
        {"address": address, "mode": "managed", "type": RULE, "name": "upgrades", "values": values},
        *(
            {
                "address": f"module.aks.{GROUP_TYPE}.team{one}",
                "mode": "managed",
                "type": GROUP_TYPE,
                "name": "team",
                "values": {**TEAM, "name": f"ag-team{one}"},
            }
            for one in groups
        ),
    ]
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [{"address": "module.aks", "resources": resources}]}},
    }
    if configured is not None:
        expressions = {"action": [{"action_groups": {"references": configured}}]}
        module = {"resources": [{"address": f"{RULE}.upgrades", "expressions": expressions}]}
        document["configuration"] = {"root_module": {"module_calls": {"aks": {"module": module}}}}
    if after_unknown is not None:
        document["resource_changes"] = [{"address": address, "change": {"after_unknown": after_unknown}}]
    return document
