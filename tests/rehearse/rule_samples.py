"""Alert rules and records to rehearse with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aks_communication_manager.notices.record import Record
from aks_communication_manager.plan.resources import (
    ActionGroup,
    AlertRule,
    Dimension,
    NamedReceiver,
    ProcessingRule,
    Reference,
)
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.event_records import states
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.rehearse.rule_set import RuleSet
from aks_communication_manager.rehearse.schedule import Schedule

START = datetime(2026, 12, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-aks"
PROD = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"


def group(name: str, *receivers: NamedReceiver, **changed) -> ActionGroup:
    given = ActionGroup(
        construct_id=name,
        key=(name,),
        id=f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/{name}",
        name=name,
        resource_group="rg",
        receivers=receivers,
    )
    return replace(given, **changed)


TEAM = group("ag-aks-notices", NamedReceiver("email", "platform-team", "a"))

HEAD = f'arg("").containerserviceeventresources | where id startswith "{PROD}/" | extend eventName = name'
FIELDS = "extend status = tostring(properties.eventStatus), eventTime = todatetime(properties.lastUpdateTime)"
STATELESS = (
    f"{HEAD} | {FIELDS} | where eventTime >= ago(35m) and eventTime < ago(5m) | project eventTime, status, eventName"
)
STATEFUL = f"{HEAD} | {FIELDS} | where eventTime >= ago(6h) | project eventTime, status, eventName"


def rule(query: str = STATELESS, split_by=("status",), **changed) -> AlertRule:
    """One that fires when its query returns anything, every 30 minutes."""
    given = AlertRule(
        name="upgrades",
        construct_id="azurerm_monitor_scheduled_query_rules_alert_v2.upgrades",
        key=("upgrades",),
        resource_group="rg",
        id=f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/scheduledQueryRules/upgrades",
        scopes=(PROD,),
        query=query,
        evaluation_frequency=30 * MINUTE,
        severity=3,
        dimensions=tuple(map(Dimension, split_by)),
        action_groups=(Reference("ag-aks-notices", "id"),),
    )
    return replace(given, **changed)


def stateful(**changed) -> AlertRule:
    return rule(STATEFUL, ("status", "eventName"), auto_mitigation_enabled=True, **changed)


def record(
    name: str, after: timedelta, status: str = "Scheduled", lag: timedelta = MINUTE, cluster: str = PROD, **more
):
    """One that happened some time after the start, and shows up a little later."""
    properties = {
        "eventStatus": status,
        "eventDetails": "K8sVersionUpgrade",
        "lastUpdateTime": f"{START + after:%Y-%m-%dT%H:%M:%S.%f}0Z",
        **more,
    }
    row = {
        "id": f"{cluster}/scheduledEvents/{name}",
        "name": name,
        "type": "microsoft.containerservice/managedclusters/scheduledevents",
        "properties": properties,
    }
    return Record(row, START + after + lag)


def processing_rule(name, scopes, *conditions) -> ProcessingRule:
    return ProcessingRule(
        construct_id=name, key=(name,), name=name, resource_group="rg", scopes=scopes, conditions=conditions
    )


def play(rules, records, processing_rules=(), schedule=None, start=START, groups=(TEAM,), **options):
    rules = [rules] if isinstance(rules, AlertRule) else rules
    deployment = Deployment("production", tuple(rules), tuple(groups), tuple(processing_rules))
    return rehearse(RuleSet.from_deployments([deployment]), states(records), schedule or Schedule(), start, **options)


def notified(result) -> dict[str, int]:
    return {event.name: event.notified for event in result.events}
