"""The framework and the provider's bindings: the one room that imports them, so that changing either touches one file."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from aks_communication_manager.terraform.runtime import node

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
    TerraformResource,
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
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "Token",
    "Tokenization",
    "UserAssignedIdentity",
    "action_groups",
    "checked_already",
]


class _NoHints(dict[str, None]):
    def __missing__(self, name: str) -> None:
        return None


@contextmanager
def checked_already() -> Iterator[None]:
    """Resources made within are not checked a second time: the options have been, and mypy checks how we pass them on.

    The bindings look up the type hints of every argument of every resource and struct, and compare: a third of the time
    that a thousand clusters take. Their functions find both under these two names of their module, which are put back.
    """
    modules = [made.__init__.__globals__ for made in (MonitorScheduledQueryRulesAlertV2, RoleAssignment)]
    names = {
        "check_type": lambda argname, value, expected_type: None,
        "typing": SimpleNamespace(**{**vars(typing), "get_type_hints": lambda stub: _NoHints()}),
    }
    before = [{name: module[name] for name in names if name in module} for module in modules]
    for module, kept in zip(modules, before, strict=True):
        module.update({name: names[name] for name in kept})
    try:
        yield
    finally:
        for module, kept in zip(modules, before, strict=True):
            module.update(kept)
