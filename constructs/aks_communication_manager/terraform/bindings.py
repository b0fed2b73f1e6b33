"""The framework and the provider's bindings: the one room that imports them, so that changing either touches one file.

mypy checks against CDK for Terraform; what runs is what `framework.chosen` says, where every class has the same shape.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from aks_communication_manager.terraform.runtime import framework, node

if TYPE_CHECKING:
    import cdktf
    import cdktf_cdktf_provider_azurerm.monitor_action_group as group_types
    import cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression as suppression_types
    import cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 as rule_types
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
    from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
    from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
    from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity
    from constructs import Construct
else:
    node.ensure_node()  # before the first import that starts it: without any, jsii ends in an unreadable error
    _chosen = framework.chosen()
    cdktf = import_module(_chosen.module)
    group_types = import_module(f"{_chosen.bindings}.monitor_action_group")
    suppression_types = import_module(f"{_chosen.bindings}.monitor_alert_processing_rule_suppression")
    rule_types = import_module(f"{_chosen.bindings}.monitor_scheduled_query_rules_alert_v2")
    AzurermProvider = import_module(f"{_chosen.bindings}.provider").AzurermProvider
    ResourceGroup = import_module(f"{_chosen.bindings}.resource_group").ResourceGroup
    RoleAssignment = import_module(f"{_chosen.bindings}.role_assignment").RoleAssignment
    UserAssignedIdentity = import_module(f"{_chosen.bindings}.user_assigned_identity").UserAssignedIdentity
    Construct = import_module("constructs").Construct

__all__ = [
    "AzurermProvider",
    "Construct",
    "ResourceGroup",
    "RoleAssignment",
    "UserAssignedIdentity",
    "cdktf",
    "group_types",
    "rule_types",
    "suppression_types",
]
