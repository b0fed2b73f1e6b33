"""The framework and the provider's bindings: the one room that imports them, so that changing either touches one file.

mypy checks against CDK for Terraform; what runs is what `framework.chosen` says, where every class has the same shape.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aks_communication_manager.terraform.runtime import framework, internals, node

if TYPE_CHECKING:
    from cdktf import Annotations as Annotations
    from cdktf import App as App
    from cdktf import DefaultTokenResolver as DefaultTokenResolver
    from cdktf import LocalBackend as LocalBackend
    from cdktf import StringConcat as StringConcat
    from cdktf import TerraformOutput as TerraformOutput
    from cdktf import TerraformResource as TerraformResource
    from cdktf import TerraformResourceLifecycle as TerraformResourceLifecycle
    from cdktf import TerraformStack as TerraformStack
    from cdktf import TerraformVariable as TerraformVariable
    from cdktf import Tokenization as Tokenization
    from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup as MonitorActionGroup
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppression as MonitorAlertProcessingRuleSuppression,
    )
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppressionCondition as MonitorAlertProcessingRuleSuppressionCondition,
    )
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppressionConditionDescription as MonitorAlertProcessingRuleSuppressionConditionDescription,
    )
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppressionConditionMonitorCondition as MonitorAlertProcessingRuleSuppressionConditionMonitorCondition,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2 as MonitorScheduledQueryRulesAlertV2,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2Action as MonitorScheduledQueryRulesAlertV2Action,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2Criteria as MonitorScheduledQueryRulesAlertV2Criteria,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2CriteriaDimension as MonitorScheduledQueryRulesAlertV2CriteriaDimension,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods as MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2Identity as MonitorScheduledQueryRulesAlertV2Identity,
    )
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider as AzurermProvider
    from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup as ResourceGroup
    from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment as RoleAssignment
    from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity as UserAssignedIdentity
    from constructs import Construct as Construct
else:
    node.ensure_node()  # before the first import that starts it: without any, jsii ends in an unreadable error
    _chosen = framework.chosen()
    for _name in (
        "constructs",
        _chosen.module,
        f"{_chosen.bindings}.monitor_action_group",
        f"{_chosen.bindings}.monitor_alert_processing_rule_suppression",
        f"{_chosen.bindings}.monitor_scheduled_query_rules_alert_v2",
        f"{_chosen.bindings}.provider",
        f"{_chosen.bindings}.resource_group",
        f"{_chosen.bindings}.role_assignment",
        f"{_chosen.bindings}.user_assigned_identity",
    ):
        globals().update({name: each for name, each in vars(import_module(_name)).items() if name[0].isupper()})
    # Those of which there are many.
    MonitorScheduledQueryRulesAlertV2 = internals.unchecked(MonitorScheduledQueryRulesAlertV2)
    MonitorScheduledQueryRulesAlertV2Action = internals.unchecked(MonitorScheduledQueryRulesAlertV2Action)
    MonitorScheduledQueryRulesAlertV2Criteria = internals.unchecked(MonitorScheduledQueryRulesAlertV2Criteria)
    RoleAssignment = internals.unchecked(RoleAssignment)

action_groups: Any = import_module(f"{framework.chosen().bindings}.monitor_action_group")
"""With a class for each type of receiver."""
