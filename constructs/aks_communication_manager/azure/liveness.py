"""After an apply: whether what is deployed would notify somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache

from aks_communication_manager.arm.durations import parse
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.expected import ExpectedResource, ExpectedRule, ExpectedStack, is_within, name_of
from aks_communication_manager.azure.failures import NO_ACCESS
from aks_communication_manager.azure.findings import Finding, attention, az, ok, where, wrong
from aks_communication_manager.azure.processing_rules import check_processing_rules
from aks_communication_manager.azure.readiness import ACTION_GROUPS, IDENTITIES, RULES, SUBSCRIPTIONS
from aks_communication_manager.azure.rights import API_VERSION as AUTHORIZATION
from aks_communication_manager.azure.rights import READS_CLUSTERS, allows, assignments_in
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.text import listed

HEALTH = "2025-05-01"
SLOWEST_HEALTH = timedelta(minutes=15)
"""Azure reports the health of alert rules up to this evaluation frequency."""


def status(arm: Arm, stack: ExpectedStack) -> list[Finding]:
    """Every row: rules, identities and what they may read, action groups, processing rules."""
    arm.get(stack.subscription, SUBSCRIPTIONS)  # no access at all is one line, and no table
    readers = _Readers(arm)
    identities = {one.id.lower(): _read(arm, one.id, IDENTITIES) for one in stack.identities}
    rows = [row for one in stack.identities for row in _check_identity(one, identities[one.id.lower()], stack.name)]

    def check(rule: ExpectedRule) -> list[Finding]:
        return _check_rule(arm, stack.name, rule, identities, readers)

    rows += [row for found in arm.map("Rules", check, stack.rules) for row in found]
    rows += [row for one in stack.action_groups for row in _check_action_group(arm, one, stack.name)]
    rows += check_processing_rules(arm, stack)
    return rows


def _check_rule(
    arm: Arm, stack: str, rule: ExpectedRule, identities: Mapping[str, Json | None], readers: _Readers
) -> list[Finding]:
    found = _read(arm, rule.id, RULES)
    deploy = f"cdktf deploy {stack}"
    if found is None:
        return [wrong(rule.name, "rule", "does not exist, or this login cannot see it", deploy)]
    properties = found["properties"]
    rows = []
    if not properties.get("enabled", True):
        command = az("monitor scheduled-query update", **where(rule.id, name=rule.name, disabled="false"))
        rows.append(wrong(rule.name, "rule", "is disabled", command))
    conditions = properties.get("criteria", {}).get("allOf", [])
    if [_lines(one.get("query", "")) for one in conditions] != [_lines(rule.query)]:
        rows.append(wrong(rule.name, "query", "is not the query of the config", deploy))
    rows += [wrong(rule.name, "condition", text, deploy) for one in conditions for text in _differences(rule, one)]
    if properties.get("autoMitigate", True) != rule.stateful:
        how = (
            "stateless, unlike the config, so it repeats"
            if rule.stateful
            else "stateful, unlike the config, so it misses"
        )
        rows.append(wrong(rule.name, "delivery", f"is {how} events", deploy))
    if muted := properties.get("muteActionsDuration"):
        rows.append(wrong(rule.name, "delivery", f"is muted for {muted} after an alert, so it misses events", deploy))
    frequency = properties.get("evaluationFrequency", "")
    if not _same(frequency, rule.evaluation_frequency):
        rows.append(wrong(rule.name, "frequency", f"is {frequency}, not that of the config", deploy))
    groups = [one.lower() for one in (properties.get("actions") or {}).get("actionGroups") or []]
    if rule.action_group.lower() not in groups:
        rows.append(wrong(rule.name, "action group", f"does not call {name_of(rule.action_group)}", deploy))
    rows += _check_principal(rule, found, identities, readers, deploy)
    rows += _check_health(arm, rule)
    if any(row.verdict == "wrong" for row in rows):
        return rows
    return [ok(rule.name, "rule", "is enabled, has the query of the config and may read what it watches"), *rows]


def _differences(rule: ExpectedRule, condition: Json) -> Iterable[str]:
    """Why the condition would be met by fewer rows than the config says, or say less of them."""
    periods = (condition.get("failingPeriods") or {}).get("minFailingPeriodsToAlert", 1)
    counted = [condition.get("timeAggregation"), condition.get("operator"), condition.get("threshold"), periods]
    if counted != ["Count", "GreaterThan", 0, 1]:
        at = "{} {} {} in {} evaluation".format(*counted) + ("s" if periods != 1 else "")
        yield f"fires at {at}, not at the first row"
    whole = [one["name"] for one in condition.get("dimensions") or [] if one.get("values") == ["*"]]
    if missing := [name for name in rule.dimensions if name not in whole]:
        yield f"does not split by all values of {listed(missing)}, so it misses events or does not say what happened"


def _check_principal(
    rule: ExpectedRule, found: Json, identities: Mapping[str, Json | None], readers: _Readers, deploy: str
) -> list[Finding]:
    """A rule without an identity, or with one that may read nothing, stays silent: Azure swallows its errors."""
    identity = found.get("identity") or {}
    if rule.identity is None:
        principal = identity.get("principalId", "") if "SystemAssigned" in identity.get("type", "") else ""
        if not principal:
            return [wrong(rule.name, "identity", "the rule has no system-assigned identity, so it never fires", deploy)]
    else:
        given = {one.lower(): values for one, values in (identity.get("userAssignedIdentities") or {}).items()}
        if rule.identity.lower() not in given:
            text = f"the rule does not use the identity {name_of(rule.identity)}, so it never fires"
            return [wrong(rule.name, "identity", text, deploy)]
        resource = identities.get(rule.identity.lower())
        if resource is None:
            return []  # said once, for the identity itself
        principal = resource["properties"].get("principalId", "")
    rows: list[Finding] = []
    for scope in rule.watched:
        may = readers.may_read(principal, scope)
        assign = az(
            "role assignment create",
            assignee_object_id=principal,
            assignee_principal_type="ServicePrincipal",
            role="Reader",
            scope=rule.readers[0] if rule.readers else str(scope),
        )
        if may is None:
            rows.append(attention(rule.name, "Reader", "this login may not read role assignments"))
        elif not may:
            text = f"its identity may not read {_label(scope)}, so it never fires"
            rows.append(wrong(rule.name, "Reader", text, assign))
    for reader in rule.readers if not rows else ():
        if readers.may_read(principal, ArmId.parse(reader)) is False:
            text = f"its identity is no longer Reader of {_label(ArmId.parse(reader))}, but still reads what it watches"
            rows.append(attention(rule.name, "Reader", text, deploy))
    return rows


def _check_health(arm: Arm, rule: ExpectedRule) -> Iterable[Finding]:
    if rule.evaluation_frequency > SLOWEST_HEALTH:
        return
    try:
        found = arm.get(f"{rule.id}/providers/Microsoft.ResourceHealth/availabilityStatuses/current", HEALTH)
    except NO_ACCESS:
        return
    state, summary = (found.get("properties", {}).get(key) or "" for key in ("availabilityState", "summary"))
    if state in ("Unavailable", "Degraded"):
        yield wrong(rule.name, "health", f"Azure reports {state}: {summary}")


def _check_identity(expected: ExpectedResource, found: Json | None, stack: str) -> Iterable[Finding]:
    if found is None:
        text = "does not exist, or this login cannot see it; rules that use it never fire"
        yield wrong(expected.name, "identity", text, f"cdktf deploy {stack}" if expected.created else "")
    else:
        yield ok(expected.name, "identity", "exists")


def _check_action_group(arm: Arm, expected: ExpectedResource, stack: str) -> Iterable[Finding]:
    found = _read(arm, expected.id, ACTION_GROUPS)
    if found is None:
        text = "does not exist, or this login cannot see it; nobody is notified"
        yield wrong(expected.name, "action group", text, f"cdktf deploy {stack}" if expected.created else "")
        return
    properties = found["properties"]
    # Only e-mail and SMS receivers have a status: their owners may unsubscribe.
    receivers = [one for key, value in properties.items() if key.endswith("Receivers") for one in value or []]
    disabled = [one["name"] for one in receivers if one.get("status") == "Disabled"]
    enable = "; ".join(
        az("monitor action-group enable-receiver", **where(expected.id, action_group=expected.name, name=name))
        for name in disabled
    )
    count = len(receivers) - len(disabled)
    if not properties.get("enabled", True):
        command = az("monitor action-group update", **where(expected.id, name=expected.name, set="enabled=true"))
        yield wrong(expected.name, "action group", "is disabled, so nobody is notified", command)
    elif not receivers:
        yield wrong(expected.name, "action group", "has no receiver, so nobody is notified", f"cdktf deploy {stack}")
    elif not count:
        text = f"every receiver is disabled ({', '.join(disabled)}), so nobody is notified"
        yield wrong(expected.name, "action group", text, enable)
    elif disabled:
        text = f"{len(disabled)} of {len(receivers)} receivers are disabled: {', '.join(disabled)}"
        yield attention(expected.name, "action group", text, enable)
    else:
        yield ok(expected.name, "action group", f"notifies {count} receiver{'' if count == 1 else 's'}")


class _Readers:
    """Who may read what, asked once for each subscription, role and principal."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._assignments = cache(self._read_assignments)
        self._allowing = cache(self._read_role)

    def may_read(self, principal: str, scope: ArmId) -> bool | None:
        """Whether the principal may read clusters in the scope; None where that cannot be found out."""
        assignments = self._assignments(f"/subscriptions/{scope.subscription_id}")
        if assignments is None:
            return None
        own = [one for one in assignments if one["principalId"].lower() == principal.lower()]
        if any(is_within(str(scope), one["scope"]) and self._allowing(one["roleDefinitionId"]) for one in own):
            return True
        # A role may also come through a group, which only this question looks into.
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
        wanted = f"atScope() and assignedTo('{principal}')"
        try:
            through = [one["properties"] for one in self._arm.entries(path, AUTHORIZATION, filter=wanted)]
        except NO_ACCESS:
            return None
        return any(self._allowing(one["roleDefinitionId"]) for one in through)

    def _read_assignments(self, subscription: str) -> list[Json] | None:
        try:
            return assignments_in(self._arm, subscription)
        except NO_ACCESS:
            return None

    def _read_role(self, definition: str) -> bool:
        found = _read(self._arm, definition, AUTHORIZATION)
        return found is not None and allows(found["properties"].get("permissions") or (), READS_CLUSTERS)


def _read(arm: Arm, identifier: str, api_version: str) -> Json | None:
    """A resource, or None where it does not exist or may not be read."""
    try:
        return arm.get(identifier, api_version)
    except NO_ACCESS:
        return None


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
