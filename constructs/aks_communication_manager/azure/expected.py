"""What a stack is going to contain, as far as Azure is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from aks_communication_manager.arm.ids import ArmId


@dataclass(frozen=True, slots=True)
class ExpectedRule:
    """An alert rule."""

    id: str
    notice: str
    query: str
    severity: int
    evaluation_frequency: timedelta
    scope: str
    """The resource that its alerts are about."""
    watched: tuple[ArmId, ...]
    action_group: str
    """The action group's id."""
    identity: str | None = None
    """The id of its user-assigned identity; None: a system-assigned one."""
    readers: tuple[str, ...] = ()
    """Where its identity becomes Reader. Empty: somebody else sees to that."""
    description: str = ""
    dimensions: tuple[str, ...] = ()
    """The columns by which it splits its rows."""
    stateful: bool = False
    adopted: bool = False
    """Whether it exists already and is taken over."""

    @property
    def name(self) -> str:
        return name_of(self.id)


@dataclass(frozen=True, slots=True)
class ExpectedResource:
    """An action group, an identity or a processing rule."""

    id: str
    created: bool = True
    """Whether the stack creates it; otherwise it has to exist."""

    @property
    def name(self) -> str:
        return name_of(self.id)


@dataclass(frozen=True, slots=True)
class ExpectedStack:
    """Everything of one stack."""

    name: str
    subscription_id: str
    location: str
    resource_group: str
    creates_resource_group: bool
    rules: tuple[ExpectedRule, ...]
    action_groups: tuple[ExpectedResource, ...] = ()
    identities: tuple[ExpectedResource, ...] = ()
    processing_rules: tuple[ExpectedResource, ...] = ()
    notices: Mapping[ArmId, frozenset[str]] = field(init=False)
    """What is watched, and for which notices."""

    def __post_init__(self) -> None:
        notices: dict[ArmId, frozenset[str]] = {}
        for rule in self.rules:
            for scope in rule.watched:
                notices[scope] = notices.get(scope, frozenset()) | {rule.notice}
        object.__setattr__(self, "notices", notices)

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.subscription_id}"

    @property
    def resource_group_id(self) -> str:
        return f"{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def created_assignments(self) -> frozenset[tuple[str, str]]:
        """Who becomes Reader where: a rule or an identity, and a scope."""
        return frozenset((rule.identity or rule.id, reader) for rule in self.rules for reader in rule.readers)


def name_of(identifier: str) -> str:
    """The last part of an id."""
    return identifier.rpartition("/")[2]


def is_within(identifier: str, parent: str) -> bool:
    """Whether an id is `parent` or lies below it, however they are spelled."""
    return f"{identifier}/".lower().startswith(f"{parent.rstrip('/')}/".lower())
