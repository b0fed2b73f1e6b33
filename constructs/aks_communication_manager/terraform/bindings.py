"""The framework and the provider's bindings: the one room that imports them, so that changing either touches one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aks_communication_manager.terraform.runtime import internals, node

node.ensure_node()  # before the first import that starts it: without any, jsii ends in an unreadable error

from cdktf import (  # noqa: E402
    Annotations,
    App,
    AzurermBackend,
    DefaultTokenResolver,
    Fn,
    LocalBackend,
    StringConcat,
    TerraformOutput,
    TerraformResourceLifecycle,
    TerraformStack,
    Token,
    Tokenization,
)
from cdktf_cdktf_provider_azurerm import monitor_action_group as action_groups  # noqa: E402
from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup  # noqa: E402
from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (  # noqa: E402
    MonitorScheduledQueryRulesAlertV2,
    MonitorScheduledQueryRulesAlertV2Action,
    MonitorScheduledQueryRulesAlertV2Criteria,
    MonitorScheduledQueryRulesAlertV2CriteriaDimension,
    MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods,
    MonitorScheduledQueryRulesAlertV2Identity,
)
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider  # noqa: E402
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup  # noqa: E402
from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment  # noqa: E402
from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity  # noqa: E402
from constructs import Construct  # noqa: E402

if not TYPE_CHECKING:
    # Those of which there are many.
    MonitorScheduledQueryRulesAlertV2 = internals.unchecked(MonitorScheduledQueryRulesAlertV2)
    MonitorScheduledQueryRulesAlertV2Action = internals.unchecked(MonitorScheduledQueryRulesAlertV2Action)
    MonitorScheduledQueryRulesAlertV2Criteria = internals.unchecked(MonitorScheduledQueryRulesAlertV2Criteria)
    RoleAssignment = internals.unchecked(RoleAssignment)

__all__ = [
    "Annotations",
    "App",
    "AzurermBackend",
    "AzurermProvider",
    "Construct",
    "DefaultTokenResolver",
    "Fn",
    "LocalBackend",
    "MonitorActionGroup",
    "MonitorScheduledQueryRulesAlertV2",
    "MonitorScheduledQueryRulesAlertV2Action",
    "MonitorScheduledQueryRulesAlertV2Criteria",
    "MonitorScheduledQueryRulesAlertV2CriteriaDimension",
    "MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods",
    "MonitorScheduledQueryRulesAlertV2Identity",
    "ResourceGroup",
    "RoleAssignment",
    "StringConcat",
    "TerraformOutput",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "Token",
    "Tokenization",
    "UserAssignedIdentity",
    "action_groups",
]
