"""Outlines of the alert rules: their scopes, their shares of a notice, what one notification is about, how far back they look.

docs/evidence/delivery.md has the reasons and a simulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aks_communication_manager.arm.limits import ALERTS_WITH_STATE
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.options import DOCUMENTED, SHARED, Options
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.lint import may_return
from aks_communication_manager.kql.templates import Grouping, Selection
from aks_communication_manager.notices.catalog import CLUSTER_DIMENSIONS
from aks_communication_manager.notices.notice import Notice

EVENT: Grouping = "event"
DIGEST: Grouping = "digest"

DEFAULT_LOOK_BACK = timedelta(hours=6)


def look_back_of(options: Options) -> timedelta:
    """The given look-back, or 6 hours, or twice the frequency where that is longer: one evaluation may be skipped."""
    return options.look_back or max(DEFAULT_LOOK_BACK, 2 * options.evaluation_frequency)


def uses_documented_query(options: Options, notice: Notice) -> bool:
    """Whether rules for the notice run Microsoft's query, without state and with a window of one frequency."""
    return options.query == DOCUMENTED and notice.name not in options.queries


def grouping_of(options: Options, notice: Notice, scopes: Sequence[Scope], route: Route | None = None) -> Grouping:
    """Grouping of a rule: that of its route, else that of the options, else ``event`` where its alerts surely fit.

    A team's own query and a notice without a digest query are always ``event``.
    """
    if options.query == DOCUMENTED or notice.name in options.queries or not notice.digest_columns:
        return EVENT
    if wanted := (route and route.grouping) or options.grouping:
        return wanted
    clusters_only = all(scope.kind == "cluster" for scope in scopes)
    return EVENT if clusters_only and len(scopes) <= clusters_at_most(look_back_of(options)) else DIGEST


@dataclass(frozen=True, slots=True)
class RouteShare:
    """The share of a notice that one alert rule has."""

    selection: Selection
    suffix: str
    """Suffix of the rule's name: empty, or ``@`` and the route's own statuses or stages."""
    route: int | None
    """Index into `routes`, or None for the default rule."""


def split_by_routes(notice: Notice, routes: Sequence[Route]) -> tuple[RouteShare, ...]:
    """Partition the notice's values by route; unknown values go to the last share.

    The first match wins, and the last share has all values that no earlier one names.
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


@dataclass(frozen=True, slots=True)
class RuleOutline:
    """An alert rule before it has a name and a query."""

    notice: Notice
    share: RouteShare
    scopes: tuple[Scope, ...]
    grouping: Grouping

    @property
    def route(self) -> int | None:
        """Index into `routes`, or None for the default rule."""
        return self.share.route


def planned_rules(options: Options) -> Iterator[RuleOutline]:
    """The alert rules of these options: by notice, then by route (the default last), then by scope."""
    for notice in options.watched_notices:
        scopes = options.scopes_of(notice.name)
        groups = [scopes] if options.rules == SHARED else [(scope,) for scope in scopes]
        for share in split_by_routes(notice, options.routes):
            route = None if share.route is None else options.routes[share.route]
            for group in groups:
                yield RuleOutline(notice, share, group, grouping_of(options, notice, group, route))


def events_of_a_cluster(look_back: timedelta) -> int:
    """Events of one notice that a cluster can have within the look-back.

    A maintenance that starts and ends, and the week-ahead announcement of the next one; from a day on the day-ahead
    announcement too.
    """
    return 3 if look_back < timedelta(days=1) else 4


def clusters_at_most(look_back: timedelta) -> int:
    """Clusters of a rule with ``grouping: event``: above 300 alerts Azure fails the evaluation of a stateful rule."""
    return ALERTS_WITH_STATE // events_of_a_cluster(look_back)


def dimensions(
    notice: Notice, grouping: Grouping, *, one_cluster: bool, documented: bool = False, own: str | None = None
) -> tuple[str, ...]:
    """Columns by which a rule splits its rows. A notification carries no rows, so these are all that it says about an event.

    `own` is the text of a team's own query, which has to return the columns that tell events apart and may return the others.
    """
    if documented:
        return (notice.dimension,)
    if grouping == "digest":
        return notice.digest_columns
    name, *others = notice.event_columns
    returned = [column for column in others if own is None or may_return(own, column)]
    return (notice.dimension, *(() if one_cluster else CLUSTER_DIMENSIONS), name, *returned)
