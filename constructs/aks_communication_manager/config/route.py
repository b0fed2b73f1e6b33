"""Who is notified of what: another severity or action group for some of what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from aks_communication_manager.config.action_group import AnyActionGroup
from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.words import NoticeNames, Severity, Stages, Statuses
from aks_communication_manager.notices.catalog import END_OF_SUPPORT
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.text import listed


class Route(Model):
    """Another severity, another action group, or both, for some of what happens. First match wins.

    Raises `InvalidArgument` where it matches nothing or changes nothing.
    """

    checks: ClassVar[Checks[Route]] = Checks("value")

    statuses: Statuses = ()
    """Statuses of upgrades. Default: all statuses of the upgrade notices that are named."""

    stages: Stages = ()
    """Stages of end-of-support. Default: all, where `notices` names it."""

    notices: NoticeNames = ()
    """Notices that it is about. Default: both upgrade notices where there are statuses, end-of-support where there are stages."""

    severity: Severity | None = None
    """0 (critical) to 4 (verbose). Default: the severity of the other rules."""

    action_group: AnyActionGroup | None = None
    """Who is notified instead. Default: those whom the other rules notify."""

    def values(self, notice: Notice) -> tuple[str, ...] | None:
        """What it takes of a notice: values of its dimension, none of them for all, or None where it is not concerned."""
        own = self.stages if notice.name == END_OF_SUPPORT else self.statuses
        concerned = notice.name in self.notices or bool(own and not self.notices)
        return own if concerned else None


@Route.checks.add("ACM064", "statuses", "stages", "notices", example="routes: [{severity: 1}]")
def _matches_something(route: Route) -> Iterator[Finding]:
    """A route that matches nothing has no effect."""
    if not (route.statuses or route.stages or route.notices):
        yield (), "matches nothing", "Add `statuses`, `stages` or `notices`."


@Route.checks.add(
    "ACM065",
    "stages",
    "notices",
    example="routes: [{statuses: [Failed], notices: [end-of-support], severity: 1}]\nnotices: [end-of-support]",
)
def _stages_have_their_notice(route: Route) -> Iterator[Finding]:
    """Upgrades have statuses and the end of support has stages, so this route would never match."""
    if route.notices and route.stages and END_OF_SUPPORT not in route.notices:
        yield (
            ("stages",),
            f"end-of-support, which has stages, is not listed in `notices` {listed(route.notices)}",
            "Add it there.",
        )


@Route.checks.add("ACM065", "statuses", "notices")
def _statuses_have_their_notice(route: Route) -> Iterator[Finding]:
    if route.statuses and set(route.notices) == {END_OF_SUPPORT}:
        yield ("statuses",), "end-of-support has no statuses", "Use `stages` instead."


@Route.checks.add("ACM066", "severity", "action_group", example="routes: [{statuses: [Failed]}]")
def _changes_something(route: Route) -> Iterator[Finding]:
    """A route that changes nothing only splits a rule in two, at twice the price."""
    if route.severity is None and route.action_group is None:
        yield (), "changes nothing", "Add `severity`, `action_group`, or both."
