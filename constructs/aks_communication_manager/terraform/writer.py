"""Each value of a plan as a Terraform resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.arm.resource_types import ALERT_RULE
from aks_communication_manager.config.receivers import Receiver
from aks_communication_manager.plan import resources as planned
from aks_communication_manager.plan.resources import Plan, Reference, Resource, Value
from aks_communication_manager.terraform.bindings import Bindings, Construct
from aks_communication_manager.tokens import literal

if TYPE_CHECKING:
    from aks_communication_manager.terraform.bindings import (
        MonitorActionGroup,
        MonitorActivityLogAlert,
        MonitorAlertProcessingRuleSuppression,
        MonitorScheduledQueryRulesAlertV2,
        MonitorScheduledQueryRulesAlertV2Identity,
        ResourceGroup,
        RoleAssignment,
        TerraformResource,
        TerraformResourceLifecycle,
        UserAssignedIdentity,
    )


class Writer:
    """Creates the resources of one plan as children of one construct. Structs that several resources share are created once."""

    def __init__(self, parent: Construct, bindings: Bindings, outside: Mapping[str, TerraformResource]) -> None:
        self.made: dict[str, TerraformResource] = {}
        """The resources, by construct id."""
        self._parent = parent
        self._bindings = bindings
        self._outside = outside
        self._addresses: dict[str, str] = {}
        self._structs: dict[object, Any] = {}
        self._write: Mapping[type[Resource], Callable[[Any], TerraformResource]] = {
            planned.PlannedGroup: self._action_group,
            planned.Identity: self._identity,
            planned.RoleAssignment: self._role_assignment,
            planned.PlannedRule: self._alert_rule,
            planned.ProcessingRule: self._processing_rule,
            planned.HealthAlert: self._health_alert,
        }

    def write(self, plan: Plan) -> None:
        """Create all resources in the plan's order: each after those it refers to."""
        for resource in plan.resources:
            made = self.made[resource.construct_id] = self._write[type(resource)](resource)
            if resource.import_id:
                made.import_from(literal(str(resource.import_id)))

    def value(self, value: Value) -> str:
        """The text for a value of the plan in a resource of the same stack."""
        if not isinstance(value, Reference):
            return literal(value)
        # As text, because cdktf needs a round trip to Node for each attribute, and one for each resource is enough.
        if value.construct_id not in self._addresses:
            resource = self.made.get(value.construct_id) or self._outside[value.construct_id]
            type_ = self._once(type(resource), lambda: resource.terraform_resource_type)
            self._addresses[value.construct_id] = f"{type_}.{resource.friendly_unique_id}"
        return f"${{{self._addresses[value.construct_id]}.{value.attribute}}}"

    def _once(self, key: object, make: Callable[[], Any]) -> Any:
        if key not in self._structs:
            self._structs[key] = make()
        return self._structs[key]

    def _action_group(self, group: planned.PlannedGroup) -> MonitorActionGroup:
        receivers: dict[str, Any] = {}
        for receiver in group.receivers:
            receivers.setdefault(f"{receiver.kind}_receiver", []).append(self._receiver(receiver))
        return self._bindings.ActionGroup(
            self._parent,
            group.construct_id,
            name=literal(group.name),
            short_name=literal(group.short_name),
            resource_group_name=self.value(group.resource_group),
            tags=literals(group.tags),
            lifecycle=self._ignoring(group, "location"),
            **receivers,
        )

    def _identity(self, identity: planned.Identity) -> UserAssignedIdentity:
        return self._bindings.UserAssignedIdentity(
            self._parent,
            identity.construct_id,
            name=literal(identity.name),
            resource_group_name=self.value(identity.resource_group),
            location=literal(identity.location),
            tags=literals(identity.tags),
        )

    def _role_assignment(self, assignment: planned.RoleAssignment) -> RoleAssignment:
        return self._bindings.RoleAssignment(
            self._parent,
            assignment.construct_id,
            scope=literal(assignment.scope),
            role_definition_name="Reader",
            principal_id=self.value(assignment.principal),
            # So Azure does not look it up: a new one is not in every replica of the directory yet.
            principal_type="ServicePrincipal",
            description=literal(assignment.description),
            # All that replaces an assignment, but for the principal: with another one the rule could not read.
            lifecycle=self._ignoring(
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

    def _processing_rule(self, rule: planned.ProcessingRule) -> MonitorAlertProcessingRuleSuppression:
        return self._bindings.ProcessingRule(
            self._parent,
            rule.construct_id,
            name=literal(rule.name),
            resource_group_name=self.value(rule.resource_group),
            scopes=[literal(scope) for scope in rule.scopes],
            condition={
                one.field: {"operator": one.operator, "values": [literal(value) for value in one.values]}
                for one in rule.conditions
            },
            description=rule.description,
            tags=literals(rule.tags),
        )

    def _health_alert(self, alert: planned.HealthAlert) -> MonitorActivityLogAlert:
        group = self.value(alert.resource_group)
        return self._bindings.HealthAlert(
            self._parent,
            alert.construct_id,
            name=literal(alert.name),
            resource_group_name=group,
            location="global",
            scopes=[literal(alert.scope)],
            criteria={
                "category": "ResourceHealth",
                "resource_types": [ALERT_RULE.arm],
                "resource_groups": [group],
                "resource_health": {"current": ["Degraded", "Unavailable"]},
            },
            action=[self._bindings.HealthAlertAction(action_group_id=self.value(alert.action_group))],
            description=alert.description,
            tags=literals(alert.tags),
        )

    def _alert_rule(self, rule: planned.PlannedRule) -> MonitorScheduledQueryRulesAlertV2:
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
            criteria=[
                self._bindings.AlertRuleCriteria(
                    query=literal(rule.query),
                    time_aggregation_method=rule.time_aggregation_method,
                    operator=rule.operator,
                    threshold=rule.threshold,
                    dimension=self._once(
                        rule.dimensions,
                        lambda: [
                            self._bindings.AlertRuleDimension(
                                name=one.name, operator=one.operator, values=list(one.values)
                            )
                            for one in rule.dimensions
                        ],
                    ),
                    failing_periods=self._once(
                        "failing periods",
                        lambda: self._bindings.AlertRuleFailingPeriods(
                            minimum_failing_periods_to_trigger_alert=rule.minimum_failing_periods_to_trigger_alert,
                            number_of_evaluation_periods=rule.number_of_evaluation_periods,
                        ),
                    ),
                )
            ],
            action=self._bindings.AlertRuleAction(
                action_groups=[self.value(group) for group in rule.action_groups],
                custom_properties=literals(rule.custom_properties),
            ),
            identity=self._once(("identity", rule.identity_ids), lambda: self._rule_identity(rule)),
            tags=literals(rule.tags),
            depends_on=[self.made[construct_id] for construct_id in rule.depends_on] or None,
            lifecycle=self._ignoring(rule, "location", "scopes"),
        )

    def _rule_identity(self, rule: planned.PlannedRule) -> MonitorScheduledQueryRulesAlertV2Identity:
        ids = [self.value(identity) for identity in rule.identity_ids] or None
        return self._bindings.AlertRuleIdentity(type=rule.identity_type, identity_ids=ids)

    def _receiver(self, receiver: Receiver) -> object:
        values: dict[str, Any] = plain(receiver.model_dump(exclude={"type"}, exclude_none=True))
        if "aad_auth" in values:
            values["aad_auth"] = self._bindings.AadAuth(**values["aad_auth"])
        return self._bindings.receivers[type(receiver)](**values)

    def _ignoring(self, resource: Resource, *changes: str) -> TerraformResourceLifecycle | None:
        """`ignore_changes` for imported resources: arguments that replace one and whose value only Azure knows.

        Other arguments that replace a resource (ForceNew in azurerm's schema) are taken from its id.
        """
        return self._bindings.TerraformResourceLifecycle(ignore_changes=list(changes)) if resource.import_id else None


def write_resource_group(parent: Construct, bindings: Bindings, group: planned.ResourceGroup) -> ResourceGroup:
    """The resource group that a stack makes around its manager."""
    return bindings.ResourceGroup(
        parent,
        group.construct_id,
        name=literal(group.name),
        location=literal(group.location),
        tags=literals(group.tags),
    )


def literals(values: Mapping[str, str]) -> dict[str, str] | None:
    """Names and values of tags or properties, each as `literal` writes it; None where there are none."""
    return {literal(name): literal(text) for name, text in values.items()} or None


def plain(value: Any, write: Callable[[str], str] = literal) -> Any:
    """Blocks and lists as plain dicts and lists, with every text in them as `write` writes it."""
    if isinstance(value, Mapping):
        return {name: plain(entry, write) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, write) for entry in value]
    return write(value) if isinstance(value, str) else value
