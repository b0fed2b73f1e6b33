"""Alert rules as Terraform, exactly as the how-to says: table rows are counted, more than none is an alert."""

from __future__ import annotations

from collections.abc import Mapping

from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.options import Options
from aks_communication_manager.domain.tokens import literal, literals
from aks_communication_manager.plan.planner import Rule
from aks_communication_manager.terraform.action_group_resources import ActionGroupResources
from aks_communication_manager.terraform.bindings import (
    Construct,
    MonitorScheduledQueryRulesAlertV2,
    MonitorScheduledQueryRulesAlertV2Action,
    MonitorScheduledQueryRulesAlertV2Criteria,
    MonitorScheduledQueryRulesAlertV2CriteriaDimension,
    MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods,
    MonitorScheduledQueryRulesAlertV2Identity,
    TerraformResourceLifecycle,
)
from aks_communication_manager.terraform.reader_access import ReaderAccess

ALL_VALUES = ["*"]
"""Include all future values, as the portal says."""


class AlertRules:
    """The alert rules of one manager. What is the same in all of them is made once."""

    def __init__(
        self,
        parent: Construct,
        options: Options,
        groups: ActionGroupResources,
        identity: Identity,
        readers: ReaderAccess,
        tags: Mapping[str, str] | None,
    ) -> None:
        self.made: dict[str, MonitorScheduledQueryRulesAlertV2] = {}
        self.principal_ids: dict[str, str] = {"identity": identity.principal_id} if identity.principal_id else {}
        self._parent = parent
        self._options = options
        self._groups = groups
        self._own_identities = not identity.is_shared
        self._readers = readers
        self._tags = tags
        self._identity = (
            MonitorScheduledQueryRulesAlertV2Identity(type="UserAssigned", identity_ids=[literal(identity.id or "")])
            if identity.is_shared
            else MonitorScheduledQueryRulesAlertV2Identity(type="SystemAssigned")
        )
        self._once = MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods(
            minimum_failing_periods_to_trigger_alert=1, number_of_evaluation_periods=1
        )
        self._dimensions: dict[tuple[str, ...], list[MonitorScheduledQueryRulesAlertV2CriteriaDimension]] = {}

    def add(self, rule: Rule, *, resource_group_name: str, location: str) -> None:
        """Make one rule, after the assignments of a shared identity, before those of its own."""
        resource = MonitorScheduledQueryRulesAlertV2(
            self._parent,
            rule.construct_id,
            name=literal(rule.name),
            resource_group_name=rule.resource_group or resource_group_name,
            location=literal(location),
            scopes=[rule.scope],
            description=literal(rule.description),
            severity=rule.severity,
            evaluation_frequency=self._options.evaluation_frequency,
            window_duration=self._options.evaluation_frequency,
            auto_mitigation_enabled=False,
            criteria=[
                MonitorScheduledQueryRulesAlertV2Criteria(
                    query=literal(rule.query),
                    time_aggregation_method="Count",
                    operator="GreaterThan",
                    threshold=0,
                    dimension=self._split_by(rule.dimensions),
                    failing_periods=self._once,
                )
            ],
            action=MonitorScheduledQueryRulesAlertV2Action(
                action_groups=[self._groups.id_of(rule.action_group)],
                custom_properties=literals(rule.custom_properties),
            ),
            identity=self._identity,
            tags=self._tags,
            depends_on=self._readers.before(rule) or None,
            # Both replace the rule when they change, and only Azure knows what somebody chose by hand.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["location", "scopes"]) if rule.import_id else None,
        )
        self.made[rule.construct_id] = resource
        if rule.import_id:
            resource.import_from(literal(rule.import_id))
        if self._own_identities:
            principal_id = resource.get_string_attribute("identity[0].principal_id")
            self.principal_ids[rule.construct_id] = principal_id
            self._readers.after(rule, principal_id)

    def _split_by(self, names: tuple[str, ...]) -> list[MonitorScheduledQueryRulesAlertV2CriteriaDimension]:
        if names not in self._dimensions:
            self._dimensions[names] = [
                MonitorScheduledQueryRulesAlertV2CriteriaDimension(name=name, operator="Include", values=ALL_VALUES)
                for name in names
            ]
        return self._dimensions[names]
