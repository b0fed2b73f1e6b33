"""Watched scopes: each cluster once, where it really is, and in the stack's subscription."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTION_WARNINGS, OPTIONS, STACK
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token


@OPTIONS.add("ACM100", "valid_scopes", "notices")
def each_scope_is_listed_once(options: Options) -> Iterator[Finding]:
    """Two rules for the same scope and notice would send every notification twice."""
    first: dict[tuple[str, str], int] = {}
    for index, scope in options.valid_scopes:
        earlier = [first.setdefault((scope.key, notice), index) for notice in scope.notices or options.notices]
        taken = min(earlier)
        if taken != index:
            shown = quoted(scope) if scope.arm else scope.key
            case = " Azure ignores letter case in ids." if scope.arm else ""
            yield (
                ("scopes", index),
                f"{shown} is listed twice, first as scopes[{taken}]",
                f"Remove it here: every notification would be sent twice.{case}",
            )


@OPTIONS.add("ACM101", "valid_scopes", "notices", "allow_overlap")
def no_cluster_is_watched_by_two_scopes(options: Options) -> Iterator[Finding]:
    """With a cluster and also its resource group or subscription, every notification would be sent twice."""
    if options.allow_overlap:
        return
    wide: dict[ArmId, list[tuple[int, Scope]]] = {}
    for index, scope in options.valid_scopes:
        if scope.arm and scope.kind != "cluster":
            wide.setdefault(scope.arm, []).append((index, scope))
    for index, scope in options.valid_scopes:
        notices = set(scope.notices or options.notices)
        for kind in ("resource-group", "subscription"):
            outer = scope.arm and scope.arm.up_to(kind)
            for place, other in wide.get(outer, ()) if outer and outer != scope.arm else ():
                if notices & set(other.notices or options.notices):
                    yield (
                        ("scopes", index),
                        f"{quoted(scope)} lies in scopes[{place}], {quoted(other)}: every notification would be sent twice",
                        "Remove one of them, or set `allow_overlap: true`.",
                    )


@STACK.add("ACM119", "valid_scopes", "subscription_id", "allow_other_subscriptions")
def scopes_lie_in_the_subscription(settings: StackSettings) -> Iterator[Finding]:
    """A subscription id copied from elsewhere would watch the wrong clusters, or give rules the wrong names."""
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


@OPTION_WARNINGS.add("ACM141", "scopes")
def no_node_resource_group_is_watched(options: Options) -> Iterator[Finding]:
    """AKS puts a cluster's nodes into a resource group of their own, by default MC_…; the cluster and its records are in another."""
    for index, scope in enumerate(options.scopes):
        if scope.arm and (scope.arm.resource_group or "").lower().startswith("mc_"):
            yield (
                ("scopes", index),
                f"{quoted(scope)} is by its name a node resource group of AKS, where no cluster's records are: "
                "the rule would stay silent",
                "Watch the cluster, or its own resource group.",
            )
