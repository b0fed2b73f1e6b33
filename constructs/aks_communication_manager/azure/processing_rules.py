"""Alert processing rules that keep alerts from anybody: which of them concern a rule's alerts when they fire.

Source: "Alert processing rules"; all conditions have to match, and the scopes are those of the affected resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from aks_communication_manager.arm.id_parts import is_within, name_of
from aks_communication_manager.arm.resource_types import PROCESSING_RULE
from aks_communication_manager.azure.answers import ProcessingCondition, ProcessingRule, ProcessingSchedule
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.expected import ExpectedRule, ExpectedStack
from aks_communication_manager.azure.failures import NO_ACCESS
from aks_communication_manager.azure.findings import Finding, attention, az, ok, where, wrong

Match = Literal["no", "perhaps", "yes"]


def check_processing_rules(arm: Arm, stack: ExpectedStack, now: datetime | None = None) -> list[Finding]:
    """A row for each processing rule that swallows fired alerts of the stack, and for each of its own."""
    now = now or datetime.now(UTC)
    rows: list[Finding] = []
    found: list[ProcessingRule] = []
    for subscription in sorted({scope.subscription_id for scope in stack.notices} | {stack.subscription_id}):
        arm.progress(f"Alert processing rules of {subscription}")
        try:
            path = f"/subscriptions/{subscription}/providers/{PROCESSING_RULE.arm}"
            found += arm.entries(path, PROCESSING_RULE.api_version, ProcessingRule)
        except NO_ACCESS:
            rows.append(attention(subscription, "processing rules", "this login may not read alert processing rules"))
    swallowing = [row for one in found for row in _check(one, stack, now)]
    rows += [row for expected in stack.processing_rules for row in _check_own(expected.id, found, stack.name)]
    rows += swallowing
    if not rows:
        rows.append(ok("alert processing rules", "processing rules", "none suppresses an alert that fires"))
    return rows


def swallows(found: ProcessingRule, rule: ExpectedRule, now: datetime) -> Match:
    """Whether a processing rule takes the action groups from alerts of `rule` when they fire."""
    properties = found.properties
    removes = any(action.action_type == "RemoveAllActionGroups" for action in properties.actions)
    if not removes or not properties.enabled or (properties.schedule and _is_over(properties.schedule, now)):
        return "no"
    matches = [_reaches(properties.scopes, rule)]
    facts = _facts(rule)
    matches += [_fits(condition, facts) for condition in properties.conditions]
    if properties.schedule:
        matches.append("perhaps")
    return "no" if "no" in matches else "perhaps" if "perhaps" in matches else "yes"


def _check(found: ProcessingRule, stack: ExpectedStack, now: datetime) -> Iterable[Finding]:
    matches = {rule.name: swallows(found, rule, now) for rule in stack.rules}
    certain = [name for name, match in matches.items() if match == "yes"]
    possible = [name for name, match in matches.items() if match == "perhaps"]
    name = name_of(found.id)
    command = az("monitor alert-processing-rule update", **where(found.id, name=name, enabled="false"))
    if certain:
        text = f"suppresses every alert of {_rules(certain)}, so nobody is notified"
        yield wrong(name, "processing rules", text, command)
    if possible:
        text = f"may suppress alerts of {_rules(possible)}: its schedule, scopes or conditions match some of them"
        yield attention(name, "processing rules", text, command)


def _check_own(identifier: str, found: Iterable[ProcessingRule], stack: str) -> Iterable[Finding]:
    name = name_of(identifier)
    there = [one for one in found if one.id.lower() == identifier.lower()]
    if not there:
        text = "does not exist, so people get Azure's Resolved messages too"
        yield attention(name, "processing rules", text, f"cdktf deploy {stack}")
    elif not there[0].properties.enabled:
        text = "is disabled, so people get Azure's Resolved messages too"
        yield attention(name, "processing rules", text, f"cdktf deploy {stack}")
    else:
        yield ok(name, "processing rules", "suppresses Azure's Resolved messages")


def _reaches(scopes: Iterable[str], rule: ExpectedRule) -> Match:
    """Alerts of a rule over a wide scope are about the scope or a cluster in it, so a part of them may be reached."""
    targets = [rule.scope, *map(str, rule.watched)]
    if any(all(is_within(target, scope) for target in targets) for scope in scopes):
        return "yes"
    return "perhaps" if any(is_within(a, b) or is_within(b, a) for a in scopes for b in targets) else "no"


def _facts(rule: ExpectedRule) -> Mapping[str, tuple[str, ...]]:
    """What is known of an alert of the rule, by field; a field that is not here may hold anything."""
    facts: dict[str, tuple[str, ...]] = {
        "MonitorCondition": ("Fired",),
        "MonitorService": ("Log Alerts V2",),
        "SignalType": ("Log",),
        "Severity": (f"Sev{rule.severity}",),
        "AlertRuleId": (rule.id,),
        "AlertRuleName": (rule.name,),
        "Description": (rule.description,),
    }
    if len(rule.watched) == 1 and rule.watched[0].kind == "cluster":
        cluster = rule.watched[0]
        group = cluster.up_to("resource-group")
        facts |= {
            "TargetResource": (str(cluster), cluster.cluster or ""),
            "TargetResourceGroup": (str(group), cluster.resource_group or ""),
            "TargetResourceType": ("Microsoft.ContainerService/managedClusters",),
        }
    return facts


def _fits(condition: ProcessingCondition, facts: Mapping[str, tuple[str, ...]]) -> Match:
    known = facts.get(condition.field)
    values = [value.lower() for value in condition.values]
    if known is None:
        return "perhaps"
    texts = [text.lower() for text in known]
    operator = condition.operator
    if operator in ("Contains", "DoesNotContain"):
        found = any(value in text for value in values for text in texts)
    else:
        found = any(value == text for value in values for text in texts)
    return "yes" if found == (operator in ("Equals", "Contains")) else "no"


def _is_over(schedule: ProcessingSchedule, now: datetime) -> bool:
    """Whether it has ended in every time zone: Azure writes times without one, which are off by less than a day."""
    try:
        end = datetime.fromisoformat(schedule.effective_until or "")
    except ValueError:
        return False
    return now - end.replace(tzinfo=UTC) > timedelta(days=1)


def _rules(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} rules ({names[0]}, …)"
