"""The real azurerm provider against the local endpoint: what the endpoint says is what azurerm understands."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.azurerm.prepared import VERSION, cache
from tests.stand_in import samples
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.exchange import Request
from tests.stand_in.faults import (
    Fault,
    dropped_connection,
    forbidden,
    long_running,
    principal_unknown,
    server_error,
    server_error_after_effect,
    too_many_requests,
)
from tests.stand_in.reader import read_azure
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GUID, SUBSCRIPTION
from tests.stand_in.terraform import Terraform, TerraformError, kill, unavailable

pytestmark = pytest.mark.azurerm

RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
COMMON = {"use_common_alert_schema": True}


@pytest.fixture
def provider_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = cache(tmp_path_factory.getbasetemp().parent / "azurerm")
    if reason := unavailable(VERSION, directory):
        pytest.fail(reason)
    return directory


@pytest.fixture
def azure(provider_cache: Path) -> Iterator[AzureEndpoint]:
    with AzureEndpoint() as azure:
        azure.seed(CLUSTER)
        yield azure


@pytest.fixture
def terraform(azure: AzureEndpoint, tmp_path: Path, provider_cache: Path) -> Terraform:
    """Terraform in an empty directory, ready for a configuration; one init serves all processes of the run."""
    write(tmp_path, {})
    terraform = Terraform(tmp_path, azure.environment(SUBSCRIPTION))
    terraform.init(VERSION, provider_cache)
    return terraform


def write(directory: Path, resources: dict[str, Any]) -> None:
    provider = {"azurerm": {"source": "hashicorp/azurerm", "version": VERSION}}
    configuration = {"terraform": {"required_providers": provider}, "provider": {"azurerm": {"features": {}}}}
    (directory / "main.tf.json").write_text(json.dumps(configuration | ({"resource": resources} if resources else {})))


def rule(**arguments: Any) -> dict[str, Any]:
    return {
        "name": "cluster-auto-upgrade-prod@rg-aks",
        "resource_group_name": "${azurerm_resource_group.group.name}",
        "location": "westeurope",
        "scopes": [CLUSTER],
        "severity": 3,
        "evaluation_frequency": "PT30M",
        "window_duration": "PT30M",
        "auto_mitigation_enabled": False,
        "criteria": [
            {
                "query": 'arg("").containerserviceeventresources | project status',
                "operator": "GreaterThan",
                "threshold": 0,
                "time_aggregation_method": "Count",
                "dimension": [{"name": "status", "operator": "Include", "values": ["*"]}],
            }
        ],
        "action": {"action_groups": ["${azurerm_monitor_action_group.group.id}"], "custom_properties": {"a": "b"}},
        "identity": {"type": "SystemAssigned"},
        **arguments,
    }


def reader(scope: str, principal_id: str) -> dict[str, Any]:
    return {
        "scope": scope,
        "role_definition_name": "Reader",
        "principal_id": principal_id,
        "principal_type": "ServicePrincipal",
    }


def stack(**of_system: Any) -> dict[str, Any]:
    """One of everything: all receivers, both kinds of identity."""
    automation = f"{CLUSTER_GROUP}/providers/Microsoft.Automation/automationAccounts/aa"
    group = {"resource_group_name": "${azurerm_resource_group.group.name}"}
    identity = "${azurerm_user_assigned_identity.identity.id}"
    return {
        "azurerm_resource_group": {"group": {"name": "rg-aks-notices", "location": "West Europe", "tags": {"a": "b"}}},
        "azurerm_monitor_action_group": {
            "group": {
                **group,
                "name": "ag-aks-notices",
                "short_name": "aksnotices",
                "email_receiver": [{"name": "email", "email_address": "platform@example.com", **COMMON}],
                "sms_receiver": [{"name": "sms", "country_code": "31", "phone_number": "0612345678"}],
                "voice_receiver": [{"name": "voice", "country_code": "1", "phone_number": "5555551234"}],
                "azure_app_push_receiver": [{"name": "push", "email_address": "admin@example.com"}],
                "webhook_receiver": [
                    {
                        "name": "webhook",
                        "service_uri": "https://example.com/alert",
                        "aad_auth": {"object_id": GUID, "identifier_uri": "api://alerts"},
                        **COMMON,
                    }
                ],
                "logic_app_receiver": [
                    {
                        "name": "logic-app",
                        "resource_id": f"{CLUSTER_GROUP}/providers/Microsoft.Logic/workflows/wf",
                        "callback_url": "https://example.com/logic",
                        **COMMON,
                    }
                ],
                "azure_function_receiver": [
                    {
                        "name": "function",
                        "function_app_resource_id": f"{CLUSTER_GROUP}/providers/Microsoft.Web/sites/app",
                        "function_name": "notify",
                        "http_trigger_url": "https://example.com/notify",
                        **COMMON,
                    }
                ],
                "automation_runbook_receiver": [
                    {
                        "name": "runbook",
                        "automation_account_id": automation,
                        "runbook_name": "notify",
                        "webhook_resource_id": f"{automation}/webHooks/alert",
                        "is_global_runbook": True,
                        "service_uri": "https://example.com/webhooks",
                        **COMMON,
                    }
                ],
                "arm_role_receiver": [{"name": "arm-role", "role_id": GUID, **COMMON}],
                "event_hub_receiver": [
                    {"name": "event-hub", "event_hub_namespace": "ns", "event_hub_name": "hub", **COMMON}
                ],
                "itsm_receiver": [
                    {
                        "name": "itsm",
                        "workspace_id": f"{SUBSCRIPTION}|{GUID}",
                        "connection_id": GUID,
                        "ticket_configuration": '{"PayloadRevision":0,"WorkItemType":"Incident"}',
                        "region": "westeurope",
                    }
                ],
            }
        },
        "azurerm_user_assigned_identity": {
            "identity": {**group, "name": "id-aks-notices", "location": "westeurope"},
        },
        RULE: {
            "system": rule(**of_system),
            "user": rule(name="shared", identity={"type": "UserAssigned", "identity_ids": [identity]}),
        },
        "azurerm_role_assignment": {
            "system": reader(CLUSTER_GROUP, f"${{{RULE}.system.identity[0].principal_id}}"),
            "user": reader(f"/subscriptions/{SUBSCRIPTION}", "${azurerm_user_assigned_identity.identity.principal_id}"),
        },
    }


def without_group(azure: AzureEndpoint) -> dict[str, Any]:
    """In a group that exists, with one assignment: azurerm waits 20 s for a group and for every assignment."""
    azure.seed(samples.GROUP)
    resources = stack()
    del resources["azurerm_resource_group"], resources["azurerm_role_assignment"]["user"]
    in_group = json.dumps(resources).replace("${azurerm_resource_group.group.name}", "rg-aks-notices")
    loaded: dict[str, Any] = json.loads(in_group)
    return loaded


def test_apply_leaves_nothing_to_plan_and_destroy_leaves_nothing_at_all(azure: AzureEndpoint, terraform: Terraform):
    write(terraform.directory, stack())
    assert terraform.validate() == []
    terraform.apply()
    assert terraform.plan() == []
    with read_azure(azure, SUBSCRIPTION) as sdk:
        assert [one.name for one in sdk.rules()] == ["cluster-auto-upgrade-prod@rg-aks", "shared"]
        (group,) = sdk.action_groups()
        assert all(getattr(group, kind) for kind in vars(group) if kind.endswith("_receivers"))
        (identity,) = sdk.identities()
        principals = [identity.principal_id, sdk.rules()[0].identity.principal_id]
        assert [one.principal_id for one in sdk.role_assignments()] == principals

    write(terraform.directory, stack(severity=1))
    (change,) = terraform.plan()
    assert (change.address, change.actions) == (f"{RULE}.system", ("update",))
    terraform.apply()
    assert terraform.plan() == []
    write(terraform.directory, stack(name="renamed", severity=1))
    replaced = {change.address: change.replaced_by for change in terraform.plan()}
    assert replaced == {f"{RULE}.system": ("name",), "azurerm_role_assignment.system": ("principal_id",)}

    terraform.destroy()
    assert terraform.state() == []
    assert list(azure.resources) == [CLUSTER_GROUP, CLUSTER]


def test_a_suppression_of_resolved_messages_is_applied_changed_in_place_and_destroyed(
    azure: AzureEndpoint, terraform: Terraform
):
    azure.seed(samples.GROUP)
    kind = "azurerm_monitor_alert_processing_rule_suppression"

    def suppression(**arguments: Any) -> dict[str, Any]:
        rules = [samples.RULE, f"{samples.RULE}-2"]
        return {
            kind: {
                "resolved": {
                    "name": "aks-notices-resolved",
                    "resource_group_name": "rg-aks-notices",
                    "scopes": [CLUSTER_GROUP, f"/subscriptions/{SUBSCRIPTION}"],
                    "condition": {
                        "monitor_condition": {"operator": "Equals", "values": ["Resolved"]},
                        "alert_rule_id": {"operator": "Equals", "values": rules},
                    },
                    "tags": {"owner": "platform"},
                    **arguments,
                }
            }
        }

    before = list(azure.resources)
    write(terraform.directory, suppression())
    terraform.apply()
    assert terraform.plan() == []
    kept = azure.resources[samples.PROCESSING_RULE]["properties"]
    assert kept["conditions"] == [
        {"field": "AlertRuleId", "operator": "Equals", "values": [samples.RULE, f"{samples.RULE}-2"]},
        {"field": "MonitorCondition", "operator": "Equals", "values": ["Resolved"]},
    ]
    weekly = {"weekly": {"days_of_week": ["Saturday"], "start_time": "17:00:00", "end_time": "18:00:00"}}
    schedule = {"effective_from": "2026-01-01T01:02:03", "time_zone": "UTC", "recurrence": weekly}
    write(terraform.directory, suppression(description="changed", schedule=schedule))
    (change,) = terraform.apply_planned()
    assert change.actions == ("update",)
    assert terraform.plan() == []
    terraform.destroy()
    assert list(azure.resources) == before


def test_apply_converges_through_faults_and_leaves_nothing_double(azure: AzureEndpoint, terraform: Terraform):
    write(terraform.directory, stack())
    planned = [
        azure.fail("PUT", "/actionGroups/", too_many_requests(1), times=2),
        azure.fail("PUT", "/scheduledQueryRules/", server_error()),
        azure.fail("PUT", "/userAssignedIdentities/", server_error_after_effect()),
        azure.fail("PUT", "/rg-aks/providers/.*/roleAssignments/", principal_unknown(), times=2),
        azure.fail("DELETE", "/rg-aks-notices$", long_running(3, "Azure-AsyncOperation")),
    ]
    terraform.apply()
    assert terraform.plan() == []
    assert len(azure.resources.of_type("Microsoft.Authorization/roleAssignments")) == 2
    terraform.destroy()
    assert [fault.hits for fault in planned] == [2, 1, 1, 2, 1]
    assert list(azure.resources) == [CLUSTER_GROUP, CLUSTER]


def test_the_apply_after_a_failed_one_makes_what_is_missing(azure: AzureEndpoint, terraform: Terraform):
    write(terraform.directory, without_group(azure))
    azure.fail("GET", "/userAssignedIdentities/", dropped_connection())
    denied = azure.fail("PUT", "/roleAssignments/", forbidden(), times=None)
    with pytest.raises(TerraformError, match="EOF"):
        terraform.apply()
    with pytest.raises(TerraformError, match="AuthorizationFailed"):
        terraform.apply()
    assert denied.hits
    azure.recover()
    terraform.apply()
    assert terraform.plan() == []
    with read_azure(azure, SUBSCRIPTION) as sdk:
        assert (len(sdk.rules()), len(sdk.role_assignments())) == (2, 1)


def test_a_terraform_killed_between_rule_and_role_assignment_is_mended_by_the_next(
    azure: AzureEndpoint, terraform: Terraform
):
    """Killed before Azure has the assignment. Killed after, the next apply gets 409: azurerm adopts no assignment."""
    write(terraform.directory, without_group(azure))
    running: list[subprocess.Popen[str]] = []
    recorded = terraform.directory / "terraform.tfstate"

    def die(request: Request) -> Fault | None:
        if request.method != "PUT" or "/roleAssignments/" not in request.path or running[0].poll() is not None:
            return None
        # A rule that Azure has and the state has not would be another story: the next apply says that it exists.
        while len(re.findall(r'"id": "[^"]*/scheduledQueryRules/', recorded.read_text())) < 2:
            time.sleep(0.05)
        kill(running[0])
        return dropped_connection()

    azure.on_request(die)
    running.append(terraform.start("apply", "-auto-approve", "-no-color"))
    running[0].communicate()
    assert running[0].returncode < 0
    assert len(azure.resources.of_type("Microsoft.Insights/scheduledQueryRules")) == 2
    assert azure.resources.of_type("Microsoft.Authorization/roleAssignments") == []
    terraform.apply()
    assert terraform.plan() == []
    assert len(azure.resources.of_type("Microsoft.Authorization/roleAssignments")) == 1


def test_an_activity_log_alert_on_the_health_of_rules_is_applied_and_stays(azure: AzureEndpoint, terraform: Terraform):
    alert = {
        "name": "aks-notices-health",
        "resource_group_name": "rg-aks",
        "location": "global",
        "scopes": [f"/subscriptions/{SUBSCRIPTION}"],
        "description": "Rules that stopped working.",
        "criteria": {
            "category": "ResourceHealth",
            "resource_types": ["Microsoft.Insights/scheduledQueryRules"],
            "resource_groups": ["rg-aks"],
            "resource_health": {"current": ["Degraded", "Unavailable"]},
        },
        "action": {"action_group_id": samples.ACTION_GROUP},
        "tags": {"owner": "platform"},
    }
    write(terraform.directory, {"azurerm_monitor_activity_log_alert": {"health": alert}})
    terraform.apply()
    [kept] = azure.resources.of_type("Microsoft.Insights/activityLogAlerts")
    assert kept["properties"]["condition"]["allOf"][0] == {"field": "category", "equals": "ResourceHealth"}
    assert terraform.plan() == []
    terraform.destroy()
    assert azure.resources.of_type("Microsoft.Insights/activityLogAlerts") == []
