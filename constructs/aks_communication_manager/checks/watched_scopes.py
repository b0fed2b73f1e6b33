"""What is watched: each cluster once, and where the stack says that it lies."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.checks.registry import OPTIONS, STACK
from aks_communication_manager.config.checking import Finding, find_duplicates
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.text import format_path, quoted
from aks_communication_manager.tokens import is_token


@OPTIONS.add("ACM100", "valid_scopes", example="scopes: [$cluster, $cluster]")
def each_scope_is_listed_once(options: Options) -> Iterator[Finding]:
    """Two rules for the same scope would send every notification twice."""
    yield from find_duplicates(
        ((("scopes", index), scope.key, scope) for index, scope in options.valid_scopes if scope.arm),
        lambda scope, first: f"{quoted(scope)} is listed twice, first as {format_path(first)}",
        "Remove it here: every notification would be sent twice. Azure ignores letter case in ids.",
    )
    yield from find_duplicates(
        ((("scopes", index), scope.key, scope.key) for index, scope in options.valid_scopes if not scope.arm),
        lambda key, first: f"{key} is listed twice, first as {format_path(first)}",
        "Remove it here: every notification would be sent twice.",
    )


@OPTIONS.add("ACM101", "valid_scopes", "allow_overlap", example="scopes: [$group, $cluster]")
def no_cluster_is_watched_by_two_scopes(options: Options) -> Iterator[Finding]:
    """A cluster that is watched by itself and by its resource group or subscription would send every notification twice."""
    if options.allow_overlap:
        return
    wide = {scope.arm: (index, scope) for index, scope in options.valid_scopes if scope.arm and scope.kind != "cluster"}
    for index, scope in options.valid_scopes:
        for kind in ("resource-group", "subscription"):
            outer = scope.arm and scope.arm.up_to(kind)
            if outer in wide and outer != scope.arm:
                place, other = wide[outer]
                yield (
                    ("scopes", index),
                    f"{quoted(scope)} lies in scopes[{place}], {quoted(other)}: every notification would be sent twice",
                    "Remove one of them, or set `allow_overlap: true`.",
                )


@STACK.add(
    "ACM119",
    "valid_scopes",
    "subscription_id",
    "allow_other_subscriptions",
    example="scopes: [/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-aks]",
)
def scopes_lie_in_the_subscription(settings: StackSettings) -> Iterator[Finding]:
    """A subscription id that was copied from another place would watch the wrong clusters, or name them in the wrong way."""
    subscription = settings.subscription_id
    if is_token(subscription) or settings.allow_other_subscriptions:
        return
    for index, scope in settings.valid_scopes:
        if scope.arm and scope.subscription_id.lower() != subscription:
            yield (
                ("scopes", index),
                f"{quoted(scope)} is not in the subscription of the stack, {subscription}",
                "Correct the id, or set `allow_other_subscriptions: true`.",
            )
