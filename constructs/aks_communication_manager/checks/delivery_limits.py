"""Each event reported once: windows that Azure takes, options that some rule uses, and no more alerts than have state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.arm.limits import ALERTS_WITH_STATE, LOOK_BACK
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding, Indexed
from aks_communication_manager.config.delivery import (
    DOCUMENTED,
    LONGEST_WITH_STATE,
    STATEFUL,
    STATELESS,
    Delivery,
    Mode,
)
from aks_communication_manager.errors import Mistake
from aks_communication_manager.text import quoted

_LONGEST = LOOK_BACK - timedelta(hours=1)
"""An hour less than Azure takes: room for the time that it adds for late data."""


def _state_is_possible(how: Delivery) -> bool:
    return how.query != DOCUMENTED and how.evaluation_frequency <= LONGEST_WITH_STATE


@OPTIONS("ACM103")
def state_is_possible(how: Delivery) -> Iterator[Finding]:
    if how.delivery != STATEFUL:
        return
    if how.query == DOCUMENTED:
        yield (
            ("delivery",),
            "the documented query does not return eventName, without which a stateful rule would miss events",
            "Remove it, or set `query: hardened`.",
        )
    elif how.evaluation_frequency > LONGEST_WITH_STATE:
        yield (
            ("delivery",),
            f"{quoted(STATEFUL)} is not possible with the evaluation frequency {iso(how.evaluation_frequency)}: "
            "Azure documents stateful alerts for frequencies up to 12 hours",
            "Remove it, or evaluate more often.",
        )


@OPTIONS("ACM107")
def a_stateful_rule_looks_back_far_enough(how: Delivery, rules: str, known_scopes: Indexed[Scope]) -> Iterator[Finding]:
    if how.look_back is None or not _state_is_possible(how) or STATEFUL not in _modes(how, rules, known_scopes):
        return
    if how.look_back < 2 * how.evaluation_frequency:
        yield (
            ("look_back",),
            f"{quoted(iso(how.look_back))} is shorter than two evaluations at {iso(how.evaluation_frequency)}: "
            "one that is late or skipped would lose events",
            f"Use at least {iso(2 * how.evaluation_frequency)}, or remove it: the default is PT6H or twice the frequency.",
        )
    if how.look_back > _LONGEST:
        yield (
            ("look_back",),
            f"{quoted(iso(how.look_back))} is longer than PT47H, the longest that is possible",
            "Shorten it.",
        )


@OPTIONS("ACM107")
def windows_of_stateless_rules_tile(how: Delivery, rules: str, known_scopes: Indexed[Scope]) -> Iterator[Finding]:
    if how.query == DOCUMENTED or STATELESS not in _modes(how, rules, known_scopes):
        return
    window = how.window(STATELESS)
    if how.overlap is not None and how.overlap >= how.evaluation_frequency:
        yield (
            ("overlap",),
            f"{quoted(iso(how.overlap))} is not shorter than evaluation_frequency {iso(how.evaluation_frequency)}: "
            "every event would be reported at least twice",
            "Shorten it, or remove it: the default is PT1M.",
        )
    elif window.start > LOOK_BACK:
        yield (
            ("ingestion_delay",),
            f"evaluation_frequency {iso(how.evaluation_frequency)}, ingestion_delay and overlap "
            f"add up to {iso(window.start)}, but a rule may look back 48 hours at most",
            "Shorten one of them.",
        )


def _modes(how: Delivery, rules: str, known_scopes: Indexed[Scope]) -> set[Mode]:
    return how.modes(rules, [scope for _, scope in known_scopes])


@OPTIONS("ACM120")
def options_concern_a_rule(
    how: Delivery, resolved_messages: bool, rules: str, scopes: tuple[Scope, ...]
) -> Iterator[Finding]:
    modes = how.modes(rules, scopes)
    documented = how.query == DOCUMENTED
    given = {
        "look_back": (how.look_back is not None, STATEFUL),
        "resolved_messages": (resolved_messages, STATEFUL),
        "ingestion_delay": (how.ingestion_delay is not None, STATELESS),
        "overlap": (how.overlap is not None, STATELESS),
    }
    for key, (is_given, mode) in given.items():
        if is_given and documented:
            yield (key,), "is not used with the documented query", "Remove it, or set `query: hardened`."
        elif is_given and mode not in modes:
            others = "stateless" if mode == STATEFUL else "stateful"
            possible = mode == STATELESS or _state_is_possible(how)
            yield (
                (key,),
                f"is for {mode} rules, but all rules are {others}",
                f"Remove it, or set `delivery: {mode}`." if possible else "Remove it.",
            )


@OPTIONS("ACM121")
def alerts_with_state_stay_within_the_limit(how: Delivery, rules: str, scopes: tuple[Scope, ...]) -> Iterator[Finding]:
    clusters = sum(scope.kind == "cluster" for scope in scopes)
    if rules != "shared" or how.mode(one_cluster=False) != STATEFUL:
        return
    events = events_of_a_cluster(how)
    if clusters * events > ALERTS_WITH_STATE:
        yield (
            ("delivery",),
            f"{clusters} clusters with up to {events} events each within look_back are {clusters * events} alerts of one rule; "
            f"Azure evaluates no stateful rule with more than {ALERTS_WITH_STATE}",
            "Remove it, so that the rules are stateless, or set `rules: per-scope`.",
        )


def events_of_a_cluster(how: Delivery) -> int:
    """How many events of one notice a cluster can have within the look-back of a stateful rule.

    A maintenance that starts and ends, and the week-ahead announcement of the next one; from a day on the
    day-ahead announcement too.
    """
    return 3 if how.window(STATEFUL).start < timedelta(days=1) else 4


def warnings(how: Delivery, scopes: tuple[Scope, ...]) -> Iterator[Mistake]:
    """Where the number of alerts cannot be known: a rule over a resource group or a subscription that keeps state."""
    if how.delivery != STATEFUL:
        return
    most = ALERTS_WITH_STATE // events_of_a_cluster(how)
    for index, scope in enumerate(scopes):
        if scope.kind != "cluster":
            yield Mistake(
                "ACM151",
                ("scopes", index),
                f"the rule over {quoted(scope)} is stateful, and Azure evaluates none with more than {ALERTS_WITH_STATE} alerts",
                f"Keep it below {most} clusters, or remove `delivery`, so that it is stateless.",
            )
