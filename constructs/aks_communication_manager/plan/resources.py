"""Deployed resources as values. No framework, no provider.

Fields have azurerm's names, so its documentation serves for ours. `AlertRule`, `ActionGroup` and `ProcessingRule` hold what Azure
knows of a resource, whoever wrote it: the planner, or another team whose Terraform is rehearsed. `PlannedRule` and `PlannedGroup`
add fields of the planner.

Everything is frozen and hashable. A resource refers to another by `Reference`, which only Terraform resolves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Protocol, TypeAlias, TypeVar

from aks_communication_manager.arm import resource_types
from aks_communication_manager.arm.ids import ResourceId, RoleAssignmentId
from aks_communication_manager.arm.resource_types import ResourceType
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import receivers as config
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token

Key: TypeAlias = tuple[str, ...]
"""Identity of a resource in Azure, in lower case. A part that only Terraform knows is its expression, or empty."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of another resource of the plan."""

    construct_id: str
    attribute: str


_NOTHING: FrozenMap[str] = FrozenMap()

Value: TypeAlias = str | Reference
"""Text as Azure gets it (it may hold tokens), or an attribute that only Terraform knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of Terraform."""

    resource_type: ClassVar[ResourceType]

    construct_id: str
    """A public contract: changing it replaces the resource."""

    name: str

    key: Key

    id: str = ""
    """The ARM id; empty where only Azure knows it. May hold tokens."""

    import_id: ResourceId | RoleAssignmentId | None = None
    """The existing resource that is imported as this one."""

    @property
    def title(self) -> str:
        """The resource as messages name it."""
        return f"the {self.resource_type.words} {quoted(self.construct_id if is_token(self.name) else self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGroup(Resource):
    """The resource group of all other resources."""

    resource_type: ClassVar[ResourceType] = resource_types.RESOURCE_GROUP

    location: str
    tags: FrozenMap[str]


class Receiver(Protocol):
    """A person or a program that an action group notifies. Addresses, numbers and URLs are not part of it: some are secrets."""

    @property
    def kind(self) -> str:
        """azurerm's block without ``_receiver``: email, sms, webhook, logic_app, …"""

    @property
    def name(self) -> str:
        """Unique in its action group."""

    @property
    def address_key(self) -> str:
        """Equal for receivers with the same address; says nothing else of it, and is another in each process."""


@dataclass(frozen=True, slots=True)
class NamedReceiver:
    """A receiver whose address is not read."""

    kind: str
    name: str
    address_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionGroup(Resource):
    """A group of receivers."""

    resource_type: ClassVar[ResourceType] = resource_types.ACTION_GROUP

    resource_group: Value
    receivers: tuple[Receiver, ...] | None
    """None where they are not known here."""
    short_name: str = ""
    enabled: bool = True
    tags: FrozenMap[str] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGroup(ActionGroup):
    """An action group of the planner, with the addresses of its receivers."""

    receivers: tuple[config.Receiver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Resource):
    """A user-assigned identity with which the alert rules read."""

    resource_type: ClassVar[ResourceType] = resource_types.IDENTITY

    resource_group: Value
    location: str
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment(Resource):
    """Reader for one identity on one scope."""

    resource_type: ClassVar[ResourceType] = resource_types.ROLE_ASSIGNMENT

    name: str = ""
    scope: str
    principal: Value
    description: str
    subscription: str | None
    """Where Azure counts it; None where only Terraform knows the scope."""

    @property
    def title(self) -> str:
        principal = self.key[1].rpartition("\0")[2]  # without the stack that `comparable` adds
        return f"the Reader assignment on {quoted(self.scope)} for principal {principal}"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column by whose values an alert rule splits its rows."""

    name: str
    operator: str = "Include"
    values: tuple[str, ...] = ("*",)
    """All values, future ones too, unless some are named."""

    def admits(self, value: str) -> bool:
        """Whether rows with this value are counted."""
        listed = "*" in self.values or value in self.values
        return listed if self.operator == "Include" else not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule(Resource):
    """A scheduled query rule. Defaults are the values that the planner gives every rule."""

    resource_type: ClassVar[ResourceType] = resource_types.ALERT_RULE

    resource_group: Value
    scopes: tuple[str, ...]
    """Azure takes exactly one."""
    query: str
    severity: int
    evaluation_frequency: timedelta
    """Also the window of the rules that the planner makes."""
    location: str = ""
    description: str = ""
    enabled: bool = True
    operator: str = "GreaterThan"
    threshold: float = 0
    time_aggregation_method: str = "Count"
    metric_measure_column: str = ""
    resource_id_column: str = ""
    dimensions: tuple[Dimension, ...] = ()
    minimum_failing_periods_to_trigger_alert: int = 1
    number_of_evaluation_periods: int = 1
    auto_mitigation_enabled: bool = False
    """Whether the rule is stateful: fires once for each combination of dimension values, and resolves."""
    mute_actions_after_alert_duration: timedelta | None = None
    action_groups: tuple[Value, ...] = ()
    custom_properties: FrozenMap[str] = _NOTHING
    identity_type: str = "SystemAssigned"
    """Or ``UserAssigned``; empty where the rule has no identity, so that it cannot read Resource Graph."""
    identity_ids: tuple[Value, ...] = ()
    """Ids of the user-assigned identities."""
    tags: FrozenMap[str] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule(AlertRule):
    """An alert rule of the planner, with the reason for it."""

    notice: Notice
    watched: tuple[Scope, ...]
    route: int | None
    """Index into `Plan.routes`, or None for the default rule."""
    selection: Selection
    depends_on: tuple[str, ...]
    """Construct ids of the role assignments that its identity needs to read."""

    @property
    def is_digest(self) -> bool:
        """Whether one alert is about all events of one status and hour, not about a single event."""
        return bool(self.notice.digest_columns) and self.notice.digest_columns == tuple(
            dimension.name for dimension in self.dimensions
        )

    @property
    def values(self) -> tuple[str, ...]:
        """Known values of the notice's dimension, statuses or stages, that the rule reports: those of its route only."""
        only, excluding = self.selection.only, self.selection.excluding
        return tuple(value for value in only or self.notice.values if value not in excluding)


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of an alert processing rule."""

    field: str
    """azurerm's block, such as ``monitor_condition``."""
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingRule(Resource):
    """An alert processing rule that suppresses notifications.

    The planner's own suppresses the notifications that Azure sends when it resolves the alerts of stateful rules.
    """

    resource_type: ClassVar[ResourceType] = resource_types.PROCESSING_RULE

    resource_group: Value
    scopes: tuple[str, ...]
    """Scopes that contain the targets of alerts; a processing rule never compares them with the alert rules."""
    conditions: tuple[Condition, ...] = ()
    """All of them have to hold."""
    description: str = ""
    tags: FrozenMap[str] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAlert(Resource):
    """Notifies when Azure reports an alert rule of the resource group as degraded or unavailable.

    Azure reports the health of rules that run every 15 minutes or more often ("Monitor the health of log search alert
    rules").
    """

    resource_type: ClassVar[ResourceType] = resource_types.HEALTH_ALERT

    resource_group: Value
    scope: str
    """The subscription whose activity log is read."""
    action_group: Value
    description: str
    tags: FrozenMap[str]


_ORDER = [
    resource_types.ALERT_RULE,
    resource_types.ACTION_GROUP,
    resource_types.ROLE_ASSIGNMENT,
    resource_types.IDENTITY,
    resource_types.PROCESSING_RULE,
    resource_types.HEALTH_ALERT,
    resource_types.RESOURCE_GROUP,
]

_R = TypeVar("_R", bound=Resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All resources of one manager, in order of creation."""

    resource_group: ResourceGroup | None
    """The resource group, if the stack creates it."""
    resources: tuple[Resource, ...]
    action_group: Value
    """The id of the manager's own action group."""
    identity: Value | None
    """The id of the identity that all rules share, or None where each has its own."""
    identity_key: Key | None
    """Equal for all spellings of that identity's id."""
    principals: FrozenMap[Value]
    """Object ids of the identities that read: by the construct id of the rule, or under ``identity`` for one of all."""
    routes: tuple[Route, ...]
    allow_overlap: bool
    uncovered: tuple[Scope, ...]
    """Scopes whose alerts the processing rule cannot match, as they are in other subscriptions."""
    subscription_id: str | None
    """The manager's own, None or a token where it is not known."""
    namespace: Key
    """Subscription, resource group and name prefix. In a program, managers of equal namespaces get labels."""

    def of(self, kind: type[_R]) -> Iterator[_R]:
        """The resources of one kind."""
        return (resource for resource in self.resources if isinstance(resource, kind))

    @property
    def alert_rules(self) -> tuple[PlannedRule, ...]:
        """By notice, then by route (the default last), then by scope."""
        return tuple(self.of(PlannedRule))

    @property
    def summary(self) -> str:
        """``12 alert rules, 1 action group, 24 role assignments``."""
        counts = Counter(sorted((resource.resource_type for resource in self.all), key=_ORDER.index))
        return ", ".join(f"{count:,} {type_.words if count == 1 else type_.plural}" for type_, count in counts.items())

    @property
    def all(self) -> tuple[Resource, ...]:
        """All resources, with the resource group."""
        return (*([self.resource_group] if self.resource_group else []), *self.resources)
