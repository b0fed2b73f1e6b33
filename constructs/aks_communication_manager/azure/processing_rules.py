"""Alert processing rules that suppress notifications of the stack's rules.

Source: "Alert processing rules"; all conditions must match, and scopes refer to the affected resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pydantic.alias_generators import to_snake

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.resource_types import PROCESSING_RULE
from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.findings import Finding, attention, ok, patch, wrong
from aks_communication_manager.azure.stack_ids import StackIds, watched_by
from aks_communication_manager.plan.alert_matching import Match, facts, matches
from aks_communication_manager.plan.resources import Condition, PlannedRule, ProcessingRule


def check_processing_rules(arm: Arm, ids: StackIds, now: datetime | None = None) -> list[Finding]:
    """Report processing rules that suppress fired alerts of the stack, and the state of its own ones."""
    now = now or datetime.now(UTC)
    rows: list[Finding] = []
    found: list[answers.ProcessingRule] = []
    for subscription in sorted({scope.subscription_id for scope in ids.watched} | {ids.settings.subscription_id}):
        arm.progress(f"Alert processing rules of {subscription}")
        path = f"/subscriptions/{subscription}/providers/{PROCESSING_RULE.arm}"
        entries = arm.find_entries(path, answers.ProcessingRule)
        found += entries or ()
        if entries is None:
            rows.append(attention(subscription, "processing rules", "this login may not read alert processing rules"))
    swallowing = [row for one in found for row in _check(one, ids, now)]
    rows += [row for own in ids.plan.of(ProcessingRule) for row in _check_own(own, found, ids.deploy)]
    rows += swallowing
    if not rows:
        rows.append(ok("alert processing rules", "processing rules", "none suppresses an alert that fires"))
    return rows


def swallows(found: answers.ProcessingRule, rule: PlannedRule, now: datetime) -> Match:
    """Whether a processing rule removes the action groups from fired alerts of `rule`."""
    removes = any(action.action_type == "RemoveAllActionGroups" for action in found.actions)
    if not removes or not found.enabled or _is_over(found.effective_until, now):
        return "no"
    watched = watched_by(rule)
    target = str(watched[0]) if len(watched) == 1 and watched[0].kind == "cluster" else None
    conditions = [
        Condition(to_snake(condition.field), condition.operator, condition.values) for condition in found.conditions
    ]
    targets = (*rule.scopes, *map(str, watched))
    match = matches(found.scopes, conditions, facts(rule, "Fired", target), targets)
    return "perhaps" if match == "yes" and found.schedule else match


def _check(found: answers.ProcessingRule, ids: StackIds, now: datetime) -> Iterable[Finding]:
    matches = {rule.name: swallows(found, rule, now) for rule in ids.plan.alert_rules}
    certain = [name for name, match in matches.items() if match == "yes"]
    possible = [name for name, match in matches.items() if match == "perhaps"]
    name = name_of(found.id)
    command = patch(found.id, PROCESSING_RULE.api_version, '{"enabled": false}')
    if certain:
        text = f"suppresses every alert of {_rules(certain)}, so nobody is notified; disabled, it lets all other alerts through too"
        yield wrong(name, "processing rules", text, command)
    if possible:
        text = f"may suppress alerts of {_rules(possible)}: its schedule, scopes or conditions match some of them"
        yield attention(name, "processing rules", text, command)


def _check_own(own: ProcessingRule, found: Iterable[answers.ProcessingRule], deploy: str) -> Iterable[Finding]:
    there = next((rule for rule in found if rule.id.lower() == own.id.lower()), None)
    if there and there.enabled:
        yield ok(own.name, "processing rules", "suppresses Azure's Resolved messages")
        return
    problem = "is disabled" if there else "does not exist"
    yield attention(own.name, "processing rules", f"{problem}, so people get Azure's Resolved messages too", deploy)


def _is_over(until: str | None, now: datetime) -> bool:
    """Whether a schedule has ended in every time zone: Azure's times have none, and are off by less than a day."""
    try:
        end = datetime.fromisoformat(until or "")
    except ValueError:
        return False
    return now - end.replace(tzinfo=UTC) > timedelta(days=1)


def _rules(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} rules ({names[0]}, …)"
