"""What one alert rule has of a notice: its share where there are routes, and the columns by which it splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.lint import may_return
from aks_communication_manager.kql.templates import Grouping, Selection
from aks_communication_manager.notices.catalog import CLUSTER_DIMENSIONS
from aks_communication_manager.notices.notice import Notice


@dataclass(frozen=True, slots=True)
class RouteShare:
    """The share of a notice that one alert rule has."""

    selection: Selection
    suffix: str
    """What follows the rule's name: empty, or ``@`` and the route's own statuses or stages."""
    route: int | None
    """The place of the route it comes from; None for what goes the default way."""


def split_by_routes(notice: Notice, routes: Sequence[Route]) -> tuple[RouteShare, ...]:
    """The notice cut into disjoint parts: every value falls into exactly one, those nobody knows of yet too.

    First match wins; the last part is the rest, "everything not named before".
    """
    found: list[RouteShare] = []
    taken: tuple[str, ...] = ()
    for index, route in enumerate(routes):
        values = route.values(notice)
        if values is None:
            continue
        if not values:
            return (*found, RouteShare(Selection(excluding=taken), "", index))
        mine = tuple(value for value in values if value not in taken)
        if mine:
            found.append(RouteShare(Selection(only=mine), f"@{'+'.join(values)}", index))
            taken += mine
    return (*found, RouteShare(Selection(excluding=taken), "", None))


def dimensions(
    notice: Notice, grouping: Grouping, *, one_cluster: bool, documented: bool = False, own: str | None = None
) -> tuple[str, ...]:
    """The columns by which a rule splits: all that a notification says of what happened, as it carries no rows.

    `own` is the text of a team's own query, which has to return the columns that tell events apart and may return the others.
    """
    if documented:
        return (notice.dimension,)
    if grouping == "digest":
        return notice.digest_columns
    name, *others = notice.event_columns
    returned = [column for column in others if own is None or may_return(own, column)]
    return (notice.dimension, *(() if one_cluster else CLUSTER_DIMENSIONS), name, *returned)
