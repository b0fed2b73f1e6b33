"""Bodies as azurerm 4.55 sends them, and the ids they are sent to.

Shapes: `internal/services` of the provider, monitor_scheduled_query_rules_alert_v2_resource.go,
monitor_action_group_resource.go, role_assignment_resource.go, user_assigned_identity_resource.go.
"""

from __future__ import annotations

from typing import Any

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks-notices"
CLUSTER_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks"
CLUSTER = f"{CLUSTER_GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
ACTION_GROUP = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag-aks-notices"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks-notices"
RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/cluster-auto-upgrade-prod@rg-aks"
HEALTH_ALERT = f"{GROUP}/providers/Microsoft.Insights/activityLogAlerts/aks-notices-health"
PROCESSING_RULE = f"{GROUP}/providers/Microsoft.AlertsManagement/actionRules/aks-notices-resolved"

RULE_VERSION = "2023-03-15-preview"
PROCESSING_RULE_VERSION = "2021-08-08"
ACTION_GROUP_VERSION = "2023-01-01"
IDENTITY_VERSION = "2024-11-30"
ASSIGNMENT_VERSION = "2022-04-01"
DEFINITION_VERSION = "2022-05-01-preview"
GROUP_VERSION = "2023-07-01"

GUID = "22222222-2222-2222-2222-222222222222"
_COMMON = {"useCommonAlertSchema": True}

RECEIVERS: dict[str, dict[str, Any]] = {
    "emailReceivers": {"name": "email", "emailAddress": "platform@example.com", **_COMMON},
    "smsReceivers": {"name": "sms", "countryCode": "31", "phoneNumber": "0612345678"},
    "voiceReceivers": {"name": "voice", "countryCode": "1", "phoneNumber": "5555551234"},
    "azureAppPushReceivers": {"name": "push", "emailAddress": "admin@example.com"},
    "webhookReceivers": {
        "name": "webhook",
        "serviceUri": "https://example.com/alert",
        "useAadAuth": True,
        "objectId": GUID,
        "identifierUri": "api://alerts",
        "tenantId": GUID,
        **_COMMON,
    },
    "logicAppReceivers": {
        "name": "logic-app",
        "resourceId": f"{GROUP}/providers/Microsoft.Logic/workflows/wf",
        "callbackUrl": "https://example.com/logic",
        **_COMMON,
    },
    "azureFunctionReceivers": {
        "name": "function",
        "functionAppResourceId": f"{GROUP}/providers/Microsoft.Web/sites/app",
        "functionName": "notify",
        "httpTriggerUrl": "https://example.com/notify",
        **_COMMON,
    },
    "automationRunbookReceivers": {
        "name": "runbook",
        "automationAccountId": f"{GROUP}/providers/Microsoft.Automation/automationAccounts/aa",
        "runbookName": "notify",
        "webhookResourceId": f"{GROUP}/providers/Microsoft.Automation/automationAccounts/aa/webHooks/alert",
        "isGlobalRunbook": False,
        "serviceUri": "",
        **_COMMON,
    },
    "armRoleReceivers": {"name": "arm-role", "roleId": "43d0d8ad-25c7-4714-9337-8ba259a9fe05", **_COMMON},
    "eventHubReceivers": {
        "name": "event-hub",
        "eventHubNameSpace": "ns",
        "eventHubName": "hub",
        "subscriptionId": SUBSCRIPTION,
        "tenantId": GUID,
        **_COMMON,
    },
    "itsmReceivers": {
        "name": "itsm",
        "workspaceId": f"{SUBSCRIPTION}|{GUID}",
        "connectionId": GUID,
        "ticketConfiguration": '{"PayloadRevision": 0, "WorkItemType": "Incident"}',
        "region": "westeurope",
    },
}


def action_group(*kinds: str, **properties: Any) -> dict[str, Any]:
    """An action group with one receiver of each kind named, all other lists empty."""
    lists = {kind: [receiver] if kind in kinds else [] for kind, receiver in RECEIVERS.items()}
    return {
        "location": "global",
        "properties": {"enabled": True, "groupShortName": "aksnotices", **lists, **properties},
        "tags": {},
    }


def rule(*, condition: dict[str, Any] | None = None, identity: Any = "system", **properties: Any) -> dict[str, Any]:
    """A rule over Azure Resource Graph. `condition` and `properties` replace single values; None takes one away."""
    if identity == "system":
        identity = {"type": "SystemAssigned", "userAssignedIdentities": None}
    return {
        "kind": "LogAlert",
        "location": "westeurope",
        "identity": identity,
        "tags": {"owner": "platform"},
        "properties": {
            "autoMitigate": False,
            "checkWorkspaceAlertsStorageConfigured": False,
            "enabled": True,
            "scopes": [CLUSTER],
            "severity": 3,
            "skipQueryValidation": False,
            "targetResourceTypes": None,
            "description": "A cluster auto-upgrade",
            "evaluationFrequency": "PT30M",
            "windowSize": "PT30M",
            "criteria": {
                "allOf": [
                    {
                        "query": 'arg("").containerserviceeventresources | project status',
                        "operator": "GreaterThan",
                        "threshold": 0,
                        "timeAggregation": "Count",
                        "dimensions": [{"name": "status", "operator": "Include", "values": ["*"]}],
                        "failingPeriods": {"minFailingPeriodsToAlert": 1, "numberOfEvaluationPeriods": 1},
                        **(condition or {}),
                    }
                ]
            },
            "actions": {"actionGroups": [ACTION_GROUP], "customProperties": {}},
            **properties,
        },
    }


def user_assigned(*identifiers: str) -> dict[str, Any]:
    return {"type": "UserAssigned", "userAssignedIdentities": {identifier: {} for identifier in identifiers}}


def identity() -> dict[str, Any]:
    return {"location": "westeurope", "tags": {}, "properties": {}}


def assignment(principal_id: str, **properties: Any) -> dict[str, Any]:
    """Reader on the subscription's definition, as azurerm looks it up by name."""
    return {
        "properties": {
            "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
            "acdd72a7-3385-48ef-bd42-f606fba81ae7",
            "principalId": principal_id,
            "description": "",
            "principalType": "ServicePrincipal",
            **properties,
        }
    }


def suppression(**properties: Any) -> dict[str, Any]:
    """An alert processing rule that suppresses the "Resolved" messages of `RULE`. `properties` replace single values."""
    return {
        "location": "global",
        "tags": {},
        "properties": {
            "actions": [{"actionType": "RemoveAllActionGroups"}],
            "conditions": [
                {"field": "AlertRuleId", "operator": "Contains", "values": [RULE]},
                {"field": "MonitorCondition", "operator": "Equals", "values": ["Resolved"]},
            ],
            "description": "",
            "enabled": True,
            "scopes": [CLUSTER_GROUP],
            **properties,
        },
    }


def any_of(field: str, *values: str) -> dict[str, Any]:
    """A condition of an activity log alert, as azurerm writes it."""
    return {"anyOf": [{"field": field, "equals": value} for value in values]}


def health_alert(*conditions: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """An activity log alert on the health of the alert rules of `GROUP`. `properties` replace single values."""
    return {
        "location": "global",
        "tags": {},
        "properties": {
            "scopes": [f"/subscriptions/{SUBSCRIPTION}"],
            "condition": {
                "allOf": [
                    {"field": "category", "equals": "ResourceHealth"},
                    any_of("resourceType", "Microsoft.Insights/scheduledQueryRules"),
                    any_of("resourceGroup", "rg-aks-notices"),
                    any_of("properties.currentHealthStatus", "Degraded", "Unavailable"),
                    *conditions,
                ]
            },
            "actions": {"actionGroups": [{"actionGroupId": ACTION_GROUP}]},
            "description": "",
            "enabled": True,
            **properties,
        },
    }
