"""What the alert rules ask: queries that fit the rest of the options."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.delivery import DOCUMENTED, KEYS, SHARED, watches_one_cluster
from aks_communication_manager.config.options import Options
from aks_communication_manager.kql.lexer import pieces
from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule
from aks_communication_manager.notices.catalog import END_OF_SUPPORT, NOTICES
from aks_communication_manager.plan.parts import dimensions, parts

_WHY = "the documented query is written for one cluster and does not return its name"
_HARDENED = "Remove `query`, or set `query: hardened`."


@OPTIONS.add("ACM102", "query", "scopes", example="query: documented\nrules: shared")
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


@OPTIONS.add("ACM102", "query", "notices", "queries")
def the_how_to_has_no_query_for_the_end_of_support(options: Options) -> Iterator[Finding]:
    missing = END_OF_SUPPORT in options.notices and END_OF_SUPPORT not in options.queries
    if options.query == DOCUMENTED and missing:
        yield ("query",), "Microsoft's how-to has no query for end-of-support", _HARDENED


@OPTIONS.add("ACM104", "queries", "notices", example="queries: {end-of-support: own.kql}")
def own_queries_are_used(options: Options) -> Iterator[Finding]:
    """A query that no rule uses is a mistake in `notices` or in its own key."""
    for notice in options.queries:
        if notice not in options.notices:
            yield (
                ("queries", notice),
                f"{notice} is not listed in `notices`",
                "Add it to `notices`, or remove the query.",
            )


@OPTIONS.add(
    "ACM105", "queries", "scopes", example="queries: {cluster-auto-upgrade: own.kql}\nscopes: [$cluster, $cluster-2]"
)
def own_queries_can_be_told_apart(options: Options) -> Iterator[Finding]:
    """Such a query returns the same rows for every scope, so every notification would be sent once for each scope."""
    for notice, own in options.queries.items():
        placeholders = {piece.text for piece in pieces(own.text) if piece.kind == "placeholder"}
        ids = "/subscriptions/" in own.text.lower()  # without any ACM106 says that it filters by none
        if len(options.scopes) > 1 and ids and "<scopes>" not in placeholders:
            yield (
                ("queries", notice),
                f"{own.file}: it filters by its own list of clusters, but there are {len(options.scopes)} scopes: "
                "the rules of all of them would report the same events",
                "Filter by <scopes>: | where <scopes>",
            )


@OPTIONS.add("ACM106", "queries", "notices", "routes", example="queries: {cluster-auto-upgrade: count.kql}")
def own_queries_can_work(options: Options) -> Iterator[Finding]:
    """Azure swallows the errors of queries over Azure Resource Graph, so a wrong one would be silent
    ("Query Azure Resource Graph data from Azure Monitor").
    """
    for name, own in options.queries.items():
        if name in options.notices:
            for problem, fix in check_own_query(own.text, routed=len(parts(NOTICES[name], options.routes)) > 1):
                yield ("queries", name), f"{own.file}: {problem}", fix


@OPTIONS.add("ACM106", *KEYS, "queries", "notices", "scopes", "rules")
def own_queries_fit_their_rules(options: Options) -> Iterator[Finding]:
    how = options.how
    watched = {watches_one_cluster(options.rules, scope) for scope in options.scopes}
    for name, own in options.queries.items():
        if name not in options.notices:
            continue
        found = [
            (("queries", name), f"{own.file}: {problem}", fix)
            for one_cluster in sorted(watched)
            for problem, fix in check_own_query_of_rule(
                own.text,
                window=how.window(how.mode(one_cluster=one_cluster)),
                columns=dimensions(
                    NOTICES[name], one_cluster=one_cluster, documented=how.query == DOCUMENTED, own=own.text
                ),
            )
        ]
        yield from dict.fromkeys(found)
