"""Checks of a finished plan: names, sizes, and adoptions without a planned resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aks_communication_manager.arm.limits import QUERY_BYTES, RULE_NAME
from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.options import SHARED, Options
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import Path
from aks_communication_manager.plan.resources import HealthAlert, Key, Plan, PlannedRule, ProcessingRule
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and its options."""

    plan: Plan
    options: Options


PLAN: Checks[Planned] = Checks("plan")


@PLAN.add("ACM130")
def shared_rules_have_a_subscription(planned: Planned) -> Iterator[Finding]:
    """The scope of a shared rule is the subscription, which has to be known."""
    plan, options = planned.plan, planned.options
    subscriptions = {scope.subscription_id.lower() for scope in options.scopes if scope.arm}
    if options.rules == SHARED and plan.subscription_id is None and len(subscriptions) != 1:
        yield (
            ("rules",),
            "shared rules belong to the subscription of the stack, which is not known here",
            "Set subscription_id on the stack's provider, and create the provider before the manager.",
        )


@PLAN.add("ACM131")
def two_rules_have_two_names(planned: Planned) -> Iterator[Finding]:
    """To Azure, two alert rules of one name in one resource group are the same rule."""
    options = planned.options
    seen: dict[Key, PlannedRule] = {}
    for rule in planned.plan.alert_rules:
        first = seen.setdefault(rule.key, rule)
        if first is rule or is_token(rule.name):
            continue
        if by_hand := first.import_id or rule.import_id:
            yield (
                ("adopt", [entry.resource for entry in options.adopt].index(by_hand), "rule"),
                f"another alert rule of the stack would get the name {quoted(rule.name)} in the same resource group",
                "Set `name_prefix`: an adopted rule keeps its name.",
            )
        else:
            one, other = first.watched[0], rule.watched[0]
            yield (
                ("scopes",),
                f"{quoted(one)} and {quoted(other)} would both get the alert rule {quoted(rule.name)}",
                _names_apart(options, same_kind=one.kind == other.kind),
            )


def _names_apart(options: Options, *, same_kind: bool) -> str:
    if not same_kind:  # a resource group named like the id of a watched subscription
        return "Watch one of them with another stack or manager, with another `name_prefix`."
    literal = isinstance(options, StackSettings)
    known = "Write `subscription_id` as a literal" if literal else "Set subscription_id on the stack's provider"
    return f"{known}: the names of rules for other subscriptions then end with theirs."


@PLAN.add("ACM133")
def names_are_short_enough(planned: Planned) -> Iterator[Finding]:
    # Only the longest name: a prefix that fits it fits all others.
    """Azure rejects longer names, and only at apply ("Naming rules and restrictions for Azure resources")."""
    named: tuple[PlannedRule | ProcessingRule | HealthAlert, ...] = (
        *planned.plan.alert_rules,
        *planned.plan.of(ProcessingRule),
        *planned.plan.of(HealthAlert),
    )
    longest = max(named, key=lambda rule: 0 if is_token(rule.name) else len(rule.name))
    if not is_token(longest.name) and len(longest.name) > RULE_NAME:
        yield (
            ("name_prefix",),
            f"the {longest.resource_type.words} {quoted(longest.name)} would have {len(longest.name)} characters in its name; "
            f"Azure takes at most {RULE_NAME}",
            "Shorten name_prefix.",
        )


@PLAN.add("ACM132")
def queries_are_short_enough(planned: Planned) -> Iterator[Finding]:
    # Only the longest query for each fix.
    """Azure rejects larger rules, and only at apply (Azure Monitor service limits)."""
    longest: dict[Path, PlannedRule] = {
        ("scopes",) if len(rule.watched) > 1 else ("queries", rule.notice.name): rule
        for rule in sorted(planned.plan.alert_rules, key=_size)
    }
    for path, rule in longest.items():
        if _size(rule) > QUERY_BYTES:
            shared = path == ("scopes",)
            what = f" for {rule.notice.name} over {len(rule.watched)} scopes" if shared else ""
            fix = "Watch their resource groups or the subscription instead." if shared else "Shorten it."
            yield path, f"the query{what} has {_size(rule):,} bytes; Azure takes at most {QUERY_BYTES:,}", fix


def _size(rule: PlannedRule) -> int:
    return len(rule.query.encode())


@PLAN.add("ACM136")
def what_is_adopted_is_made(planned: Planned) -> Iterator[Finding]:
    """An import without a planned resource would be left out silently, and the resource created a second time."""
    imported = {resource.import_id for resource in planned.plan.resources}
    for index, entry in enumerate(planned.options.adopt):
        if entry.resource in imported:
            continue
        if entry.rule:
            yield (
                ("adopt", index, "scope"),
                "no alert rule is created for it, so nothing can adopt the existing one",
                "Use the same scope as in `scopes`. Rules of routes with statuses or stages cannot be adopted.",
            )
        if entry.action_group:
            yield (
                ("adopt", index, "action_group"),
                f"{quoted(entry.action_group)} is not the action group that is created, so nothing can adopt it",
                "Adopt one action group, in the stack's own subscription, or refer to it with `action_group: {id: …}`.",
            )
        if entry.role_assignment:
            yield (
                ("adopt", index, "role_assignment"),
                f"no Reader assignment is created on {quoted(entry.role_assignment.scope)}, so nothing can adopt the existing one",
                "Remove it, or add that scope to `reader_scopes`.",
            )
