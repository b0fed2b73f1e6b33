"""``cost``: resources and list price of a config, compared with other ways to watch the same clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aks_communication_manager.cli import shared_options
from aks_communication_manager.cli.terminal import console, note, print_json
from aks_communication_manager.config.locations import config_file
from aks_communication_manager.text import counted

if TYPE_CHECKING:
    from aks_communication_manager.arm.ids import ScopeKind
    from aks_communication_manager.arm.scope import Scope
    from aks_communication_manager.compiler import CompiledStack
    from aks_communication_manager.errors import Mistake
    from aks_communication_manager.plan.costs import Cost
    from aks_communication_manager.plan.resources import Plan


def cost(
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
    clusters: Annotated[
        int,
        typer.Option(min=1, metavar="COUNT", help="How many clusters a watched resource group or subscription has."),
    ] = 10,
) -> None:
    """Count what a config creates, and its list price a month.

    The first price is for a month without events, the second for one in which every event or digest is billed as a time
    series of its own. Prices are Azure's list prices of 2026 in USD: check them before you quote one. Works offline.

    \b
    Examples:
      aks-communication-manager cost
      aks-communication-manager cost --clusters 50 --json
    """
    from aks_communication_manager.compiler import compile_config
    from aks_communication_manager.plan.costs import DIGEST_HOURS

    compilation = compile_config(config_file(config))
    found = [_Estimate(each, clusters) for each in compilation.chosen(stack)]
    for warning in compilation.warnings:
        note(f"{compilation.file}: {warning}")
    total = reduce(add, (each.own for each in found))
    if json:
        print_json(
            {
                "stacks": {each.name: each.as_json() for each in found},
                "total": _values(total) | {"clusters": sum(each.clusters for each in found)},
                "assumed_clusters": clusters if any(each.assumes for each in found) else None,
                "assumed_digest_hours": DIGEST_HOURS if any(each.has_digests for each in found) else None,
            }
        )
        return
    for each in found:
        _show(f"{each.name}: {counted(each.clusters, 'cluster')}", [("this config", each.own), *each.others])
    if len(found) > 1:
        _show(f"all stacks: {counted(sum(each.clusters for each in found), 'cluster')}", [("this config", total)])
    if any(each.has_digests for each in found):
        note(f"Assumed: the events of one maintenance fall into {DIGEST_HOURS} hours, each with a digest.")
    if any(each.assumes for each in found):
        note(f"Assumed: {counted(clusters, 'cluster')} in each watched resource group and subscription (--clusters).")


class _Estimate:
    """Cost of a stack and of its alternatives, for the same clusters."""

    def __init__(self, compiled: CompiledStack, assumed: int) -> None:
        from aks_communication_manager.plan.costs import cost, count_clusters, outermost

        scopes = compiled.settings.scopes

        def count(scope: Scope) -> int:
            return count_clusters(scope, scopes, assumed)

        self.name = compiled.name
        self.assumes = any(scope.kind != "cluster" for scope in scopes)
        self.clusters = sum(map(count, outermost(scopes)))
        self.own = cost(compiled.plan, count)
        others = list(_others(compiled))
        self.others = [(way, cost(plan, count) if plan else mistakes[0].problem) for way, plan, mistakes in others]
        plans = [compiled.plan, *(plan for _, plan, _ in others if plan)]
        self.has_digests = any(rule.is_digest for plan in plans for rule in plan.alert_rules)

    def as_json(self) -> dict[str, Any]:
        others = [
            {"way": way, **({"not_possible": result} if isinstance(result, str) else _values(result))}
            for way, result in self.others
        ]
        return {"clusters": self.clusters, **_values(self.own), "alternatives": others}


def _others(compiled: CompiledStack) -> Iterator[tuple[str, Plan | None, Sequence[Mistake]]]:
    """Plans of other ways to watch the same clusters, or the mistakes that make one impossible."""
    from aks_communication_manager.arm.scope import Scope
    from aks_communication_manager.compiler import compile_variant
    from aks_communication_manager.config.identity import Identity

    arms = [scope.arm for scope in compiled.settings.scopes if scope.arm]
    variants: dict[str, dict[str, Any]] = {
        "rules: per-scope": {"rules": "per-scope"},
        "identity: user-assigned": {"identity": Identity.user_assigned()},
        "rules: shared": {"rules": "shared"},
    }
    wider: dict[ScopeKind, str] = {"resource-group": "resource groups", "subscription": "subscriptions"}
    for kind, word in wider.items():
        wide = {arm.up_to(kind): None for arm in arms}
        if len(arms) == len(compiled.settings.scopes):
            variants[f"scopes: their {word}"] = {"scopes": tuple(Scope.parse(str(arm)) for arm in wide)}
    for way, changes in variants.items():
        if all(getattr(compiled.settings, key) == value for key, value in changes.items()):
            continue
        yield way, *compile_variant(compiled.settings, changes)


def _values(own: Cost) -> dict[str, Any]:
    return {
        "alert_rules": own.rules,
        "identities": own.identities,
        "role_assignments": own.role_assignments,
        "usd_a_month": {"least": round(own.least, 2), "most": round(own.most, 2)},
    }


def _show(title: str, ways: Iterable[tuple[str, Cost | str]]) -> None:
    from rich import box
    from rich.table import Column, Table

    numbers = (Column(name, justify="right") for name in ("Rules", "Identities", "Reader", "USD a month"))
    table = Table("Way", *numbers, box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for way, result in ways:
        if isinstance(result, str):
            table.add_row(way, "", "", "", f"not possible: {result}")
        else:
            price = f"{result.least:,.2f} to {result.most:,.2f}"
            table.add_row(way, f"{result.rules:,}", f"{result.identities:,}", f"{result.role_assignments:,}", price)
    console().print(table)
