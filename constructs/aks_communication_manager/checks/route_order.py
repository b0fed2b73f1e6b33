"""Routes that events can reach, and one description for each action group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.route import Route
from aks_communication_manager.errors import Path
from aks_communication_manager.notices.catalog import routed_by
from aks_communication_manager.plan.rule_outlines import split_by_routes
from aks_communication_manager.text import format_path, listed, quoted


@OPTIONS.add("ACM112", "routes", "notices", "scopes")
def every_route_is_reached(options: Options) -> Iterator[Finding]:
    """The first route that matches wins, so this one would have no effect."""
    watched = options.watched_notices
    names = [notice.name for notice in watched]
    reached = {share.route for notice in watched for share in split_by_routes(notice, options.routes)}
    for index, route in enumerate(options.routes):
        path: Path = ("routes", index)
        if index in reached:
            for key, problem, fix in _idle(route, names):
                yield (*path, key), problem, fix
        elif any(route.values(notice) is not None for notice in watched):
            yield path, "earlier routes already match everything that it names", "Move it before them, or remove it."
        else:
            yield (
                path,
                f"does not match any of the notices, {listed(names)}",
                "Add its notice to `notices`.",
            )


def _idle(route: Route, watched: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Keys of a reached route that have no effect."""
    for name in route.notices:
        if name not in watched:
            problem = f"{name} is not listed in `notices`"
            yield "notices", problem, "Add it there, or remove it here."
    staged = routed_by("stages")
    if route.stages and not set(staged) & set(watched):
        problem = f"{listed(staged)} is not listed in `notices`"
        yield "stages", problem, "Add it there, or remove them here."
    if route.statuses and not set(routed_by("statuses")) & set(watched):
        yield "statuses", "none of the notices has statuses", "Remove them."


@OPTIONS.add("ACM113", "action_group", "routes")
def one_name_is_one_action_group(options: Options) -> Iterator[Finding]:
    """Two descriptions of the same action group would overwrite each other at every apply."""
    first: dict[str, tuple[Path, CreatedActionGroup]] = {}
    for path, group in options.created_groups:
        taken, other = first.setdefault(group.name.lower(), (path, group))
        if other != group:
            yield (
                (*path, "name"),
                f"{quoted(group.name)} is already the name of {format_path(taken)}, with another short name or other receivers",
                "Use the same short name and receivers, or another name.",
            )


@OPTIONS.add("ACM128", "routes", "action_group")
def a_kept_default_is_another_group(options: Options) -> Iterator[Finding]:
    """A rule that calls one action group twice would send every notification once: `keep_default` would have no effect."""
    for index, route in enumerate(options.routes):
        if route.keep_default and route.action_group == options.action_group:
            problem = "the route's action group is the stack's own"
            yield ("routes", index, "keep_default"), problem, "Remove it, or give the route another action group."
