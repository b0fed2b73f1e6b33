"""The whole desired state of one manager and of the stack around it, as values. No framework, no provider.

Everything is frozen and hashable. A resource refers to another by `Reference`, which only Terraform resolves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, TypeAlias, TypeVar

from aks_communication_manager.arm.ids import ResourceId, RoleAssignmentId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.delivery import Mode
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.receivers import Receiver
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.notice import Notice

Key: TypeAlias = tuple[str, ...]
"""What makes a resource one and the same in Azure, in lower case. A part that only Terraform knows is its expression, or empty."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of another resource of the plan."""

    construct_id: str
    attribute: str


Value: TypeAlias = str | Reference
"""Text as Azure gets it (it may hold tokens), or an attribute that only Terraform knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of Terraform."""

    called: ClassVar[str]
    """The kind, as a person would call it."""

    construct_id: str
    """A public contract: changing it replaces the resource."""

    key: Key
    title: str
    """How messages call it."""

    import_id: ResourceId | RoleAssignmentId | None = None
    """What was made by hand and becomes this resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGroup(Resource):
    """The resource group that everything else is made in."""

    called: ClassVar[str] = "resource group"

    name: str
    location: str
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionGroup(Resource):
    """Who is notified."""

    called: ClassVar[str] = "action group"

    name: str
    short_name: str
    resource_group: Value
    receivers: tuple[Receiver, ...]
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Resource):
    """A user-assigned identity with which the alert rules read."""

    called: ClassVar[str] = "managed identity"

    name: str
    resource_group: Value
    location: str
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment(Resource):
    """Reader for one identity on one scope."""

    called: ClassVar[str] = "role assignment"

    scope: str
    principal: Value
    description: str
    subscription: str | None
    """Where Azure counts it; None where only Terraform knows the scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule(Resource):
    """One alert rule."""

    called: ClassVar[str] = "alert rule"

    name: str
    resource_group: Value
    location: str
    scope: str
    watched: tuple[Scope, ...]
    notice: Notice
    route: int | None
    """The place of the route it is for; None for what goes the default way."""
    selection: Selection
    query: str
    severity: int
    evaluation_frequency: timedelta
    """Its window too."""
    mode: Mode
    dimensions: tuple[str, ...]
    description: str
    custom_properties: FrozenMap[str]
    action_group: Value
    identity: Value | None
    """The id of the identity that it shares with others, or None for one of its own."""
    depends_on: tuple[str, ...]
    """Construct ids of the role assignments without which it could not read."""
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingRule(Resource):
    """Suppresses the notifications that Azure sends when it resolves the alerts of stateful rules."""

    called: ClassVar[str] = "alert processing rule"

    name: str
    resource_group: Value
    scopes: tuple[str, ...]
    """Where the alerts' targets are, which is what a processing rule matches: never the alert rules themselves."""
    marker: str
    """Text in the description of this manager's alert rules, and of no others."""
    description: str
    tags: FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAlert(Resource):
    """Notifies when Azure reports an alert rule of the resource group as degraded or unavailable.

    Azure reports the health of rules that run every 15 minutes or more often ("Monitor the health of log search alert
    rules").
    """

    called: ClassVar[str] = "activity log alert"

    name: str
    resource_group: Value
    scope: str
    """The subscription whose activity log is read."""
    action_group: Value
    description: str
    tags: FrozenMap[str]


_ORDER = [AlertRule, ActionGroup, RoleAssignment, Identity, ProcessingRule, HealthAlert, ResourceGroup]

_R = TypeVar("_R", bound=Resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that one manager contains, in the order in which it is made."""

    resource_group: ResourceGroup | None
    """Made by the stack around the manager, where the stack makes it."""
    resources: tuple[Resource, ...]
    action_group: Value
    """The id of the manager's own action group."""
    identity: Value | None
    """The id of the identity that all rules share, or None where each has its own."""
    identity_key: Key | None
    """The same for every spelling of that identity's id."""
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
    def alert_rules(self) -> tuple[AlertRule, ...]:
        """By notice, then by route (the default last), then by scope."""
        return tuple(self.of(AlertRule))

    @property
    def summary(self) -> str:
        """``12 alert rules, 1 action group, 24 role assignments``."""
        counts = Counter(
            resource.called for resource in sorted(self.all, key=lambda resource: _ORDER.index(type(resource)))
        )
        plural = {"managed identity": "managed identities"}
        return ", ".join(
            f"{count:,} {word if count == 1 else plural.get(word, f'{word}s')}" for word, count in counts.items()
        )

    @property
    def all(self) -> tuple[Resource, ...]:
        """The resource group too."""
        return (*([self.resource_group] if self.resource_group else []), *self.resources)
