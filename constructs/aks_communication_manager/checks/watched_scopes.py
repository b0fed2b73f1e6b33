"""What is watched: each cluster once, and where the stack says that it lies."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding, Indexed, each_once
from aks_communication_manager.text import format_path, quoted
from aks_communication_manager.tokens import is_token


@OPTIONS("ACM100")
def each_scope_is_listed_once(known_scopes: Indexed[Scope]) -> Iterator[Finding]:
    yield from each_once(
        ((("scopes", index), scope.key, scope) for index, scope in known_scopes if scope.arm),
        lambda scope, first: f"{quoted(scope)} is listed twice, first as {format_path(first)}",
        "Remove it here: every notification would be sent twice. Azure ignores letter case in ids.",
    )
    yield from each_once(
        ((("scopes", index), scope.key, scope.key) for index, scope in known_scopes if not scope.arm),
        lambda key, first: f"{key} is listed twice, first as {format_path(first)}",
        "Remove it here: every notification would be sent twice.",
    )


@OPTIONS("ACM101")
def no_cluster_is_watched_by_two_scopes(known_scopes: Indexed[Scope], allow_overlap: bool) -> Iterator[Finding]:
    if allow_overlap:
        return
    wide = {scope.arm: (index, scope) for index, scope in known_scopes if scope.arm and scope.kind != "cluster"}
    for index, scope in known_scopes:
        for kind in ("resource-group", "subscription"):
            outer = scope.arm and scope.arm.up_to(kind)
            if outer in wide and outer != scope.arm:
                place, other = wide[outer]
                yield (
                    ("scopes", index),
                    f"{quoted(scope)} lies in scopes[{place}], {quoted(other)}: every notification would be sent twice",
                    "Remove one of them, or set `allow_overlap: true`.",
                )


@OPTIONS("ACM119")
def scopes_lie_in_the_subscription(
    known_scopes: Indexed[Scope], subscription_id: str, allow_other_subscriptions: bool
) -> Iterator[Finding]:
    if is_token(subscription_id):
        return
    for index, scope in known_scopes:
        if scope.arm and not allow_other_subscriptions and scope.subscription_id.lower() != subscription_id:
            yield (
                ("scopes", index),
                f"{quoted(scope)} is not in the subscription of the stack, {subscription_id}",
                "Correct the id, or set `allow_other_subscriptions: true`.",
            )
