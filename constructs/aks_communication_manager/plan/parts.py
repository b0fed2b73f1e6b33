"""What one alert rule has of a notice: its share where there are routes, and the columns by which it splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.lint import may_return
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.catalog import CLUSTER_DIMENSIONS, EVENT_DIMENSION, PLANNED_DIMENSION
from aks_communication_manager.notices.notice import Notice


@dataclass(frozen=True, slots=True)
class Part:
    """The share of a notice that one alert rule has."""

    selection: Selection
    suffix: str
    """What follows the rule's name: empty, or ``@`` and the route's own statuses or stages."""
    route: int | None
    """The place of the route it comes from; None for what goes the default way."""


def parts(notice: Notice, routes: Sequence[Route]) -> tuple[Part, ...]:
    """The notice cut into disjoint parts: every value falls into exactly one, those nobody knows of yet too.

    First match wins; the last part is the rest, "everything not named before".
    """
    found: list[Part] = []
    taken: tuple[str, ...] = ()
    for index, route in enumerate(routes):
        values = route.values(notice)
        if values is None:
            continue
        if not values:
            return (*found, Part(Selection(excluding=taken), "", index))
        mine = tuple(value for value in values if value not in taken)
        if mine:
            found.append(Part(Selection(only=mine), f"@{'+'.join(values)}", index))
            taken += mine
    return (*found, Part(Selection(excluding=taken), "", None))


def dimensions(notice: Notice, *, one_cluster: bool, documented: bool, own: str | None = None) -> tuple[str, ...]:
    """The columns by which a rule splits: all that a notification says of what happened, as it carries no rows.

    `own` is the text of a team's own query, which may do without the planned time.
    """
    if documented:
        return (notice.dimension,)
    has_plan = notice.has_planned_time and (own is None or may_return(own, PLANNED_DIMENSION))
    planned = (PLANNED_DIMENSION,) if has_plan else ()
    return (notice.dimension, *(() if one_cluster else CLUSTER_DIMENSIONS), EVENT_DIMENSION, *planned)
