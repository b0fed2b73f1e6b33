"""The framework and its azurerm bindings. No other module imports them.

Programs use CDK for Terraform or CDK Terrain, and both can be installed, so classes are imported only once a scope shows
which framework it belongs to. mypy checks against CDK for Terraform; CDK Terrain has the same classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.terraform.runtime import node
from aks_communication_manager.terraform.runtime.framework import FRAMEWORKS, Framework, framework_of

if TYPE_CHECKING:
    import cdktf
    from cdktf import TerraformResource as TerraformResource
    from cdktf import TerraformStack as TerraformStack
    from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup as MonitorActionGroup
    from cdktf_cdktf_provider_azurerm.monitor_activity_log_alert import (
        MonitorActivityLogAlert as MonitorActivityLogAlert,
    )
    from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
        MonitorAlertProcessingRuleSuppression as MonitorAlertProcessingRuleSuppression,
    )
    from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
        MonitorScheduledQueryRulesAlertV2 as MonitorScheduledQueryRulesAlertV2,
    )
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
    from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
    from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment as RoleAssignment
    from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity as UserAssignedIdentity
    from constructs import Construct as Construct
    from constructs import IConstruct as IConstruct
else:
    node.ensure_node()  # before the import that starts it: jsii's own error for a missing Node.js is unreadable
    Construct = import_module("constructs").Construct


class Bindings:
    """Classes of one framework and its azurerm bindings."""

    def __init__(self, framework: Framework) -> None:
        framework.require_installed("The scope is a construct of")
        core: Any = import_module(framework.module)
        self.App: type[cdktf.App] = core.App
        self.Annotations: type[cdktf.Annotations] = core.Annotations
        self.LocalBackend: type[cdktf.LocalBackend] = core.LocalBackend
        self.TerraformOutput: type[cdktf.TerraformOutput] = core.TerraformOutput
        self.TerraformStack: type[cdktf.TerraformStack] = core.TerraformStack
        self.TerraformVariable: type[cdktf.TerraformVariable] = core.TerraformVariable
        self.Testing: type[cdktf.Testing] = core.Testing
        self._tokens: type[cdktf.Tokenization] = core.Tokenization
        self._resolver = core.DefaultTokenResolver(core.StringConcat())
        self._package = framework.bindings
        self.AzurermProvider: type[AzurermProvider] = self._class("provider", "AzurermProvider")

    def _class(self, module: str, name: str) -> Any:
        return getattr(import_module(f"{self._package}.{module}"), name)

    def _resource(self, module: str, name: str) -> Any:
        """Wrap a resource class in a function that does not compare arguments with type hints.

        Options are validated already, and mypy checks the calls; the comparison would take a third of the time for a thousand
        clusters. Blocks are written with `struct`.
        """
        import jsii

        resource = self._class(module, name)

        def create(scope: Construct, id: str, /, **arguments: object) -> object:
            instance = resource.__new__(resource)
            jsii.create(resource, instance, [scope, id, struct(**arguments)])
            return instance

        return create

    # Imported on first use: each import takes up to a tenth of a second.

    @cached_property
    def ActionGroup(self) -> type[MonitorActionGroup]:
        return self._resource("monitor_action_group", "MonitorActionGroup")  # type: ignore[no-any-return]

    @cached_property
    def AlertRule(self) -> type[MonitorScheduledQueryRulesAlertV2]:
        return self._resource("monitor_scheduled_query_rules_alert_v2", "MonitorScheduledQueryRulesAlertV2")  # type: ignore[no-any-return]

    @cached_property
    def HealthAlert(self) -> type[MonitorActivityLogAlert]:
        return self._resource("monitor_activity_log_alert", "MonitorActivityLogAlert")  # type: ignore[no-any-return]

    @cached_property
    def ProcessingRule(self) -> type[MonitorAlertProcessingRuleSuppression]:
        return self._resource("monitor_alert_processing_rule_suppression", "MonitorAlertProcessingRuleSuppression")  # type: ignore[no-any-return]

    @cached_property
    def ResourceGroup(self) -> type[ResourceGroup]:
        return self._resource("resource_group", "ResourceGroup")  # type: ignore[no-any-return]

    @cached_property
    def RoleAssignment(self) -> type[RoleAssignment]:
        return self._resource("role_assignment", "RoleAssignment")  # type: ignore[no-any-return]

    @cached_property
    def UserAssignedIdentity(self) -> type[UserAssignedIdentity]:
        return self._resource("user_assigned_identity", "UserAssignedIdentity")  # type: ignore[no-any-return]

    def resolve(self, text: str, scope: Construct) -> str:
        """Resolve the tokens in a text to addresses in the stack of `scope`.

        Each read of an attribute returns a new token, so tokens are compared by their addresses. `preparing` resolves references
        to another stack as they are written in this one.
        """
        return str(self._tokens.resolve(text, scope=scope, preparing=True, resolver=self._resolver))

    def stack_of(self, scope: Construct) -> TerraformStack:
        """The stack of a construct. Raises `InvalidArgument` if it is in none, like an app."""
        found = next((node for node in reversed(scope.node.scopes) if isinstance(node, self.TerraformStack)), None)
        if found is None:
            raise _no_stack()
        return found

    def default_provider(self, nodes: Iterable[object]) -> AzurermProvider | None:
        """Find the azurerm provider without an alias."""
        return next((node for node in nodes if isinstance(node, self.AzurermProvider) and node.alias is None), None)


_camel = cache(to_camel)


def struct(**arguments: object) -> dict[str, Any]:
    """Convert the arguments of a resource or block to JavaScript names, without those that are None."""
    return {_camel(name): value for name, value in arguments.items() if value is not None}


load = cache(Bindings)
"""Bindings of a framework, imported by the first call."""


def bindings_of(scope: Construct) -> Bindings:
    """Bindings of the framework of `scope`. Raises `InvalidArgument` if its app and stack belong to different ones."""
    outermost = {framework: node for node in reversed(scope.node.scopes) if (framework := framework_of(node))}
    if not outermost:
        raise _no_stack()
    require_one_framework(outermost.values())
    return load(next(iter(outermost)))


def _no_stack() -> InvalidArgument:
    problem = "is in no stack of CDK for Terraform or CDK Terrain"
    return invalid("ACM139", problem, "Pass a TerraformStack, or a construct in one.", "scope")


def require_one_framework(constructs: Iterable[IConstruct]) -> None:
    """Raise `InvalidArgument` if there are constructs of both frameworks, on which App.synth() would fail."""
    first = {framework: node.node.path or "the app" for node in constructs if (framework := framework_of(node))}
    if len(first) > 1:
        [(one, here), (other, there)] = sorted(first.items(), key=lambda item: FRAMEWORKS.index(item[0]))
        raise invalid(
            "ACM139",
            f"{here} is a construct of {one.module}, but {there} is one of {other.module}",
            "Import all classes from one of the two frameworks: "
            + " or ".join(f"{framework.module} and {framework.bindings}" for framework in FRAMEWORKS)
            + ".",
            "scope",
        )
