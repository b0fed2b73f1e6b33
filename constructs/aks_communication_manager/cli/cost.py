"""``cost``: what a config creates and costs, and what other ways to watch the same clusters would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aks_communication_manager.cli import shared_options
from aks_communication_manager.cli.terminal import console, note, print_json
from aks_communication_manager.config.locations import config_file

if TYPE_CHECKING:
    from aks_communication_manager.arm.ids import ScopeKind
    from aks_communication_manager.compiler import CompiledStack
    from aks_communication_manager.plan.costs import Cost


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

    The first price is for a month without events, the second for one in which every event is billed as a time series of
    its own. Prices are Azure's list prices of 2026 in USD: check them before you quote one.

    \b
    Examples:
      aks-communication-manager cost
      aks-communication-manager cost --clusters 50 --json
    """
    from aks_communication_manager.compiler import compile_config
    from aks_communication_manager.plan.costs import cost as cost_of

    compilation = compile_config(config_file(config))
    stacks = compilation.chosen(stack)
    found = {each.name: (cost_of(each.plan, clusters), list(_others(each, clusters))) for each in stacks}
    for warning in compilation.warnings:
        note(f"{compilation.file}: {warning}")
    if json:
        print_json(
            {
                name: {**_values(own), "alternatives": [{"way": way, **_other(result)} for way, result in others]}
                for name, (own, others) in found.items()
            }
        )
    else:
        for name, (own, others) in found.items():
            _show(name, own, others)


def _others(compiled: CompiledStack, clusters: int) -> Iterator[tuple[str, Cost | str]]:
    """Other ways to watch the same, with what they cost, or why they are not possible."""
    from aks_communication_manager.arm.scope import Scope
    from aks_communication_manager.compiler import compile_variant
    from aks_communication_manager.config.identity import Identity
    from aks_communication_manager.plan.costs import cost as cost_of

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
        plan, mistakes = compile_variant(compiled.settings, changes)
        yield way, cost_of(plan, clusters) if plan else mistakes[0].problem


def _values(own: Cost) -> dict[str, Any]:
    return {
        "alert_rules": own.rules,
        "identities": own.identities,
        "role_assignments": own.role_assignments,
        "usd_a_month": {"least": round(own.least, 2), "most": round(own.most, 2)},
    }


def _other(result: Cost | str) -> dict[str, Any]:
    return {"not_possible": result} if isinstance(result, str) else _values(result)


def _show(name: str, own: Cost, others: list[tuple[str, Cost | str]]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=name, title_justify="left")
    table.add_column("Way")
    for heading in ("Rules", "Identities", "Reader", "USD a month"):
        table.add_column(heading, justify="right")
    for way, result in [("this config", own), *others]:
        if isinstance(result, str):
            table.add_row(way, "", "", "", f"not possible: {result}")
        else:
            price = f"{result.least:,.2f} to {result.most:,.2f}"
            table.add_row(way, f"{result.rules:,}", f"{result.identities:,}", f"{result.role_assignments:,}", price)
    console().print(table)
