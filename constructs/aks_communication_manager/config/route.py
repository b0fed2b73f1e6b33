"""Who is notified of what: another severity or action group for some of what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from aks_communication_manager.config.action_group import ActionGroup, AnyActionGroup
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

    checks: ClassVar[Checks] = Checks()

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


@Route.checks("ACM064")
def _it_names_something(statuses: Statuses, stages: Stages, notices: NoticeNames) -> Iterator[Finding]:
    if not (statuses or stages or notices):
        yield (), "matches nothing", "Add `statuses`, `stages` or `notices`."


@Route.checks("ACM065")
def _stages_have_their_notice(stages: Stages, notices: NoticeNames) -> Iterator[Finding]:
    if notices and stages and END_OF_SUPPORT not in notices:
        yield (
            ("stages",),
            f"end-of-support, which has stages, is not listed in `notices` {listed(notices)}",
            "Add it there.",
        )


@Route.checks("ACM065")
def _statuses_have_their_notice(statuses: Statuses, notices: NoticeNames) -> Iterator[Finding]:
    if statuses and set(notices) == {END_OF_SUPPORT}:
        yield ("statuses",), "end-of-support has no statuses", "Use `stages` instead."


@Route.checks("ACM066")
def _it_changes_something(severity: int | None, action_group: ActionGroup | None) -> Iterator[Finding]:
    if severity is None and action_group is None:
        yield (), "changes nothing", "Add `severity`, `action_group`, or both."
