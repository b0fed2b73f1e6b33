"""How a rule avoids missing or repeating an event: with state, or with windows that tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Literal, TypeAlias

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.kql.templates import Window

Mode: TypeAlias = Literal["stateful", "stateless"]
STATEFUL: Mode = "stateful"
STATELESS: Mode = "stateless"
SHARED: Literal["shared"] = "shared"
DOCUMENTED: Literal["documented"] = "documented"

LOOK_BACK = timedelta(hours=6)
INGESTION_DELAY = timedelta(minutes=15)
OVERLAP = timedelta(minutes=1)
LONGEST_WITH_STATE = timedelta(hours=12)
"""Azure documents how stateful alerts are resolved for frequencies up to this one ("Types of Azure Monitor alerts")."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The options that decide about it. None is for the default."""

    delivery: Mode | None
    query: str
    evaluation_frequency: timedelta
    look_back: timedelta | None
    ingestion_delay: timedelta | None
    overlap: timedelta | None

    def mode(self, *, one_cluster: bool) -> Mode:
        """The mode of a rule that watches one cluster, or many."""
        if self.delivery:
            return self.delivery
        has_state = self.query != DOCUMENTED and self.evaluation_frequency <= LONGEST_WITH_STATE
        return STATEFUL if one_cluster and has_state else STATELESS

    def modes(self, rules: str, scopes: Sequence[Scope]) -> set[Mode]:
        """The modes of all rules over these scopes."""
        return {self.mode(one_cluster=watches_one_cluster(rules, scope)) for scope in scopes}

    def window(self, mode: Mode) -> Window:
        """What one evaluation covers. Without state windows tile, shifted back by the delay, and overlap a little."""
        if self.query == DOCUMENTED:
            return Window(self.evaluation_frequency)
        if mode == STATEFUL:
            return Window(max(LOOK_BACK, 2 * self.evaluation_frequency) if self.look_back is None else self.look_back)
        delay = INGESTION_DELAY if self.ingestion_delay is None else self.ingestion_delay
        overlap = OVERLAP if self.overlap is None else self.overlap
        return Window(self.evaluation_frequency + delay + overlap, delay)


KEYS = tuple(field.name for field in fields(Delivery))


def watches_one_cluster(rules: str, scope: Scope) -> bool:
    """Whether the rule over a scope can concern one cluster only. A shared rule may get more at any time."""
    return rules != SHARED and scope.kind == "cluster"
