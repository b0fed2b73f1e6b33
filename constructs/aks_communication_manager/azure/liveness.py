"""After an apply: whether what is deployed would notify somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache, partial

from aks_communication_manager.arm.durations import parse
from aks_communication_manager.arm.id_parts import is_within, name_of
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.resource_types import (
    ACTION_GROUP,
    ROLE_ASSIGNMENT,
)
from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.email_verification import check_verification
from aks_communication_manager.azure.findings import Finding, attention, az, checked, ok, patch, where, wrong
from aks_communication_manager.azure.processing_rules import check_processing_rules
from aks_communication_manager.azure.rights import READS_CLUSTERS, allows, assignments_in
from aks_communication_manager.azure.rule_health import check_health
from aks_communication_manager.azure.stack_ids import Referenced, StackIds, watched_by
from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.plan.resources import HealthAlert, PlannedRule
from aks_communication_manager.text import counted, listed


def status(arm: Arm, stack: CompiledStack) -> list[Finding]:
    """Check rules, identities and their access, action groups and processing rules."""
    ids = StackIds(stack)
    arm.get(ids.subscription, answers.Subscription)  # without access to the subscription: one error instead of a table
    readers = _Readers(arm)
    identities: dict[str, answers.Identity | None] = {}
    rows: list[Finding] = []

    def check_identity(expected: Referenced) -> Iterable[Finding]:
        found = identities[expected.id.lower()] = arm.find(expected.id, answers.Identity)
        return _check_identity(expected, found, ids.deploy)

    for identity in ids.identities:
        rows += checked(identity.name, "identity", partial(check_identity, identity))

    def check(rule: PlannedRule) -> list[Finding]:
        return checked(rule.name, "rule", partial(_check_rule, arm, ids, rule, identities, readers))

    rows += [row for found in arm.map("Rules", check, ids.plan.alert_rules) for row in found]
    for group in ids.action_groups:
        rows += checked(group.name, "action group", partial(_check_action_group, arm, group, ids.deploy))
    for alert in ids.plan.of(HealthAlert):
        rows += checked(alert.name, "health alert", partial(_check_health_alert, arm, alert, ids.deploy))
    rows += checked("alert processing rules", "processing rules", partial(check_processing_rules, arm, ids))
    return rows


def _check_rule(
    arm: Arm, ids: StackIds, rule: PlannedRule, identities: Mapping[str, answers.Identity | None], readers: _Readers
) -> list[Finding]:
    found = arm.find(rule.id, answers.AlertRule)
    deploy = ids.deploy
    if found is None:
        return [wrong(rule.name, "rule", "does not exist, or this login cannot see it", deploy)]
    rows = []
    if not found.enabled:
        rows.append(wrong(rule.name, "rule", "is disabled", deploy))
    if [_lines(criterion.query) for criterion in found.criteria] != [_lines(rule.query)]:
        rows.append(wrong(rule.name, "query", "is not the query of the config", deploy))
    rows += [
        wrong(rule.name, "condition", text, deploy)
        for criterion in found.criteria
        for text in _differences(rule, criterion)
    ]
    if bool(found.auto_mitigate) != rule.auto_mitigation_enabled:
        how = (
            "stateless, unlike the config, so it repeats"
            if rule.auto_mitigation_enabled
            else "stateful, unlike the config, so it misses"
        )
        rows.append(wrong(rule.name, "delivery", f"is {how} events", deploy))
    if muted := found.mute_actions_duration:
        rows.append(wrong(rule.name, "delivery", f"is muted for {muted} after an alert, so it misses events", deploy))
    frequency = found.evaluation_frequency
    if not _same(frequency, rule.evaluation_frequency):
        rows.append(wrong(rule.name, "frequency", f"is {frequency}, not that of the config", deploy))
    groups = set(map(str.lower, found.action_groups))
    for group in map(ids.id_of, rule.action_groups):
        if group.lower() not in groups:
            rows.append(wrong(rule.name, "action group", f"does not call {name_of(group)}", deploy))
    rows += checked(rule.name, "Reader", lambda: _check_principal(ids, rule, found.identity, identities, readers))
    rows += checked(rule.name, "health", lambda: check_health(arm, rule, deploy))
    if any(row.verdict == "wrong" for row in rows):
        return rows
    return [ok(rule.name, "rule", "is enabled, has the query of the config and may read what it watches"), *rows]


def _differences(rule: PlannedRule, condition: answers.Criterion) -> Iterable[str]:
    """Differences that make a condition match fewer rows than configured, or report less about them."""
    periods = condition.failing_periods
    met_by = (condition.time_aggregation, condition.operator, condition.threshold, periods)
    if met_by != ("Count", "GreaterThan", 0, 1):
        threshold = "" if condition.threshold is None else f"{condition.threshold:g}"
        at = f"{condition.time_aggregation} {condition.operator} {threshold} in {counted(periods, 'evaluation')}"
        yield f"fires at {at}, not at the first row"
    whole = [dimension.name for dimension in condition.dimensions if dimension.values == ("*",)]
    if missing := [wanted.name for wanted in rule.dimensions if wanted.name not in whole]:
        yield f"does not split by all values of {listed(missing)}, so it misses events or does not say what happened"


def _check_principal(
    ids: StackIds,
    rule: PlannedRule,
    identity: answers.RuleIdentity | None,
    identities: Mapping[str, answers.Identity | None],
    readers: _Readers,
) -> list[Finding]:
    """A rule without an identity, or with one that may read nothing, stays silent: Azure swallows its errors."""
    identity = identity or answers.RuleIdentity()
    wanted = ids.id_of(rule.identity_ids[0]) if rule.identity_ids else None
    if wanted is None:
        principal = (identity.principal_id or "") if "SystemAssigned" in identity.type else ""
        if not principal:
            return [
                wrong(rule.name, "identity", "the rule has no system-assigned identity, so it never fires", ids.deploy)
            ]
    else:
        if wanted.lower() not in map(str.lower, identity.user_assigned_identities or {}):
            text = f"the rule does not use the identity {name_of(wanted)}, so it never fires"
            return [wrong(rule.name, "identity", text, ids.deploy)]
        resource = identities.get(wanted.lower())
        if resource is None:
            return []  # reported once for the identity itself
        principal = resource.principal_id
    rows: list[Finding] = []
    scopes = ids.readers_of(rule)
    for scope in watched_by(rule):
        may = readers.may_read(principal, scope)
        assign = az(
            "role assignment create",
            assignee_object_id=principal,
            assignee_principal_type="ServicePrincipal",
            role="Reader",
            scope=str(scope),
        )
        if may is None:
            rows.append(attention(rule.name, "Reader", "this login may not read role assignments"))
        elif not may:
            text = f"its identity may not read {_label(scope)}, so it never fires"
            # Terraform could not create an assignment that was made by hand already (409).
            rows.append(wrong(rule.name, "Reader", text, ids.deploy if scopes else assign))
    for reader in scopes if not rows else ():
        if readers.may_read(principal, ArmId.parse(reader)) is False:
            text = f"its identity is no longer Reader of {_label(ArmId.parse(reader))}, but still reads what it watches"
            rows.append(attention(rule.name, "Reader", text, ids.deploy))
    return rows


def _check_identity(expected: Referenced, found: answers.Identity | None, deploy: str) -> Iterable[Finding]:
    if found is None:
        text = "does not exist, or this login cannot see it; rules that use it never fire"
        yield wrong(expected.name, "identity", text, deploy if expected.created else "")
    else:
        yield ok(expected.name, "identity", "exists")


def _check_action_group(arm: Arm, expected: Referenced, deploy: str) -> Iterable[Finding]:
    found = arm.find(expected.id, answers.ActionGroup)
    if found is None:
        text = "does not exist, or this login cannot see it; nobody is notified"
        yield wrong(expected.name, "action group", text, deploy if expected.created else "")
        return
    receivers = found.receivers
    disabled = [receiver.name for receiver in receivers if receiver.status == "Disabled"]
    enable = "; ".join(
        az("monitor action-group enable-receiver", **where(expected.id, action_group=expected.name, name=name))
        for name in disabled
    )
    count = len(receivers) - len(disabled)
    if not found.enabled:
        fix = deploy if expected.created else patch(expected.id, ACTION_GROUP.api_version, '{"enabled": true}')
        yield wrong(expected.name, "action group", "is disabled, so nobody is notified", fix)
    elif not receivers:
        yield wrong(expected.name, "action group", "has no receiver, so nobody is notified", deploy)
    elif not count:
        text = f"every receiver is disabled ({', '.join(disabled)}), so nobody is notified"
        yield wrong(expected.name, "action group", text, enable)
    elif disabled:
        text = f"{len(disabled)} of {len(receivers)} receivers are disabled: {', '.join(disabled)}"
        yield attention(expected.name, "action group", text, enable)
    else:
        yield ok(expected.name, "action group", f"notifies {counted(count, 'receiver')}")
    yield from check_verification(expected.id, found, expected.name)


def _check_health_alert(arm: Arm, alert: HealthAlert, deploy: str) -> Iterable[Finding]:
    found = arm.find(alert.id, answers.ActivityLogAlert)
    if found and found.enabled:
        yield ok(alert.name, "health alert", "notifies when Azure reports a rule as degraded or unavailable")
        return
    problem = "is disabled" if found else "does not exist, or this login cannot see it"
    yield attention(alert.name, "health alert", f"{problem}, so nobody hears of rules that stop working", deploy)


class _Readers:
    """Access of principals. Assignments and roles are read once."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._assignments = cache(partial(assignments_in, arm))
        self._allowing = cache(self._read_role)

    def may_read(self, principal: str, scope: ArmId) -> bool | None:
        """Whether a principal may read clusters in a scope; None if unknown."""
        assignments = self._assignments(f"/subscriptions/{scope.subscription_id}")
        if assignments is None:
            return None
        own = [assigned for assigned in assignments if assigned.principal_id.lower() == principal.lower()]
        if any(is_within(str(scope), one.scope) and self._allowing(one.role_definition_id) for one in own):
            return True
        # Only this filter includes roles assigned to groups of the principal.
        path = f"{scope}/providers/{ROLE_ASSIGNMENT.arm}"
        wanted = f"atScope() and assignedTo('{principal}')"
        through = self._arm.find_entries(path, answers.RoleAssignment, filter=wanted)
        return None if through is None else any(self._allowing(found.role_definition_id) for found in through)

    def _read_role(self, definition: str) -> bool:
        found = self._arm.find(definition, answers.RoleDefinition)
        return found is not None and allows(found.permissions, READS_CLUSTERS)


def _lines(query: str) -> list[str]:
    return [line.rstrip() for line in query.strip().splitlines()]


def _same(text: str, duration: timedelta) -> bool:
    try:
        return parse(text) == duration
    except InvalidArgument:
        return False


def _label(scope: ArmId) -> str:
    if scope.kind == "subscription":
        return f"the subscription {scope.subscription_id}"
    return f"the cluster {scope.cluster}" if scope.kind == "cluster" else f"the resource group {scope.resource_group}"
