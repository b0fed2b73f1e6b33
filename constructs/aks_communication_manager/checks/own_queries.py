"""What the alert rules ask: queries that fit the rest of the options."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.delivery import DOCUMENTED, SHARED, Delivery, watches_one_cluster
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.options import Query
from aks_communication_manager.config.route import Route
from aks_communication_manager.kql.lexer import pieces
from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule
from aks_communication_manager.notices.catalog import END_OF_SUPPORT, NOTICES
from aks_communication_manager.plan.parts import dimensions, parts

_WHY = "the documented query is written for one cluster and does not return its name"
_HARDENED = "Remove `query`, or set `query: hardened`."


@OPTIONS("ACM102")
def the_documented_query_is_for_one_cluster(query: str, scopes: tuple[Scope, ...]) -> Iterator[Finding]:
    wide = [index for index, scope in enumerate(scopes) if scope.kind != "cluster"]
    if query == DOCUMENTED and wide:
        yield ("query",), f"{_WHY}, but scopes[{wide[0]}] covers many", _HARDENED


@OPTIONS("ACM102")
def the_documented_query_is_not_shared(query: str, rules: str) -> Iterator[Finding]:
    if query == DOCUMENTED and rules == SHARED:
        yield ("query",), f"{_WHY}, but rules: shared puts many into one rule", _HARDENED


@OPTIONS("ACM102")
def the_documented_query_has_no_routes(query: str, routes: tuple[Route, ...]) -> Iterator[Finding]:
    if query == DOCUMENTED and routes:
        yield ("query",), "the documented query cannot select rows for routes", _HARDENED


@OPTIONS("ACM102")
def the_how_to_has_no_query_for_the_end_of_support(
    query: str, notices: tuple[str, ...], queries: FrozenMap[Query]
) -> Iterator[Finding]:
    if query == DOCUMENTED and END_OF_SUPPORT in notices and END_OF_SUPPORT not in queries:
        yield ("query",), "Microsoft's how-to has no query for end-of-support", _HARDENED


@OPTIONS("ACM104")
def own_queries_are_used(queries: FrozenMap[Query], notices: tuple[str, ...]) -> Iterator[Finding]:
    for notice in queries:
        if notice not in notices:
            yield (
                ("queries", notice),
                f"{notice} is not listed in `notices`",
                "Add it to `notices`, or remove the query.",
            )


@OPTIONS("ACM105")
def own_queries_can_be_told_apart(queries: FrozenMap[Query], scopes: tuple[Scope, ...]) -> Iterator[Finding]:
    for notice, own in queries.items():
        placeholders = {piece.text for piece in pieces(own.text) if piece.kind == "placeholder"}
        ids = "/subscriptions/" in own.text.lower()  # without any ACM106 says that it filters by none
        if len(scopes) > 1 and ids and "<scopes>" not in placeholders:
            yield (
                ("queries", notice),
                f"{own.file}: it filters by its own list of clusters, but there are {len(scopes)} scopes: "
                "the rules of all of them would report the same events",
                "Filter by <scopes>: | where <scopes>",
            )


@OPTIONS("ACM106")
def own_queries_can_work(
    queries: FrozenMap[Query], notices: tuple[str, ...], routes: tuple[Route, ...]
) -> Iterator[Finding]:
    for name, own in queries.items():
        if name in notices:
            for problem, fix in check_own_query(own.text, routed=len(parts(NOTICES[name], routes)) > 1):
                yield ("queries", name), f"{own.file}: {problem}", fix


@OPTIONS("ACM106")
def own_queries_fit_their_rules(
    queries: FrozenMap[Query], notices: tuple[str, ...], scopes: tuple[Scope, ...], rules: str, how: Delivery
) -> Iterator[Finding]:
    watched = {watches_one_cluster(rules, scope) for scope in scopes}
    for name, own in queries.items():
        if name not in notices:
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
