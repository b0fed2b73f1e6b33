"""Each event reported once: look-backs that Azure takes, options that have an effect, no more alerts than an evaluation may fire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.arm.limits import ALERTS_WITH_STATE, MAX_LOOK_BACK
from aks_communication_manager.checks.registry import OPTION_WARNINGS, OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import DOCUMENTED, SHARED, SLOWEST_WITH_HEALTH, Options
from aks_communication_manager.errors import Path
from aks_communication_manager.plan.rule_outlines import (
    DIGEST,
    EVENT,
    clusters_at_most,
    events_of_a_cluster,
    look_back_of,
    planned_rules,
    uses_documented_query,
)
from aks_communication_manager.text import listed, quoted

_LONGEST = MAX_LOOK_BACK - timedelta(hours=1)
"""An hour less than Azure's limit, because Azure adds time for late data."""

_LONGEST_OF_DIGESTS = timedelta(hours=28)
"""(28 h + 2 h) × 5 statuses × 2 planned hours are 300 digests, as many as an evaluation may fire."""

_ONCE_A_DAY = timedelta(days=1)

_PLANNED = ("scopes", "notices", "query", "queries", "routes", "rules", "grouping", "look_back", "evaluation_frequency")
"""Keys that decide how alerts are grouped."""


@OPTIONS.add("ACM125", "evaluation_frequency", "query", "queries", "notices")
def state_is_kept_up_to_twelve_hours(options: Options) -> Iterator[Finding]:
    """Azure documents how the state of an alert is kept for frequencies up to 12 hours ("Types of Azure Monitor alerts")."""
    if options.evaluation_frequency >= _ONCE_A_DAY and not (options.query == DOCUMENTED and not options.queries):
        yield (
            ("evaluation_frequency",),
            f"{quoted(iso(options.evaluation_frequency))} is for `query: documented` only: "
            "Azure documents the state of alerts for frequencies up to 12 hours",
            "Use PT6H or less. PT15M costs the same as any slower frequency.",
        )


@OPTIONS.add("ACM107", *_PLANNED)
def rules_look_back_far_enough(options: Options) -> Iterator[Finding]:
    """A shorter period would lose events; Azure lets a rule look back 48 hours at most, and fails an evaluation with more than
    300 alerts (Azure Monitor service limits).
    """
    look_back, frequency = options.look_back, options.evaluation_frequency
    if look_back is None or options.query == DOCUMENTED or frequency >= _ONCE_A_DAY:
        return
    if look_back < 2 * frequency:
        yield (
            ("look_back",),
            f"{quoted(iso(look_back))} is shorter than two evaluations at {iso(frequency)}: "
            "one that is late or skipped would lose events",
            f"Use at least {iso(2 * frequency)}, or remove it: the default is PT6H or twice the frequency.",
        )
    elif look_back > _LONGEST:
        yield (
            ("look_back",),
            f"{quoted(iso(look_back))} is longer than PT47H, the longest that is possible",
            "Shorten it.",
        )
    elif look_back > _LONGEST_OF_DIGESTS and any(rule.grouping == DIGEST for rule in planned_rules(options)):
        yield (
            ("look_back",),
            f"{quoted(iso(look_back))} is longer than PT28H, the longest for digests: with five statuses and two planned hours "
            f"more of them than the {ALERTS_WITH_STATE} alerts that Azure allows an evaluation could be open",
            "Shorten it, or set `grouping: event`.",
        )


@OPTIONS.add("ACM120", "query", "look_back", "resolved_messages", "grouping")
def options_have_an_effect(options: Options) -> Iterator[Finding]:
    """An option without effect hides what the rules really do."""
    given = {
        "grouping": options.grouping is not None,
        "look_back": options.look_back is not None,
        "resolved_messages": options.resolved_messages,
    }
    for key, is_given in given.items():
        if is_given and options.query == DOCUMENTED:
            yield (key,), "is not used with the documented query", "Remove it, or set `query: hardened`."


@OPTIONS.add("ACM126", "queries", "notices", "grouping", "routes")
def own_queries_report_events(options: Options) -> Iterator[Finding]:
    """A digest needs the query that makes it, so a team's own query reports events one by one."""
    for name in options.queries:
        places: list[Path] = [("grouping",)] if options.grouping == DIGEST else []
        places += [
            ("routes", index, "grouping")
            for index, route in enumerate(options.routes)
            if route.grouping == DIGEST and route.notices == (name,)
        ]
        for place in places:
            problem = f"{quoted(DIGEST)} is not possible for {name}, which has a query of your own"
            yield place, problem, "Remove it, or remove the query."


@OPTIONS.add("ACM127", "health_alert", "evaluation_frequency")
def health_is_reported(options: Options) -> Iterator[Finding]:
    """Azure reports the health of alert rules up to a frequency of 15 minutes ("Monitor the health of log search alert rules")."""
    if options.health_alert and options.evaluation_frequency > SLOWEST_WITH_HEALTH:
        yield (
            ("health_alert",),
            f"Azure reports no health of rules that run every {iso(options.evaluation_frequency)}, so it would never fire",
            "Set `evaluation_frequency: PT15M`, which costs the same, or remove it.",
        )


@OPTIONS.add("ACM121", *_PLANNED)
def alerts_stay_within_the_limit(options: Options) -> Iterator[Finding]:
    """Azure fails an evaluation of a stateful rule with more than 300 alerts (Azure Monitor service limits)."""
    if options.rules != SHARED or options.query == DOCUMENTED:
        return
    look_back = look_back_of(options)
    most, events = clusters_at_most(look_back), events_of_a_cluster(look_back)
    found: dict[Path, int] = {}
    for rule in planned_rules(options):
        clusters = sum(scope.kind == "cluster" for scope in rule.scopes)
        if rule.grouping == EVENT and clusters > most:
            asked = rule.route is not None and options.routes[rule.route].grouping == EVENT
            own = ("queries", rule.notice.name) if rule.notice.name in options.queries else None
            one_by_one = None if rule.notice.digest_columns else ("rules",)
            path: Path = own or one_by_one or (("routes", rule.route or 0, "grouping") if asked else ("grouping",))
            found[path] = max(clusters, found.get(path, 0))
    for path, clusters in found.items():
        digest = path[-1] == "grouping"
        yield (
            path,
            f"{clusters} clusters with up to {events} events each within look_back are {clusters * events} alerts of one rule; "
            f"Azure evaluates no rule with more than {ALERTS_WITH_STATE}",
            "Set `grouping: digest`, or `rules: per-scope`."
            if digest
            else "Set `rules: per-scope`, or use several stacks or managers.",
        )


@OPTION_WARNINGS.add("ACM151", *_PLANNED)
def alerts_of_a_wide_scope_are_not_counted(options: Options) -> Iterator[Finding]:
    """How many clusters a wide scope has is not known here, and Azure fails an evaluation with more than 300 alerts."""
    most = clusters_at_most(look_back_of(options))
    for index, scope in enumerate(options.scopes):
        if scope.kind == "cluster":
            continue
        rules = [rule for rule in planned_rules(options) if scope in rule.scopes and rule.grouping == EVENT]
        names = dict.fromkeys(rule.notice.name for rule in rules if rule.notice.digest_columns)
        if names and not all(uses_documented_query(options, rule.notice) for rule in rules):
            own = set(names) <= set(options.queries)
            yield (
                ("scopes", index),
                f"{listed(names)}: each event in {quoted(scope)} is an alert of its own, and Azure evaluates no rule with more than "
                f"{ALERTS_WITH_STATE}",
                f"Keep it below {most} clusters" + ("." if own else ", or set `grouping: digest`."),
            )
