"""A stack as values, and the same stack in the stand-in, without Terraform."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.expected import ExpectedResource, ExpectedRule, ExpectedStack
from aks_communication_manager.azure.findings import Finding
from tests.stand_in import samples
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, IDENTITY, SUBSCRIPTION

QUERY = 'arg("").containerserviceeventresources\n| project status'
RULES = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
WHOLE = f"/subscriptions/{SUBSCRIPTION}"


def rule(notice: str = "cluster-auto-upgrade", scope: str = CLUSTER, **changed: Any) -> ExpectedRule:
    default = ExpectedRule(
        id=f"{RULES}/{notice}-prod@rg-aks",
        notice=notice,
        query=QUERY,
        severity=3,
        evaluation_frequency=timedelta(minutes=15),
        scope=scope,
        watched=(ArmId.parse(scope),),
        action_group=ACTION_GROUP,
        readers=(CLUSTER_GROUP, WHOLE),
        description="A cluster auto-upgrade",
        dimensions=("status",),
    )
    return replace(default, **changed)


def stack(*rules: ExpectedRule, **changed: Any) -> ExpectedStack:
    values: dict[str, Any] = {
        "name": "production",
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": "rg-aks-notices",
        "creates_resource_group": False,
        "rules": rules or (rule(), rule("node-os-auto-upgrade")),
        "action_groups": (ExpectedResource(ACTION_GROUP),),
        **changed,
    }
    return ExpectedStack(**values)


def put(azure: AzureEndpoint, identifier: str, body: Any, api_version: str) -> Any:
    answer = ask(azure, "PUT", identifier, body, api_version=api_version)
    assert answer.status in (200, 201), answer.body
    return answer.body


def change(azure: AzureEndpoint, identifier: str, **properties: Any) -> None:
    """Changes properties behind Azure's back, also to what a client could not write."""
    resource = azure.resources[identifier]
    resource["properties"] |= properties
    azure.resources.keep(resource)


def deploy(azure: AzureEndpoint, expected: ExpectedStack) -> None:
    """What an apply leaves."""
    for group in expected.action_groups:
        if group.created:
            put(azure, group.id, samples.action_group("emailReceivers", "smsReceivers"), samples.ACTION_GROUP_VERSION)
    principals = {}
    for identity in expected.identities:
        made = put(azure, identity.id, samples.identity(), samples.IDENTITY_VERSION)
        principals[identity.id] = made["properties"]["principalId"]
    for one in expected.rules:
        minutes = f"PT{one.evaluation_frequency // timedelta(minutes=1)}M"
        dimensions = [{"name": name, "operator": "Include", "values": ["*"]} for name in one.dimensions]
        body = samples.rule(
            condition={"query": one.query, "dimensions": dimensions},
            autoMitigate=one.stateful,
            identity=samples.user_assigned(one.identity) if one.identity else "system",
            scopes=[one.scope],
            severity=one.severity,
            evaluationFrequency=minutes,
            windowSize=minutes,
            actions={"actionGroups": [one.action_group], "customProperties": {}},
        )
        made = put(azure, one.id, body, samples.RULE_VERSION)
        principals.setdefault(one.identity or one.id, made["identity"].get("principalId"))
    for owner, scope in sorted(expected.created_assignments):
        body = samples.assignment(principals[owner])
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
        put(azure, path, body, samples.ASSIGNMENT_VERSION)
    for processing in expected.processing_rules:
        put(azure, processing.id, samples.suppression(), samples.PROCESSING_RULE_VERSION)


def user_assigned() -> ExpectedStack:
    """Two rules that share an identity."""
    rules = (rule(identity=IDENTITY), rule("node-os-auto-upgrade", identity=IDENTITY))
    return stack(*rules, identities=(ExpectedResource(IDENTITY),))


def problems(rows: list[Finding]) -> list[tuple[str, str, str, str]]:
    """What is not fine."""
    return [(row.subject, row.check, row.verdict, row.text) for row in rows if row.verdict != "ok"]


def fixes(rows: list[Finding]) -> list[str]:
    return [row.fix for row in rows if row.fix]
