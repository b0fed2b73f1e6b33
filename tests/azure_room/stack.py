"""A compiled stack, and the same stack in the stand-in, without Terraform."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aks_communication_manager.arm.resource_types import HEALTH_ALERT
from aks_communication_manager.azure.findings import Finding
from aks_communication_manager.azure.stack_ids import StackIds
from aks_communication_manager.compiler import CompiledStack, compile_config
from aks_communication_manager.plan.resources import HealthAlert, ProcessingRule
from tests.azure_room.commands import write
from tests.stand_in import samples
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import CLUSTER, GROUP, SUBSCRIPTION

RULES = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
WHOLE = f"/subscriptions/{SUBSCRIPTION}"
EMAIL = {"type": "email", "name": "email", "email_address": "platform@example.com"}
SMS = {"type": "sms", "name": "sms", "country_code": "31", "phone_number": "0612345678"}


def stack(*scopes: str, receivers: tuple[dict[str, Any], ...] = (EMAIL, SMS), **keys: Any) -> CompiledStack:
    """A stack of two rules for each scope, with more keys of its config."""
    group = {"name": "ag-aks-notices", "short_name": "aksnotices", "receivers": list(receivers)}
    default: dict[str, Any] = {"scopes": list(scopes or (CLUSTER,)), "action_group": group}
    if not scopes and "query" not in keys:
        default["resolved_messages"] = True  # one resource less to look at
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), production=default | keys)
        (compiled,) = compile_config(Path(folder) / "communication-manager.yaml").checked()
        return compiled


def put(azure: AzureEndpoint, identifier: str, body: Any, api_version: str) -> Any:
    answer = ask(azure, "PUT", identifier, body, api_version=api_version)
    assert answer.status in (200, 201), answer.body
    return answer.body


def change(azure: AzureEndpoint, identifier: str, **properties: Any) -> None:
    """Changes properties behind Azure's back, also to what a client could not write."""
    resource = azure.resources[identifier]
    resource["properties"] |= properties
    azure.resources.keep(resource)


def deploy(azure: AzureEndpoint, compiled: CompiledStack) -> None:
    """What an apply leaves."""
    ids = StackIds(compiled)
    for group in ids.action_groups:
        if group.created:
            put(azure, group.id, samples.action_group("emailReceivers", "smsReceivers"), samples.ACTION_GROUP_VERSION)
    principals = {}
    for identity in ids.identities:
        made = put(azure, identity.id, samples.identity(), samples.IDENTITY_VERSION)
        principals[identity.id] = made["properties"]["principalId"]
    for rule in ids.plan.alert_rules:
        minutes = f"PT{rule.evaluation_frequency // timedelta(minutes=1)}M"
        dimensions = [{"name": wanted.name, "operator": "Include", "values": ["*"]} for wanted in rule.dimensions]
        shared = [ids.id_of(identity) for identity in rule.identity_ids]
        body = samples.rule(
            condition={"query": rule.query, "dimensions": dimensions},
            autoMitigate=rule.auto_mitigation_enabled,
            identity=samples.user_assigned(shared[0]) if shared else "system",
            scopes=list(rule.scopes),
            severity=rule.severity,
            evaluationFrequency=minutes,
            windowSize=minutes,
            description=rule.description,
            actions={"actionGroups": [ids.id_of(group) for group in rule.action_groups], "customProperties": {}},
        )
        made = put(azure, rule.id, body, samples.RULE_VERSION)
        principals.setdefault(shared[0] if shared else rule.id, made["identity"].get("principalId"))
    for owner, scope in sorted(ids.assignments):
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
        put(azure, path, samples.assignment(principals[owner]), samples.ASSIGNMENT_VERSION)
    for alert in ids.plan.of(HealthAlert):
        put(azure, alert.id, samples.health_alert(), HEALTH_ALERT.api_version)
    for processing in ids.plan.of(ProcessingRule):
        put(azure, processing.id, samples.suppression(), samples.PROCESSING_RULE_VERSION)


def user_assigned() -> CompiledStack:
    """Two rules that share an identity."""
    return stack(identity="user-assigned")


def problems(rows: list[Finding]) -> list[tuple[str, str, str, str]]:
    """Rows that are not fine, without those about addresses, which are never known to be."""
    found = [(row.subject, row.check, row.verdict, row.text) for row in rows if row.verdict != "ok"]
    return [row for row in found if row[1] != "addresses"]


def fixes(rows: list[Finding]) -> list[str]:
    return [row.fix for row in rows if row.fix and row.check != "addresses"]
