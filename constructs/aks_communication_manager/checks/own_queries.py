"""Queries that fit the other options."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.checks.registry import OPTION_WARNINGS, OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import DOCUMENTED, SHARED, Options
from aks_communication_manager.kql.lexer import pieces
from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule, unproven
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.plan.rule_outlines import EVENT, dimensions, look_back_of, split_by_routes
from aks_communication_manager.text import listed

_WHY = "the documented query is written for one cluster and does not return its name"
_HARDENED = "Remove `query`, or set `query: hardened`."


@OPTIONS.add("ACM102", "query", "scopes")
def the_documented_query_is_for_one_cluster(options: Options) -> Iterator[Finding]:
    """The documented query filters by the name of one cluster and returns none, so it fits one cluster and no routes."""
    wide = [index for index, scope in enumerate(options.scopes) if scope.kind != "cluster"]
    if options.query == DOCUMENTED and wide:
        yield ("query",), f"{_WHY}, but scopes[{wide[0]}] covers many", _HARDENED


@OPTIONS.add("ACM102", "query", "rules")
def the_documented_query_is_not_shared(options: Options) -> Iterator[Finding]:
    if options.query == DOCUMENTED and options.rules == SHARED:
        yield ("query",), f"{_WHY}, but rules: shared puts many into one rule", _HARDENED


@OPTIONS.add("ACM102", "query", "routes")
def the_documented_query_has_no_routes(options: Options) -> Iterator[Finding]:
    if options.query == DOCUMENTED and options.routes:
        yield ("query",), "the documented query cannot select rows for routes", _HARDENED


@OPTIONS.add("ACM102", "query", "notices", "scopes", "queries")
def the_how_to_has_two_queries(options: Options) -> Iterator[Finding]:
    watched = (notice for notice in options.watched_notices if not notice.documented)
    missing = [notice.name for notice in watched if notice.name not in options.queries]
    if options.query == DOCUMENTED and missing:
        yield ("query",), f"Microsoft's how-to has no query for {listed(missing)}", _HARDENED


@OPTIONS.add("ACM104", "queries", "notices", "scopes")
def own_queries_are_used(options: Options) -> Iterator[Finding]:
    """A query that no rule uses is a mistake in `notices` or in its own key."""
    for notice in options.queries:
        if not options.scopes_of(notice):
            yield (
                ("queries", notice),
                f"{notice} is not listed in `notices`",
                "Add it to `notices`, or remove the query.",
            )


@OPTIONS.add("ACM105", "queries", "notices", "scopes")
def own_queries_can_be_told_apart(options: Options) -> Iterator[Finding]:
    """A query with its own list of clusters returns the same rows for every scope, so every notification would be sent once for each."""
    for notice, own in options.queries.items():
        placeholders = {piece.text for piece in pieces(own.text) if piece.kind == "placeholder"}
        ids = "/subscriptions/" in own.text.lower()  # without any ACM106 says that it filters by none
        if len(options.scopes_of(notice)) > 1 and ids and "<scopes>" not in placeholders:
            yield (
                ("queries", notice),
                f"{own.file}: it filters by its own list of clusters, but there are {len(options.scopes_of(notice))} scopes: "
                "the rules of all of them would report the same events",
                "Filter by <scopes>: | where <scopes>",
            )


@OPTIONS.add("ACM106", "queries", "notices", "scopes", "routes")
def own_queries_can_work(options: Options) -> Iterator[Finding]:
    """Azure swallows the errors of queries over Azure Resource Graph, so a wrong one would be silent
    ("Query Azure Resource Graph data from Azure Monitor").
    """
    for name, own in options.queries.items():
        if options.scopes_of(name):
            for problem, fix in check_own_query(
                own.text, routed=len(split_by_routes(NOTICES[name], options.routes)) > 1
            ):
                yield ("queries", name), f"{own.file}: {problem}", fix


@OPTIONS.add("ACM106", "queries", "notices", "scopes", "rules", "look_back", "evaluation_frequency")
def own_queries_fit_their_rules(options: Options) -> Iterator[Finding]:
    for name, own in options.queries.items():
        notice, scopes = NOTICES[name], options.scopes_of(name)
        shared = options.rules == SHARED
        found = [
            (("queries", name), f"{own.file}: {problem}", fix)
            for one_cluster in sorted({not shared and scope.kind == "cluster" for scope in scopes})
            for problem, fix in check_own_query_of_rule(
                own.text,
                look_back=look_back_of(options),
                columns=dimensions(notice, EVENT, one_cluster=one_cluster, own=own.text),
            )
        ]
        yield from dict.fromkeys(found)


@OPTION_WARNINGS.add("ACM158", "queries")
def own_queries_may_not_work(options: Options) -> Iterator[Finding]:
    """Azure publishes no list of what works through arg(""), and an alert rule does not show the error of its query."""
    for name, own in options.queries.items():
        for problem, fix in unproven(own.text):
            yield ("queries", name), f"{own.file}: {problem}", fix
