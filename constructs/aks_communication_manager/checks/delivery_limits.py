"""Each event reported once: windows that Azure takes, options that some rule uses, and no more alerts than have state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.arm.limits import ALERTS_WITH_STATE, LOOK_BACK
from aks_communication_manager.checks.registry import OPTION_WARNINGS, OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.delivery import (
    DOCUMENTED,
    KEYS,
    LONGEST_WITH_STATE,
    STATEFUL,
    STATELESS,
    Delivery,
    Mode,
)
from aks_communication_manager.config.options import Options
from aks_communication_manager.text import quoted

_LONGEST = LOOK_BACK - timedelta(hours=1)
"""An hour less than Azure takes: room for the time that it adds for late data."""


def _state_is_possible(how: Delivery) -> bool:
    return how.query != DOCUMENTED and how.evaluation_frequency <= LONGEST_WITH_STATE


@OPTIONS.add("ACM103", *KEYS, example="query: documented\ndelivery: stateful")
def state_is_possible(options: Options) -> Iterator[Finding]:
    """Azure Monitor keeps the state of an alert for frequencies up to 12 hours, and the query has to return what tells events apart."""
    how = options.how
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


@OPTIONS.add("ACM107", *KEYS, "rules", "valid_scopes", example="look_back: PT48H")
def a_stateful_rule_looks_back_far_enough(options: Options) -> Iterator[Finding]:
    """A shorter period would lose events, a longer overlap would repeat them, and Azure lets a rule
    look back 48 hours at most (Azure Monitor service limits).
    """
    how = options.how
    if how.look_back is None or not _state_is_possible(how) or STATEFUL not in _modes(options):
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


@OPTIONS.add("ACM107", *KEYS, "rules", "valid_scopes")
def windows_of_stateless_rules_tile(options: Options) -> Iterator[Finding]:
    how = options.how
    if how.query == DOCUMENTED or STATELESS not in _modes(options):
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


def _modes(options: Options) -> set[Mode]:
    return options.how.modes(options.rules, [scope for _, scope in options.valid_scopes])


@OPTIONS.add("ACM120", *KEYS, "resolved_messages", "rules", "scopes", example="overlap: PT5M")
def options_concern_a_rule(options: Options) -> Iterator[Finding]:
    """An option without effect hides what the rules really do."""
    how = options.how
    modes = how.modes(options.rules, options.scopes)
    documented = how.query == DOCUMENTED
    given = {
        "look_back": (how.look_back is not None, STATEFUL),
        "resolved_messages": (options.resolved_messages, STATEFUL),
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


@OPTIONS.add("ACM121", *KEYS, "rules", "scopes", example="scopes: $clusters[200]\nrules: shared\ndelivery: stateful")
def alerts_with_state_stay_within_the_limit(options: Options) -> Iterator[Finding]:
    """Azure fails an evaluation of a stateful rule with more than 300 alerts (Azure Monitor service limits)."""
    how = options.how
    clusters = sum(scope.kind == "cluster" for scope in options.scopes)
    if options.rules != "shared" or how.mode(one_cluster=False) != STATEFUL:
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


@OPTION_WARNINGS.add("ACM151", *KEYS, "scopes", example="scopes: [$group]\ndelivery: stateful")
def alerts_of_a_wide_scope_are_not_counted(options: Options) -> Iterator[Finding]:
    """How many clusters a wide scope has is not known here, and Azure fails an evaluation with more than 300 alerts."""
    if options.how.delivery != STATEFUL:
        return
    most = ALERTS_WITH_STATE // events_of_a_cluster(options.how)
    for index, scope in enumerate(options.scopes):
        if scope.kind != "cluster":
            yield (
                ("scopes", index),
                f"the rule over {quoted(scope)} is stateful, and Azure evaluates none with more than {ALERTS_WITH_STATE} alerts",
                f"Keep it below {most} clusters, or remove `delivery`, so that it is stateless.",
            )
