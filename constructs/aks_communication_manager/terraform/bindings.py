"""The framework and the provider's bindings: the one room that imports them, so that changing either touches one file.

mypy checks against CDK for Terraform; what runs is what `framework.chosen` says, where every class has the same shape.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from aks_communication_manager.terraform.runtime import framework, internals, node

if TYPE_CHECKING:
    from cdktf import (
        Annotations,
        App,
        DefaultTokenResolver,
        LocalBackend,
        StringConcat,
        TerraformOutput,
        TerraformResource,
        TerraformResourceLifecycle,
        TerraformStack,
        TerraformVariable,
        Tokenization,
    )
    from cdktf_cdktf_provider_azurerm import monitor_action_group as action_groups
    from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppression,
        MonitorAlertProcessingRuleSuppressionCondition,
        MonitorAlertProcessingRuleSuppressionConditionDescription,
        MonitorAlertProcessingRuleSuppressionConditionMonitorCondition,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2,
        MonitorScheduledQueryRulesAlertV2Action,
        MonitorScheduledQueryRulesAlertV2Criteria,
        MonitorScheduledQueryRulesAlertV2CriteriaDimension,
        MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods,
        MonitorScheduledQueryRulesAlertV2Identity,
    )
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
    from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
    from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
    from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity
    from constructs import Construct

__all__ = [
    "Annotations",
    "App",
    "AzurermProvider",
    "Construct",
    "DefaultTokenResolver",
    "LocalBackend",
    "MonitorActionGroup",
    "MonitorAlertProcessingRuleSuppression",
    "MonitorAlertProcessingRuleSuppressionCondition",
    "MonitorAlertProcessingRuleSuppressionConditionDescription",
    "MonitorAlertProcessingRuleSuppressionConditionMonitorCondition",
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
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "TerraformVariable",
    "Tokenization",
    "UserAssignedIdentity",
    "action_groups",
]

if not TYPE_CHECKING:
    node.ensure_node()  # before the first import that starts it: without any, jsii ends in an unreadable error
    _chosen = framework.chosen()
    action_groups = import_module(f"{_chosen.bindings}.monitor_action_group")
    _modules = [
        action_groups,
        import_module("constructs"),
        import_module(_chosen.module),
        import_module(f"{_chosen.bindings}.monitor_alert_processing_rule_suppression"),
        import_module(f"{_chosen.bindings}.monitor_scheduled_query_rules_alert_v2"),
        import_module(f"{_chosen.bindings}.provider"),
        import_module(f"{_chosen.bindings}.resource_group"),
        import_module(f"{_chosen.bindings}.role_assignment"),
        import_module(f"{_chosen.bindings}.user_assigned_identity"),
    ]
    for _name in __all__:
        for _module in _modules:
            if hasattr(_module, _name):
                globals()[_name] = getattr(_module, _name)
    # Those of which there are many.
    MonitorScheduledQueryRulesAlertV2 = internals.unchecked(MonitorScheduledQueryRulesAlertV2)
    MonitorScheduledQueryRulesAlertV2Action = internals.unchecked(MonitorScheduledQueryRulesAlertV2Action)
    MonitorScheduledQueryRulesAlertV2Criteria = internals.unchecked(MonitorScheduledQueryRulesAlertV2Criteria)
    RoleAssignment = internals.unchecked(RoleAssignment)
