"""Resource types of a deployment: names in Azure, azurerm and messages, API versions and built-in roles.

Sources: Azure REST API reference (versions), azurerm 4.55 (types), "Azure built-in roles".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of Azure Resource Manager."""

    arm: str
    """Namespace and type, as azurerm spells them in ids."""
    words: str
    """Name in messages."""
    api_version: str
    """Version for reading a resource."""
    azurerm: str = ""
    """Terraform's type; empty if no stack creates such a resource."""
    writer: str = ""
    """The least privileged built-in role that can write such a resource."""

    @property
    def namespace(self) -> str:
        """The resource provider, such as ``Microsoft.Insights``."""
        return self.arm.partition("/")[0]

    @property
    def write_action(self) -> str:
        """The action that a login needs to create such a resource."""
        return f"{self.arm}/write"

    @property
    def plural(self) -> str:
        """``alert rules``."""
        return f"{self.words[:-1]}ies" if self.words.endswith("y") else f"{self.words}s"


ALERT_RULE = ResourceType(
    "Microsoft.Insights/scheduledQueryRules",
    "alert rule",
    "2023-12-01",
    "azurerm_monitor_scheduled_query_rules_alert_v2",
    "Monitoring Contributor",
)
ACTION_GROUP = ResourceType(
    "Microsoft.Insights/actionGroups",
    "action group",
    "2023-01-01",
    "azurerm_monitor_action_group",
    "Monitoring Contributor",
)
PROCESSING_RULE = ResourceType(
    "Microsoft.AlertsManagement/actionRules",
    "alert processing rule",
    "2021-08-08",
    "azurerm_monitor_alert_processing_rule_suppression",
    "Monitoring Contributor",
)
HEALTH_ALERT = ResourceType(
    "Microsoft.Insights/activityLogAlerts",
    "activity log alert",
    "2020-10-01",
    "azurerm_monitor_activity_log_alert",
    "Monitoring Contributor",
)
IDENTITY = ResourceType(
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "managed identity",
    "2024-11-30",
    "azurerm_user_assigned_identity",
    "Managed Identity Contributor",
)
ROLE_ASSIGNMENT = ResourceType(
    "Microsoft.Authorization/roleAssignments",
    "role assignment",
    "2022-04-01",
    "azurerm_role_assignment",
    "Role Based Access Control Administrator",
)
RESOURCE_GROUP = ResourceType(
    "Microsoft.Resources/subscriptions/resourceGroups",
    "resource group",
    "2023-07-01",
    "azurerm_resource_group",
    "Contributor",
)
SUBSCRIPTION = ResourceType("Microsoft.Resources/subscriptions", "subscription", "2022-12-01")
CLUSTER = ResourceType("Microsoft.ContainerService/managedClusters", "cluster", "2025-10-01")

CREATED = (ALERT_RULE, ACTION_GROUP, PROCESSING_RULE, HEALTH_ALERT, IDENTITY, ROLE_ASSIGNMENT, RESOURCE_GROUP)
"""Types that a stack can create."""
