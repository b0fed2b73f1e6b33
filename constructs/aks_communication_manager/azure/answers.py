"""Answers of Azure, one model each, with what is needed of it and nothing else.

A missing or null value has a default only where Azure leaves it out: an answer that does not say what was asked for is not
an empty answer. Sources: REST specifications of the versions in `arm.resource_types` and below.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from aks_communication_manager.arm.ids import ArmId

RESOURCE_PROVIDERS_VERSION = "2021-04-01"
HEALTH_VERSION = "2025-05-01"

_Value = TypeVar("_Value")
Many = Annotated[tuple[_Value, ...], BeforeValidator(lambda value: () if value is None else value)]
"""A list that Azure may leave out or answer as null."""


class Answer(BaseModel):
    """An answer, or a part of one. Keys are those of Azure, in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, hide_input_in_errors=True)

    called: ClassVar[str] = "what was asked for"
    """The kind, as messages name it."""


class ErrorDetails(Answer):
    code: str = ""
    message: str = ""


class ErrorAnswer(Answer):
    """An error; whatever has another form has neither code nor message."""

    error: ErrorDetails = ErrorDetails()

    @classmethod
    def read(cls, body: bytes) -> ErrorDetails:
        try:
            return cls.model_validate_json(body).error
        except ValidationError:
            return ErrorDetails()


class Page(Answer):
    called = "a list"

    value: list[Any]
    next_link: str | None = None


class GraphPage(Answer):
    called = "rows of Azure Resource Graph"

    data: list[Any]
    total_records: int
    skip_token: str | None = Field(None, alias="$skipToken")


class Subscription(Answer):
    called = "a subscription"

    state: str
    display_name: str = ""


class ResourceGroup(Answer):
    called = "a resource group"

    id: str
    location: str


class ResourceProvider(Answer):
    called = "a resource provider"

    registration_state: str


class Resource(Answer):
    """A resource that has to exist, whatever its properties."""

    called = "a resource"

    id: str


# Clusters


class UpgradeProfile(Answer):
    upgrade_channel: str | None = None
    node_os_upgrade_channel: str | None = Field(None, alias="nodeOSUpgradeChannel")


class PowerState(Answer):
    code: str | None = None


class ClusterProperties(Answer):
    current_kubernetes_version: str | None = None
    kubernetes_version: str | None = None
    support_plan: str | None = None
    auto_upgrade_profile: UpgradeProfile | None = None
    power_state: PowerState | None = None


class ManagedCluster(Answer):
    called = "a cluster"

    id: Any
    location: str
    properties: ClusterProperties

    @field_validator("id")
    @classmethod
    def _is_the_id_of_a_cluster(cls, value: Any) -> ArmId:
        parsed = ArmId.parse(str(value))
        if parsed.kind != "cluster":
            raise ValueError("it is not the id of a cluster")
        return parsed


class DateSpan(Answer):
    start: date
    end: date


class Recurrence(Answer):
    day_of_week: str | None = None
    day_of_month: int | None = None
    week_index: str | None = None


class Schedule(Answer):
    daily: Recurrence | None = None
    weekly: Recurrence | None = None
    absolute_monthly: Recurrence | None = None
    relative_monthly: Recurrence | None = None


class MaintenanceWindow(Answer):
    schedule: Schedule
    start_date: date | None = None
    not_allowed_dates: Many[DateSpan] = ()


class MaintenanceProperties(Answer):
    maintenance_window: MaintenanceWindow | None = None
    maintenance_window_id: str | None = None


class MaintenanceConfiguration(Answer):
    called = "a maintenance configuration"

    name: str
    properties: MaintenanceProperties


class Capabilities(Answer):
    support_plan: Many[str] = ()


class KubernetesVersion(Answer):
    version: str
    capabilities: Capabilities | None = None


class KubernetesVersions(Answer):
    called = "Kubernetes versions"

    values: list[KubernetesVersion]


# Deployed resources


class Dimension(Answer):
    name: str
    operator: str = ""
    values: Many[str] = ()


class FailingPeriods(Answer):
    min_failing_periods_to_alert: int = 1


class Criterion(Answer):
    query: str = ""
    time_aggregation: str | None = None
    operator: str | None = None
    threshold: float | None = None
    failing_periods: FailingPeriods | None = None
    dimensions: Many[Dimension] = ()


class Criteria(Answer):
    all_of: Many[Criterion] = ()


class Actions(Answer):
    action_groups: Many[str] = ()


class AlertRuleProperties(Answer):
    criteria: Criteria
    enabled: bool = True
    scopes: Many[str] = ()
    evaluation_frequency: str = ""
    auto_mitigate: bool | None = True
    mute_actions_duration: str | None = None
    actions: Actions | None = None


class RuleIdentity(Answer):
    type: str = ""
    principal_id: str | None = None
    user_assigned_identities: dict[str, Any] | None = None


class AlertRule(Answer):
    called = "an alert rule"

    id: str
    properties: AlertRuleProperties
    identity: RuleIdentity | None = None


class Receiver(Answer):
    """A receiver of any type. Only e-mail and SMS receivers have a status: their owners may unsubscribe."""

    name: str
    status: str | None = None
    email_address: str | None = None


class ActionGroupProperties(Answer):
    enabled: bool = True
    email_receivers: Many[Receiver] = ()
    receivers: tuple[Receiver, ...] = ()
    """Those of all types, in Azure's order."""

    @model_validator(mode="before")
    @classmethod
    def _of_all_types(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        lists = [found for key, found in value.items() if key.endswith("Receivers") and found is not None]
        if not all(isinstance(found, list) for found in lists):
            raise ValueError("receivers are not a list")
        return {**value, "receivers": [receiver for found in lists for receiver in found]}


class ActionGroup(Answer):
    called = "an action group"

    id: str
    properties: ActionGroupProperties


class ActivityLogAlert(Answer):
    called = "an activity log alert"

    class Properties(Answer):
        enabled: bool = True

    id: str
    properties: Properties


class Identity(Answer):
    called = "an identity"

    class Properties(Answer):
        principal_id: str

    id: str
    properties: Properties


class ProcessingAction(Answer):
    action_type: str


class ProcessingCondition(Answer):
    field: str = ""
    operator: str = ""
    values: Many[str] = ()


class ProcessingSchedule(Answer):
    effective_until: str | None = None


class ProcessingProperties(Answer):
    scopes: tuple[str, ...]
    actions: list[ProcessingAction]
    conditions: Many[ProcessingCondition] = ()
    enabled: bool = True
    schedule: ProcessingSchedule | None = None


class ProcessingRule(Answer):
    called = "an alert processing rule"

    id: str
    properties: ProcessingProperties


class Health(Answer):
    called = "the health of a resource"

    class Properties(Answer):
        availability_state: str
        summary: str | None = None
        reason_type: str | None = None
        detailed_status: str | None = None

    properties: Properties


# Rights


class Permission(Answer):
    called = "a permission"

    actions: Many[str] = ()
    not_actions: Many[str] = ()


class RoleDefinition(Answer):
    called = "a role"

    class Properties(Answer):
        permissions: list[Permission]

    properties: Properties


class RoleAssignment(Answer):
    called = "a role assignment"

    class Properties(Answer):
        scope: str
        principal_id: str
        role_definition_id: str

    properties: Properties


# Resource Graph


class EventRow(Answer):
    """A record. Whatever its properties hold, it is not lost."""

    called = "a scheduled event"

    id: str
    name: str | None = None
    properties: Any = None
