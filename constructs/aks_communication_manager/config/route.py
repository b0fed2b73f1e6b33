"""Routes: another severity, action group or grouping for some of the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict

from aks_communication_manager.config.action_group import AnyActionGroup
from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.forms import Form, any_case, string
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.words import NoticeNames, Severity, Stages, Statuses, choice
from aks_communication_manager.notices.catalog import NOTICES, routed_by
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.text import listed

Grouping = Annotated[Literal["event", "digest"], choice("event", "digest")]


def _some(key: str) -> Form:
    """Schema of a mapping in which a key has a list that is not empty."""
    return {"required": [key], "properties": {key: {"minItems": 1}}}


def _has_notice_routed_by(key: str) -> Form:
    """Schema of a route that names no notices, or one of those that have statuses or stages."""
    names = string("|".join(map(any_case, routed_by(key))))
    return {
        "if": {"allOf": [_some(key), _some("notices")]},
        "then": {"properties": {"notices": {"contains": names}}},
    }


class Route(Model):
    """Another severity, action group or grouping for some of the events. The first match wins.

    Raises `InvalidArgument` where it matches nothing or changes nothing.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"anyOf": [_some(key) for key in ("statuses", "stages", "notices")]},
                {"anyOf": [{"required": [key]} for key in ("severity", "action_group", "grouping")]},
                _has_notice_routed_by("stages"),
                _has_notice_routed_by("statuses"),
            ]
        }
    )
    checks: ClassVar[Checks[Route]] = Checks("value")

    statuses: Statuses = ()
    """Statuses of upgrades. Default: all, where `notices` names an upgrade notice."""

    stages: Stages = ()
    """Stages of end-of-support. Default: all, where `notices` names it."""

    notices: NoticeNames = ()
    """Notices that the route applies to. Default: both upgrade notices with `statuses`, end-of-support with `stages`."""

    severity: Severity | None = None
    """0 (critical) to 4 (verbose). Default: the manager's severity."""

    action_group: AnyActionGroup | None = None
    """The action group that is notified instead. Default: the manager's."""

    keep_default: bool = False
    """Whether the stack's own action group is notified too. Default: only the route's."""

    grouping: Grouping | None = None
    """`event` or `digest`. Default: the manager's grouping."""

    def values(self, notice: Notice) -> tuple[str, ...] | None:
        """Dimension values that the route matches; `()` means all, None means that the route does not apply."""
        own = {"statuses": self.statuses, "stages": self.stages, None: ()}[notice.routed_by]
        applies = notice.name in self.notices or bool(own and not self.notices)
        return own if applies else None


@Route.checks.add("ACM064", "statuses", "stages", "notices")
def _matches_something(route: Route) -> Iterator[Finding]:
    """A route that matches nothing has no effect."""
    if not (route.statuses or route.stages or route.notices):
        yield (), "matches nothing", "Add `statuses`, `stages` or `notices`."


@Route.checks.add("ACM065", "stages", "notices")
def _stages_have_their_notice(route: Route) -> Iterator[Finding]:
    """Upgrades have statuses and the end of support has stages, so this route would never match."""
    staged = routed_by("stages")
    if route.notices and route.stages and not set(staged) & set(route.notices):
        yield (
            ("stages",),
            f"{listed(staged)}, which has stages, is not listed in `notices` {listed(route.notices)}",
            "Add it there.",
        )


@Route.checks.add("ACM065", "statuses", "notices")
def _statuses_have_their_notice(route: Route) -> Iterator[Finding]:
    if route.statuses and route.notices and not set(routed_by("statuses")) & set(route.notices):
        has = "has" if len(route.notices) == 1 else "have"
        stages = any(NOTICES[name].routed_by == "stages" for name in route.notices)
        fix = "Use `stages` instead." if stages else "Remove them."
        yield ("statuses",), f"{listed(route.notices)} {has} no statuses", fix


@Route.checks.add("ACM066", "severity", "action_group", "grouping")
def _changes_something(route: Route) -> Iterator[Finding]:
    """A route that changes nothing only splits a rule in two, at twice the price."""
    if route.severity is None and route.action_group is None and route.grouping is None:
        yield (), "changes nothing", "Add `severity`, `action_group` or `grouping`."


@Route.checks.add("ACM124", "keep_default", "action_group")
def _keeps_the_default_beside_another(route: Route) -> Iterator[Finding]:
    """`keep_default` adds the stack's own action group to that of the route, so the route needs one."""
    if route.keep_default and route.action_group is None:
        yield ("keep_default",), "the route has no action group of its own", "Add `action_group`, or remove it."
