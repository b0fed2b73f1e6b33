"""Models of Azure's answers, with the fields that are read and no others.

A missing or null value has a default only where Azure leaves it out: an answer without the value that was asked for is not
an empty answer. Sources: REST specifications of each model's `api_version`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from aks_communication_manager.arm import resource_types
from aks_communication_manager.arm.ids import ArmId

_Value = TypeVar("_Value")
Many = Annotated[tuple[_Value, ...], BeforeValidator(lambda value: () if value is None else value)]
"""A list that Azure may leave out or answer as null."""


def _nested(default: Any, *path: str) -> Any:
    """A field for one value of a nested object, with the default where any part of the path is missing."""
    return Field(default, validation_alias=AliasPath(*path))


class Answer(BaseModel):
    """An answer, or a part of one. Keys are those of Azure, in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, hide_input_in_errors=True)

    called: ClassVar[str] = "what was asked for"
    """The kind, as messages name it."""

    api_version: ClassVar[str] = ""
    """Version of the REST API that is asked for it."""


class ErrorAnswer(Answer):
    """An error. Code and message are empty where the answer has another form."""

    code: str = _nested("", "error", "code")
    message: str = _nested("", "error", "message")

    @classmethod
    def read(cls, body: bytes) -> ErrorAnswer:
        try:
            return cls.model_validate_json(body)
        except ValidationError:
            return cls()


class Page(Answer):
    called = "a list"

    value: list[Any]
    next_link: str | None = None


class GraphPage(Answer):
    called = "rows of Azure Resource Graph"
    api_version = "2024-04-01"

    data: list[Any]
    total_records: int
    skip_token: str | None = Field(None, alias="$skipToken")


class EventRow(Answer):
    """A record of Azure Resource Graph. Its properties can have any form."""

    called = "a scheduled event"

    id: str
    name: str | None = None
    properties: Any = None


class Subscription(Answer):
    called = "a subscription"
    api_version = resource_types.SUBSCRIPTION.api_version

    state: str
    display_name: str = ""


class ResourceGroup(Answer):
    called = "a resource group"
    api_version = resource_types.RESOURCE_GROUP.api_version

    location: str


class ResourceProvider(Answer):
    called = "a resource provider"
    api_version = "2021-04-01"

    registration_state: str


class Resource(Answer):
    """A resource that has to exist, whatever its properties."""

    called = "a resource"

    id: str


class ResourceWithProperties(Answer):
    """A resource whose `properties` are read like fields of its own."""

    properties: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, value: Any) -> Any:
        nested = value.get("properties") if isinstance(value, dict) else None
        return {**nested, **value} if isinstance(nested, dict) else value


# Clusters


def _cluster_id(value: Any) -> ArmId:
    parsed = ArmId.parse(str(value))
    if parsed.kind != "cluster":
        raise ValueError("it is not the id of a cluster")
    return parsed


class UpgradeProfile(Answer):
    upgrade_channel: str | None = None
    node_os_upgrade_channel: str | None = Field(None, alias="nodeOSUpgradeChannel")


class ManagedCluster(ResourceWithProperties):
    called = "a cluster"
    api_version = resource_types.CLUSTER.api_version

    id: Annotated[Any, AfterValidator(_cluster_id)]
    location: str
    current_kubernetes_version: str | None = None
    kubernetes_version: str | None = None
    support_plan: str | None = None
    auto_upgrade_profile: UpgradeProfile | None = None
    power_state: str | None = _nested(None, "powerState", "code")


class DateSpan(Answer):
    start: date
    end: date


class Recurrence(Answer):
    day_of_week: str | None = None
    day_of_month: int | None = None
    week_index: str | None = None


class MaintenanceWindow(Answer):
    schedule: dict[str, Recurrence | None]
    """By kind, such as ``weekly``."""
    start_date: date | None = None
    not_allowed_dates: Many[DateSpan] = ()


class MaintenanceConfiguration(ResourceWithProperties):
    called = "a maintenance configuration"
    api_version = resource_types.CLUSTER.api_version

    name: str
    maintenance_window: MaintenanceWindow | None = None
    maintenance_window_id: str | None = None


class KubernetesVersion(Answer):
    version: str
    support_plans: Many[str] = _nested((), "capabilities", "supportPlan")


class KubernetesVersions(Answer):
    called = "Kubernetes versions"
    api_version = resource_types.CLUSTER.api_version

    values: list[KubernetesVersion]


# Deployed resources


class Dimension(Answer):
    name: str
    values: Many[str] = ()


class Criterion(Answer):
    query: str = ""
    time_aggregation: str | None = None
    operator: str | None = None
    threshold: float | None = None
    failing_periods: int = _nested(1, "failingPeriods", "minFailingPeriodsToAlert")
    dimensions: Many[Dimension] = ()


class RuleIdentity(Answer):
    type: str = ""
    principal_id: str | None = None
    user_assigned_identities: dict[str, Any] | None = None


class AlertRule(ResourceWithProperties):
    called = "an alert rule"
    api_version = resource_types.ALERT_RULE.api_version

    id: str
    criteria: Many[Criterion] = _nested((), "criteria", "allOf")
    enabled: bool = True
    scopes: Many[str] = ()
    evaluation_frequency: str = ""
    auto_mitigate: bool | None = True
    mute_actions_duration: str | None = None
    action_groups: Many[str] = _nested((), "actions", "actionGroups")
    identity: RuleIdentity | None = None


class Receiver(Answer):
    """A receiver of any type. Only e-mail and SMS receivers have a status: their owners may unsubscribe."""

    name: str
    status: str | None = None
    email_address: str | None = None


def _receivers_of_all_types(properties: Any) -> Any:
    if not isinstance(properties, dict):
        return properties
    lists = [found for key, found in properties.items() if key.endswith("Receivers") and found is not None]
    if not all(isinstance(found, list) for found in lists):
        raise ValueError("receivers are not a list")
    return [receiver for found in lists for receiver in found]


class ActionGroup(ResourceWithProperties):
    called = "an action group"
    api_version = resource_types.ACTION_GROUP.api_version

    enabled: bool = True
    email_receivers: Many[Receiver] = ()
    receivers: Annotated[tuple[Receiver, ...], BeforeValidator(_receivers_of_all_types)] = Field(alias="properties")
    """Receivers of all types, in Azure's order."""


class ActivityLogAlert(ResourceWithProperties):
    called = "an activity log alert"
    api_version = resource_types.HEALTH_ALERT.api_version

    enabled: bool = True


class Identity(ResourceWithProperties):
    called = "an identity"
    api_version = resource_types.IDENTITY.api_version

    principal_id: str


class ProcessingAction(Answer):
    action_type: str


class ProcessingCondition(Answer):
    field: str = ""
    operator: str = ""
    values: Many[str] = ()


class ProcessingRule(ResourceWithProperties):
    called = "an alert processing rule"
    api_version = resource_types.PROCESSING_RULE.api_version

    id: str
    scopes: tuple[str, ...]
    actions: list[ProcessingAction]
    conditions: Many[ProcessingCondition] = ()
    enabled: bool = True
    schedule: dict[str, Any] | None = None
    effective_until: str | None = _nested(None, "schedule", "effectiveUntil")


class Health(ResourceWithProperties):
    called = "the health of a resource"
    api_version = "2025-05-01"

    availability_state: str
    summary: str | None = None
    reason_type: str | None = None
    detailed_status: str | None = None


# Rights


class Permission(Answer):
    called = "a permission"
    api_version = resource_types.ROLE_ASSIGNMENT.api_version

    actions: Many[str] = ()
    not_actions: Many[str] = ()


class RoleDefinition(ResourceWithProperties):
    called = "a role"
    api_version = resource_types.ROLE_ASSIGNMENT.api_version

    permissions: list[Permission]


class RoleAssignment(ResourceWithProperties):
    called = "a role assignment"
    api_version = resource_types.ROLE_ASSIGNMENT.api_version

    scope: str
    principal_id: str
    role_definition_id: str
