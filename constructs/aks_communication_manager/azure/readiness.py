"""Before an apply: whether Azure is ready for a stack, and whether the login may write it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.resource_types import (
    ACTION_GROUP,
    ALERT_RULE,
    CLUSTER,
    HEALTH_ALERT,
    IDENTITY,
    PROCESSING_RULE,
    ResourceType,
)
from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.clusters import check_clusters, clusters_in, label_of
from aks_communication_manager.azure.email_verification import check_addresses
from aks_communication_manager.azure.failures import NO_ACCESS, AzureFailure, NotFound, Unexpected
from aks_communication_manager.azure.findings import Finding, attention, az, checked, ok, wrong
from aks_communication_manager.azure.rights import check_rights, check_room
from aks_communication_manager.azure.stack_ids import Referenced, StackIds
from aks_communication_manager.compiler import CompiledStack
from aks_communication_manager.plan.resources import HealthAlert, ProcessingRule
from aks_communication_manager.text import counted


def preflight(arm: Arm, stack: CompiledStack) -> list[Finding]:
    """Run all checks; rows in the order in which to fix them. Raises `AzureFailure`."""
    ids = StackIds(stack)
    arm.progress("Subscription and resource group")
    subscription = arm.get(ids.subscription, answers.Subscription)
    rows = [_check_subscription(ids, subscription)]
    group = arm.find(ids.resource_group, answers.ResourceGroup)
    rules = _rules(arm, ids) if group else {}
    deployed = frozenset(
        rule.id.lower() for rule in ids.plan.alert_rules if _is_ours(rules.get(rule.id.lower()), rule.scopes[0])
    )
    rows += _check_group(ids, group, deployed)
    scope_rows, clusters, missing = _check_scopes(arm, ids)
    rows += scope_rows
    rows += check_clusters(arm, clusters)
    rows += _check_providers(arm, ids)
    if not group and not ids.plan.resource_group:
        missing = (*missing, ids.resource_group)
    rows += check_rights(arm, ids, missing)
    rows += _check_names(arm, ids, rules, deployed)
    rows += check_addresses(arm, ids)
    rows += check_room(arm, ids, deployed | ({one.id.lower() for one in ids.identities} if deployed else set()))
    return rows


def _check_subscription(ids: StackIds, found: answers.Subscription) -> Finding:
    if found.state != "Enabled":
        return wrong(
            "subscription", "state", f"{ids.settings.subscription_id} is {found.state}, so nothing can be created in it"
        )
    return ok("subscription", "state", f"{ids.settings.subscription_id} ({found.display_name}) is enabled")


def _check_group(ids: StackIds, found: answers.ResourceGroup | None, deployed: frozenset[str]) -> list[Finding]:
    name = ids.settings.resource_group.name
    if not found and ids.plan.resource_group:
        return [ok(name, "resource group", "does not exist yet and will be created")]
    if not found:
        place = {"subscription": ids.settings.subscription_id, "name": name, "location": ids.settings.location}
        return [
            wrong(name, "resource group", "does not exist, or this login cannot see it", az("group create", **place))
        ]
    if ids.plan.resource_group and not deployed:
        text = "exists already, so Terraform cannot create it; write its name alone, without `create: true`"
        return [wrong(name, "resource group", text)]
    return [ok(name, "resource group", f"exists in {found.location}")]


def _check_scopes(
    arm: Arm, ids: StackIds
) -> tuple[list[Finding], list[tuple[answers.ManagedCluster, frozenset[str]]], tuple[str, ...]]:
    """Rows, clusters with the notices configured for each, and scopes that do not exist."""

    def clusters_of(scope: ArmId) -> list[answers.ManagedCluster] | AzureFailure:
        try:
            if scope.kind == "resource-group":  # some clouds answer with an empty list for a missing group
                arm.get(str(scope), answers.ResourceGroup)
            return clusters_in(arm, scope)
        except (*NO_ACCESS, Unexpected) as failure:
            return failure

    rows: list[Finding] = []
    missing: list[str] = []
    found: dict[ArmId, tuple[answers.ManagedCluster, frozenset[str]]] = {}
    scopes = list(ids.watched)
    for scope, clusters in zip(scopes, arm.map("Scopes", clusters_of, scopes), strict=True):
        label = name_of(str(scope)) if scope.kind != "cluster" else label_of(scope)
        if isinstance(clusters, NotFound):
            missing.append(str(scope))
            command = az("aks list", subscription=scope.subscription_id, query="[].id", output="tsv")
            rows.append(wrong(label, "scope", f"does not exist, or this login cannot see it: {scope}", command))
            continue
        if isinstance(clusters, AzureFailure):
            rows.append(wrong(label, "scope", clusters.problem))
            continue
        if scope.kind != "cluster":
            row = ok if clusters else attention
            rows.append(row(label, "scope", f"this {scope.kind} holds {counted(len(clusters), 'cluster')}"))
        for cluster in clusters:
            notices = found[cluster.id][1] if cluster.id in found else frozenset()
            found[cluster.id] = (cluster, notices | ids.watched[scope])
    return rows, list(found.values()), tuple(missing)


def _check_providers(arm: Arm, ids: StackIds) -> list[Finding]:
    types = (
        ALERT_RULE,
        PROCESSING_RULE,
        *([IDENTITY] if any(identity.created for identity in ids.identities) else []),
    )
    needed = {(ids.settings.subscription_id, type_.namespace) for type_ in types}
    needed |= {(scope.subscription_id, CLUSTER.namespace) for scope in ids.watched}

    def check(pair: tuple[str, str]) -> list[Finding]:
        subscription, namespace = pair
        return checked(namespace, "resource provider", lambda: [_check_provider(arm, subscription, namespace)])

    return [row for rows in arm.map("Resource providers", check, sorted(needed)) for row in rows]


def _check_provider(arm: Arm, subscription: str, namespace: str) -> Finding:
    path = f"/subscriptions/{subscription}/providers/{namespace}"
    found = arm.find(path, answers.ResourceProvider)
    if found is None:
        return attention(namespace, "resource provider", f"this login may not read its state in {subscription}")
    if found.registration_state == "Registered":
        return ok(namespace, "resource provider", "registered")
    command = az("provider register", subscription=subscription, namespace=namespace)
    return wrong(namespace, "resource provider", f"{found.registration_state} in {subscription}", command)


def _check_names(
    arm: Arm, ids: StackIds, rules: dict[str, answers.AlertRule], deployed: frozenset[str]
) -> list[Finding]:
    rows: list[Finding] = []
    for rule in ids.plan.alert_rules:
        there = (
            arm.find(rule.id, answers.Resource, ALERT_RULE.api_version)
            if rule.import_id
            else rules.get(rule.id.lower())
        )
        if rule.import_id:
            row = ok if there else wrong
            text = "exists and will be taken over" if there else f"is to be taken over but does not exist: {rule.id}"
            rows.append(row(rule.name, "name", text))
        elif there and rule.id.lower() not in deployed:
            text = "another alert rule has this name; choose another `name_prefix`, or list the rule under `adopt`"
            rows.append(wrong(rule.name, "name", text))
    named = [
        *((group, "action group", ACTION_GROUP) for group in ids.action_groups),
        *((Referenced(own.id, True), "processing rule", PROCESSING_RULE) for own in ids.plan.of(ProcessingRule)),
        *((Referenced(own.id, True), "health alert", HEALTH_ALERT) for own in ids.plan.of(HealthAlert)),
    ]
    for identity in ids.identities:
        rows += checked(identity.name, "identity", partial(_check_identity, arm, ids, identity, bool(deployed)))
    for resource, what, type_ in named:
        rows += checked(resource.name, what, partial(_check_name, arm, resource, what, type_, bool(deployed)))
    if not rows or all(row.verdict == "ok" for row in rows):
        count = sum(rule.import_id is None for rule in ids.plan.alert_rules)
        text = f"{len(deployed)} of {counted(count, 'rule')} exist, as after an apply" if deployed else "all are free"
        rows.append(ok("alert rules", "names", text))
    return rows


def _check_name(arm: Arm, resource: Referenced, what: str, type_: ResourceType, deployed: bool) -> Iterable[Finding]:
    found = arm.find(resource.id, answers.Resource, type_.api_version)
    if not resource.created:
        if found:
            yield ok(resource.name, what, "exists")
        else:
            yield wrong(resource.name, what, f"does not exist, or this login cannot see it: {resource.id}")
    elif found and not deployed:
        text = f"exists already, so Terraform cannot create it; refer to it by its id, or choose another name: {resource.id}"
        yield wrong(resource.name, what, text)


def _check_identity(arm: Arm, ids: StackIds, identity: Referenced, deployed: bool) -> Iterable[Finding]:
    rows = list(_check_name(arm, identity, "identity", IDENTITY, deployed))
    yield from rows
    given = ids.plan.principals.get("identity")
    if identity.created or not isinstance(given, str) or any(row.verdict == "wrong" for row in rows):
        return
    found = arm.find(identity.id, answers.Identity)
    principal = found.principal_id if found else given
    if principal.lower() != given.lower():
        text = f"its principal is {principal}, not {given} as `identity.principal_id` says: another identity would become Reader"
        yield wrong(identity.name, "identity", text)


def _rules(arm: Arm, ids: StackIds) -> dict[str, answers.AlertRule]:
    """Alert rules of the resource group, by id in lower case."""
    path = f"{ids.resource_group}/providers/{ALERT_RULE.arm}"
    return {rule.id.lower(): rule for rule in arm.find_entries(path, answers.AlertRule) or ()}


def _is_ours(found: answers.AlertRule | None, scope: str) -> bool:
    """Whether a rule watches the same scope for scheduled events, as after an earlier apply."""
    if found is None:
        return False
    scopes = [watched.lower() for watched in found.scopes]
    queries = " ".join(criterion.query for criterion in found.criteria)
    return scope.lower() in scopes and "containerserviceeventresources" in queries.lower()
