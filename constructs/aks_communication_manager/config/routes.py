"""Who is told of what: routes, turned into disjoint parts so that nothing later knows about priorities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator

from aks_communication_manager.config.action_group import AnyActionGroup
from aks_communication_manager.config.model import Model, Values, a_list, shown
from aks_communication_manager.domain.notices import ALIASES, NOTICES, Notice
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid, listed, quoted
from aks_communication_manager.kql.queries import Selection

SEVERITIES = {0: "critical", 1: "error", 2: "warning", 3: "informational", 4: "verbose"}
"""Azure Monitor's, with its names."""

END_OF_SUPPORT = "end-of-support"


def severity(value: Any) -> int:
    """A whole number from 0 to 4, or a token for one. Raises `InvalidArgument`."""
    if is_token(value):
        return value  # type: ignore[no-any-return]  # a number that only Terraform knows
    text = str(value).strip()
    if isinstance(value, int | str) and not isinstance(value, bool) and text in map(str, SEVERITIES):
        return int(text)
    choices = listed((f"{number} ({name})" for number, name in SEVERITIES.items()), "or")
    raise invalid(f"{shown('', value)} is not a severity", f"Write {choices}.")


def names(known: Mapping[str, str], what: str) -> Callable[[Any], tuple[str, ...]]:
    """A check for a list of known words, each once, in any letter case. `known`: lower-case word to its spelling."""

    def check(value: Any) -> tuple[str, ...]:
        found: list[str] = []
        mistakes = []
        spellings = list(dict.fromkeys(known.values()))
        for index, word in enumerate(a_list(value)):
            spelling = known.get(str(word).lower())
            if spelling is None:
                mistakes.append(
                    Mistake(f"[{index}]", f"{shown('', word)} is not a {what}", did_you_mean(str(word), spellings))
                )
            elif spelling in found:
                first = found.index(spelling)
                mistakes.append(
                    Mistake(f"[{index}]", f"{quoted(word)} is there already, as [{first}]", "Leave it out here.")
                )
            else:
                found.append(spelling)
        if mistakes:
            raise InvalidArgument(*mistakes)
        return tuple(found)

    return check


def _spellings(notices: Iterable[Notice]) -> dict[str, str]:
    known = {value.lower(): value for notice in notices for value in notice.values}
    return known | {alias.lower(): known[of.lower()] for alias, of in ALIASES.items() if of.lower() in known}


Severity = Annotated[int, PlainValidator(severity)]
NoticeNames = Annotated[tuple[str, ...], BeforeValidator(names({name: name for name in NOTICES}, "notice"))]
Statuses = Annotated[
    tuple[str, ...],
    BeforeValidator(names(_spellings(n for n in NOTICES.values() if n.dimension == "status"), "status of an upgrade")),
]
Stages = Annotated[
    tuple[str, ...], BeforeValidator(names(_spellings([NOTICES[END_OF_SUPPORT]]), "stage of the end of support"))
]


class Route(Model):
    """Another severity, another action group, or both, for some of what happens. First match wins.

    Raises `InvalidArgument` where it matches nothing or changes nothing.
    """

    statuses: Statuses = ()
    """Of the two upgrade notices; empty for all of the notices that are named."""

    stages: Stages = ()
    """Of end-of-support; empty for all where `notices` names it."""

    notices: NoticeNames = ()
    """Empty for the two upgrade notices where there are statuses, and end-of-support where there are stages."""

    severity: Severity | None = None
    """0 (critical) to 4 (verbose); the manager's own where it is left out."""

    action_group: AnyActionGroup | None = None
    """Instead of the manager's own, which is used where it is left out."""

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """A route that matches nothing, or changes nothing, is a slip that nobody would notice."""
        if not {"statuses", "stages", "notices"} <= valid.keys():
            return
        statuses, stages, notices = valid["statuses"], valid["stages"], valid["notices"]
        if not (statuses or stages or notices):
            yield Mistake("", "names nothing that it is about", "Give it statuses, stages or notices.")
        if notices and stages and END_OF_SUPPORT not in notices:
            yield Mistake(
                "stages", f"end-of-support, which has stages, is not among notices {listed(notices)}", "Add it there."
            )
        if statuses and set(notices) == {END_OF_SUPPORT}:
            yield Mistake("statuses", "end-of-support has stages, not statuses", "Write stages instead.")
        if {"severity", "action_group"} <= valid.keys() and valid["severity"] is None and valid["action_group"] is None:
            yield Mistake("", "changes nothing", "Give it a severity, an action_group, or both.")

    def values(self, notice: Notice) -> tuple[str, ...] | None:
        """What it takes of a notice: values of its dimension, none of them for all, or None where it is not concerned."""
        own = self.stages if notice.name == END_OF_SUPPORT else self.statuses
        concerned = notice.name in self.notices or bool(own and not self.notices)
        return own if concerned else None


@dataclass(frozen=True, slots=True)
class Part:
    """The share of a notice that one alert rule has."""

    selection: Selection
    suffix: str
    """What stands behind the rule's name: empty, or ``@`` and the route's own statuses or stages."""
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


def unreachable(notices: Sequence[Notice], routes: Sequence[Route]) -> Iterable[Mistake]:
    """Routes that can match nothing: their notices are not watched, or earlier routes take all they name."""
    reached = {part.route for notice in notices for part in parts(notice, routes)}
    watched = [notice.name for notice in notices]
    for index, route in enumerate(routes):
        path = f"routes[{index}]"
        if index in reached:
            yield from (mistake.under(path) for mistake in _idle(route, watched))
        elif any(route.values(notice) is not None for notice in notices):
            yield Mistake(path, "earlier routes take all that it names", "Move it in front, or leave it out.")
        else:
            yield Mistake(
                path, f"concerns none of the notices that are watched, {listed(watched)}", "Add its notice to notices."
            )


def _idle(route: Route, watched: Sequence[str]) -> Iterable[Mistake]:
    """What a route names beside what it reaches."""
    for name in route.notices:
        if name not in watched:
            yield Mistake(
                "notices", f"{name} is not among the notices that are watched", "Add it there, or leave it out."
            )
    if route.stages and END_OF_SUPPORT not in watched:
        yield Mistake(
            "stages", "end-of-support is not among the notices that are watched", "Add it there, or leave them out."
        )
    if route.statuses and set(watched) == {END_OF_SUPPORT}:
        yield Mistake("statuses", "no notice that is watched has statuses", "Leave them out.")
