"""Before an apply: whether Azure is ready for a stack, and whether the login may write it."""

from __future__ import annotations

from collections.abc import Iterable

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.clusters import Cluster, check_clusters, clusters_in
from aks_communication_manager.azure.expected import ExpectedResource, ExpectedStack, name_of
from aks_communication_manager.azure.failures import NO_ACCESS, AzureFailure, NotFound
from aks_communication_manager.azure.findings import Finding, attention, az, ok, wrong
from aks_communication_manager.azure.rights import check_rights, check_room

SUBSCRIPTIONS = "2022-12-01"
GROUPS = "2023-07-01"
PROVIDERS = "2021-04-01"
RULES = "2023-12-01"
ACTION_GROUPS = "2023-01-01"
PROCESSING_RULES = "2021-08-08"
IDENTITIES = "2024-11-30"


def preflight(arm: Arm, stack: ExpectedStack) -> list[Finding]:
    """Every row, in the order in which one would repair them. Raises `AzureFailure` where nothing can be asked."""
    arm.progress("Subscription and resource group")
    subscription = arm.get(stack.subscription, SUBSCRIPTIONS)
    rows = [_check_subscription(stack, subscription)]
    group = _read(arm, stack.resource_group_id, GROUPS)
    rules = _rules(arm, stack) if group else {}
    deployed = frozenset(rule.id.lower() for rule in stack.rules if _is_ours(rules.get(rule.id.lower()), rule.scope))
    rows += _check_group(stack, group, deployed)
    scope_rows, clusters, missing = _check_scopes(arm, stack)
    rows += scope_rows
    rows += check_clusters(arm, clusters)
    rows += _check_providers(arm, stack)
    if not group and not stack.creates_resource_group:
        missing = (*missing, stack.resource_group_id)
    rows += check_rights(arm, stack, missing)
    rows += _check_names(arm, stack, rules, deployed)
    rows += check_room(arm, stack, deployed | ({one.id.lower() for one in stack.identities} if deployed else set()))
    return rows


def _check_subscription(stack: ExpectedStack, found: Json) -> Finding:
    state = found.get("state", "Enabled")
    if state != "Enabled":
        return wrong("subscription", "state", f"{stack.subscription_id} is {state}, so nothing can be created in it")
    return ok("subscription", "state", f"{stack.subscription_id} ({found.get('displayName', '')}) is enabled")


def _check_group(stack: ExpectedStack, found: Json | None, deployed: frozenset[str]) -> list[Finding]:
    name = stack.resource_group
    if not found and stack.creates_resource_group:
        return [ok(name, "resource group", "does not exist yet and will be created")]
    if not found:
        place = {"subscription": stack.subscription_id, "name": name, "location": stack.location}
        return [
            wrong(name, "resource group", "does not exist, or this login cannot see it", az("group create", **place))
        ]
    if stack.creates_resource_group and not deployed:
        text = "exists already, so Terraform cannot create it; write its name alone, without `create: true`"
        return [wrong(name, "resource group", text)]
    return [ok(name, "resource group", f"exists in {found.get('location')}")]


def _check_scopes(
    arm: Arm, stack: ExpectedStack
) -> tuple[list[Finding], list[tuple[Cluster, frozenset[str]]], tuple[str, ...]]:
    """Rows, the clusters with the notices wanted of each, and the scopes that do not exist."""

    def read(scope: ArmId) -> list[Cluster] | AzureFailure:
        try:
            if scope.kind == "resource-group":  # the list of a group that is missing is empty on some clouds
                arm.get(str(scope), GROUPS)
            return clusters_in(arm, scope)
        except NO_ACCESS as failure:
            return failure

    rows: list[Finding] = []
    missing: list[str] = []
    found: dict[ArmId, tuple[Cluster, frozenset[str]]] = {}
    scopes = list(stack.notices)
    for scope, clusters in zip(scopes, arm.map("Scopes", read, scopes), strict=True):
        label = name_of(str(scope)) if scope.kind != "cluster" else f"{scope.cluster}@{scope.resource_group}"
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
            rows.append(row(label, "scope", f"this {scope.kind} holds {_count(len(clusters), 'cluster')}"))
        for cluster in clusters:
            notices = found[cluster.id][1] if cluster.id in found else frozenset()
            found[cluster.id] = (cluster, notices | stack.notices[scope])
    return rows, list(found.values()), tuple(missing)


def _check_providers(arm: Arm, stack: ExpectedStack) -> list[Finding]:
    needed = {(stack.subscription_id, "Microsoft.Insights"), (stack.subscription_id, "Microsoft.AlertsManagement")}
    if any(identity.created for identity in stack.identities):
        needed.add((stack.subscription_id, "Microsoft.ManagedIdentity"))
    needed |= {(scope.subscription_id, "Microsoft.ContainerService") for scope in stack.notices}

    def read(pair: tuple[str, str]) -> str:
        try:
            return str(arm.get(f"/subscriptions/{pair[0]}/providers/{pair[1]}", PROVIDERS).get("registrationState"))
        except NO_ACCESS:
            return ""

    rows = []
    pairs = sorted(needed)
    for (subscription, namespace), state in zip(pairs, arm.map("Resource providers", read, pairs), strict=True):
        if state == "Registered":
            rows.append(ok(namespace, "resource provider", "registered"))
        elif state:
            command = az("provider register", subscription=subscription, namespace=namespace)
            rows.append(wrong(namespace, "resource provider", f"{state} in {subscription}", command))
        else:
            rows.append(
                attention(namespace, "resource provider", f"this login may not read its state in {subscription}")
            )
    return rows


def _check_names(arm: Arm, stack: ExpectedStack, rules: dict[str, Json], deployed: frozenset[str]) -> list[Finding]:
    rows = []
    for rule in stack.rules:
        there = _read(arm, rule.id, RULES) if rule.adopted else rules.get(rule.id.lower())
        if rule.adopted:
            row = ok if there else wrong
            text = "exists and will be taken over" if there else f"is to be taken over but does not exist: {rule.id}"
            rows.append(row(rule.name, "name", text))
        elif there and rule.id.lower() not in deployed:
            text = "another alert rule has this name; choose another `name_prefix`, or list the rule under `adopt`"
            rows.append(wrong(rule.name, "name", text))
    for resources, what, api_version in (
        (stack.action_groups, "action group", ACTION_GROUPS),
        (stack.identities, "identity", IDENTITIES),
        (stack.processing_rules, "processing rule", PROCESSING_RULES),
    ):
        for resource in resources:
            rows += _check_name(resource, what, _read(arm, resource.id, api_version), bool(deployed))
    if not rows or all(row.verdict == "ok" for row in rows):
        count = len(stack.rules) - sum(rule.adopted for rule in stack.rules)
        text = f"{len(deployed)} of {_count(count, 'rule')} exist, as after an apply" if deployed else "all are free"
        rows.append(ok("alert rules", "names", text))
    return rows


def _check_name(resource: ExpectedResource, what: str, found: Json | None, deployed: bool) -> Iterable[Finding]:
    if not resource.created:
        if found:
            return [ok(resource.name, what, "exists")]
        return [wrong(resource.name, what, f"does not exist, or this login cannot see it: {resource.id}")]
    if found and not deployed:
        text = f"exists already, so Terraform cannot create it; refer to it by its id, or choose another name: {resource.id}"
        return [wrong(resource.name, what, text)]
    return []


def _rules(arm: Arm, stack: ExpectedStack) -> dict[str, Json]:
    """The alert rules of the resource group, by id in lower case."""
    try:
        path = f"{stack.resource_group_id}/providers/Microsoft.Insights/scheduledQueryRules"
        return {one["id"].lower(): one for one in arm.entries(path, RULES)}
    except NO_ACCESS:
        return {}


def _is_ours(found: Json | None, scope: str) -> bool:
    """Whether a rule watches the same scope for scheduled events: what an earlier apply has left."""
    properties = (found or {}).get("properties", {})
    scopes = [one.lower() for one in properties.get("scopes", [])]
    queries = " ".join(one.get("query", "") for one in properties.get("criteria", {}).get("allOf", []))
    return scope.lower() in scopes and "containerserviceeventresources" in queries.lower()


def _read(arm: Arm, identifier: str, api_version: str) -> Json | None:
    """A resource, or None where it does not exist or may not be read."""
    try:
        return arm.get(identifier, api_version)
    except NO_ACCESS:
        return None


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
