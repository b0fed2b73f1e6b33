"""Writes the resources of a plan as Terraform resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.arm.resource_types import ALERT_RULE
from aks_communication_manager.plan import resources as planned
from aks_communication_manager.plan.resources import Reference, Resource, Value
from aks_communication_manager.terraform.bindings import Bindings, Construct, struct
from aks_communication_manager.tokens import literal

if TYPE_CHECKING:
    from aks_communication_manager.terraform.bindings import TerraformResource

_terraform_type = cache(attrgetter("TF_RESOURCE_TYPE"))
"""Terraform type of a class. Cached: each attribute needs a round trip to Node.js."""


class Writer:
    """Creates the resources of a plan as children of a construct. `outside`: other resources they refer to, by construct id."""

    def __init__(self, parent: Construct, bindings: Bindings, outside: Mapping[str, TerraformResource]) -> None:
        self.made: dict[str, TerraformResource] = {}
        """Created resources by construct id."""
        self._parent = parent
        self._bindings = bindings
        self._outside = outside
        self._addresses: dict[str, str] = {}
        self._write: Mapping[type[Resource], Callable[[Any], TerraformResource]] = {
            planned.ResourceGroup: self._resource_group,
            planned.PlannedGroup: self._action_group,
            planned.Identity: self._identity,
            planned.RoleAssignment: self._role_assignment,
            planned.PlannedRule: self._alert_rule,
            planned.ProcessingRule: self._processing_rule,
            planned.HealthAlert: self._health_alert,
        }

    def write(self, resources: Iterable[Resource]) -> None:
        """Create resources in the order of the plan, in which each follows those it refers to."""
        for resource in resources:
            made = self.made[resource.construct_id] = self._write[type(resource)](resource)
            if resource.import_id:
                made.import_from(literal(str(resource.import_id)))

    def value(self, value: Value) -> str:
        """Text of a value for a resource in the same stack."""
        if not isinstance(value, Reference):
            return literal(value)
        # Composed as text: cdktf would need a round trip to Node.js for each attribute instead of each resource.
        if value.construct_id not in self._addresses:
            resource = self.made.get(value.construct_id) or self._outside[value.construct_id]
            self._addresses[value.construct_id] = f"{_terraform_type(type(resource))}.{resource.friendly_unique_id}"
        return f"${{{self._addresses[value.construct_id]}.{value.attribute}}}"

    def _resource_group(self, group: planned.ResourceGroup) -> TerraformResource:
        return self._bindings.ResourceGroup(
            self._parent,
            group.construct_id,
            name=literal(group.name),
            location=literal(group.location),
            tags=_literals(group.tags),
        )

    def _action_group(self, group: planned.PlannedGroup) -> TerraformResource:
        receivers: dict[str, Any] = {}
        for receiver in group.receivers:
            values = plain(receiver.model_dump(exclude={"type"}, exclude_none=True))
            blocks = {name: struct(**value) if isinstance(value, dict) else value for name, value in values.items()}
            receivers.setdefault(f"{receiver.kind}_receiver", []).append(struct(**blocks))
        return self._bindings.ActionGroup(
            self._parent,
            group.construct_id,
            name=literal(group.name),
            short_name=literal(group.short_name),
            resource_group_name=self.value(group.resource_group),
            tags=_literals(group.tags),
            lifecycle=_ignoring(group, "location"),
            **receivers,
        )

    def _identity(self, identity: planned.Identity) -> TerraformResource:
        return self._bindings.UserAssignedIdentity(
            self._parent,
            identity.construct_id,
            name=literal(identity.name),
            resource_group_name=self.value(identity.resource_group),
            location=literal(identity.location),
            tags=_literals(identity.tags),
        )

    def _role_assignment(self, assignment: planned.RoleAssignment) -> TerraformResource:
        return self._bindings.RoleAssignment(
            self._parent,
            assignment.construct_id,
            scope=literal(assignment.scope),
            role_definition_name="Reader",
            principal_id=self.value(assignment.principal),
            # Saves Azure the lookup: a new identity is not in every replica of the directory yet.
            principal_type="ServicePrincipal",
            description=literal(assignment.description),
            # All arguments that replace an assignment except the principal: with another one the rule could not read.
            lifecycle=_ignoring(
                assignment,
                "condition",
                "condition_version",
                "delegated_managed_identity_resource_id",
                "description",
                "principal_type",
                "role_definition_name",
                "scope",
            ),
        )

    def _processing_rule(self, rule: planned.ProcessingRule) -> TerraformResource:
        conditions = {
            condition.field: struct(operator=condition.operator, values=list(map(literal, condition.values)))
            for condition in rule.conditions
        }
        return self._bindings.ProcessingRule(
            self._parent,
            rule.construct_id,
            name=literal(rule.name),
            resource_group_name=self.value(rule.resource_group),
            scopes=[literal(scope) for scope in rule.scopes],
            condition=struct(**conditions),
            description=rule.description,
            tags=_literals(rule.tags),
        )

    def _health_alert(self, alert: planned.HealthAlert) -> TerraformResource:
        group = self.value(alert.resource_group)
        return self._bindings.HealthAlert(
            self._parent,
            alert.construct_id,
            name=literal(alert.name),
            resource_group_name=group,
            location="global",
            scopes=[literal(alert.scope)],
            criteria=struct(
                category="ResourceHealth",
                resource_types=[ALERT_RULE.arm],
                resource_groups=[group],
                resource_health=struct(current=["Degraded", "Unavailable"]),
            ),
            action=[struct(action_group_id=self.value(alert.action_group))],
            description=alert.description,
            tags=_literals(alert.tags),
        )

    def _alert_rule(self, rule: planned.PlannedRule) -> TerraformResource:
        condition = struct(
            query=literal(rule.query),
            time_aggregation_method=rule.time_aggregation_method,
            operator=rule.operator,
            threshold=rule.threshold,
            dimension=[
                struct(name=dimension.name, operator=dimension.operator, values=list(dimension.values))
                for dimension in rule.dimensions
            ],
            failing_periods=struct(
                minimum_failing_periods_to_trigger_alert=rule.minimum_failing_periods_to_trigger_alert,
                number_of_evaluation_periods=rule.number_of_evaluation_periods,
            ),
        )
        return self._bindings.AlertRule(
            self._parent,
            rule.construct_id,
            name=literal(rule.name),
            resource_group_name=self.value(rule.resource_group),
            location=literal(rule.location),
            scopes=[literal(scope) for scope in rule.scopes],
            description=literal(rule.description),
            severity=rule.severity,
            evaluation_frequency=iso(rule.evaluation_frequency),
            window_duration=iso(rule.evaluation_frequency),
            auto_mitigation_enabled=rule.auto_mitigation_enabled,
            criteria=[condition],
            action=struct(
                action_groups=[self.value(group) for group in rule.action_groups],
                custom_properties=_literals(rule.custom_properties),
            ),
            identity=struct(
                type=rule.identity_type,
                identity_ids=[self.value(identity) for identity in rule.identity_ids] or None,
            ),
            tags=_literals(rule.tags),
            depends_on=[self.made[construct_id] for construct_id in rule.depends_on] or None,
            lifecycle=_ignoring(rule, "location", "scopes"),
        )


def _ignoring(resource: Resource, *changes: str) -> dict[str, Any] | None:
    """`ignore_changes` for imported resources: arguments that replace one and whose value only Azure knows.

    Other arguments that replace a resource (ForceNew in azurerm's schema) are taken from its id.
    """
    return struct(ignore_changes=list(changes)) if resource.import_id else None


def _literals(values: Mapping[str, str]) -> dict[str, str] | None:
    """Escape names and values of tags or properties; None if there are none."""
    return {literal(name): literal(text) for name, text in values.items()} or None


def plain(value: Any, write: Callable[[str], str] = literal) -> Any:
    """Convert nested blocks to dicts and lists, with `write` applied to every text."""
    if isinstance(value, Mapping):
        return {name: plain(entry, write) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, write) for entry in value]
    return write(value) if isinstance(value, str) else value
