"""Terraform documents with a few values changed: each is rehearsed, or ends in a message of ours."""

from __future__ import annotations

import json
import random
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.rehearse import stories, terraform_json
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.rehearse.rule_set import RuleSet
from tests.fuzz.inputs import change_values
from tests.fuzz.trial import Outcome

SECONDS = 20
"""Of the processor, for one document. A rule's query is translated once, so the first takes longest."""

_RULE, _GROUP = "azurerm_monitor_scheduled_query_rules_alert_v2", "azurerm_monitor_action_group"
_SUPPRESSION = "azurerm_monitor_alert_processing_rule_suppression"
_CLUSTER = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
_START = datetime(2026, 12, 1, tzinfo=UTC)
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 1e300, 10**400, "", "x", "0", "false", "nan", "PT0S", "P999999D", "PT5M", "soon", [], {}, [None],
    [{}], [[]], {"x": 1}, "${var.x}", ["${var.x}"], "${", "%{ if x }", "$${x}", "\ud800", "a\x00b", "a\x1b[2Jb", "é" * 300, "*",
    [["*"]], {"for_each": [1], "content": {}}, {"dimension": {"for_each": ["a"], "content": {"name": "${dimension.value}"}}},
    f"${{{_GROUP}.team.id}}", f"{_GROUP}.team[0].id", [1, "a", None], "not(" * 300, "arg('').x",
)  # fmt: skip


@cache
def documents() -> tuple[str, ...]:
    """The documents that are changed: a configuration with everything that is read, and a plan."""
    query = (
        f'arg("").containerserviceeventresources | where id startswith "{_CLUSTER}/" '
        "| extend status = tostring(properties.eventStatus), eventTime = todatetime(properties.lastUpdateTime) "
        "| where eventTime >= ago(1h) | project eventTime, status, eventName = name"
    )
    rule = {
        "name": "upgrades",
        "resource_group_name": "rg",
        "scopes": [_CLUSTER],
        "criteria": [
            {
                "query": query,
                "operator": "GreaterThan",
                "threshold": 0,
                "time_aggregation_method": "Count",
                "dimension": [{"name": "status", "operator": "Include", "values": ["*"]}],
                "failing_periods": {"minimum_failing_periods_to_trigger_alert": 1, "number_of_evaluation_periods": 1},
            }
        ],
        "evaluation_frequency": "PT30M",
        "window_duration": "PT30M",
        "severity": 3,
        "auto_mitigation_enabled": True,
        "enabled": True,
        "description": "AKS",
        "identity": {"type": "SystemAssigned"},
        "action": {"action_groups": [f"${{{_GROUP}.team.id}}"]},
    }
    group = {
        "name": "ag",
        "resource_group_name": "rg",
        "short_name": "ag",
        "enabled": True,
        "email_receiver": [{"name": "people", "email_address": "people@example.com"}],
        "webhook_receiver": {"name": "tickets", "service_uri": "https://example.com/"},
    }
    suppression = {
        "name": "resolved",
        "resource_group_name": "rg",
        "scopes": [_CLUSTER],
        "condition": {
            "monitor_condition": {"operator": "Equals", "values": ["Resolved"]},
            "alert_rule_id": {"operator": "Equals", "values": [f"${{{_RULE}.upgrades.id}}"]},
        },
    }
    configuration = {
        "//": {"metadata": {"stackName": "production"}},
        "provider": {"azurerm": [{"subscription_id": "1"}, {"alias": "west", "subscription_id": "2"}]},
        "resource": {_RULE: {"upgrades": rule}, _GROUP: {"team": group}, _SUPPRESSION: {"resolved": suppression}},
    }
    values = {**rule, "action": [{"action_groups": [None]}]}
    module = {
        "address": "module.aks",
        "resources": [
            {"address": f"module.aks.{_RULE}.upgrades", "mode": "managed", "type": _RULE, "values": values},
            {"address": f"module.aks.{_GROUP}.team[0]", "mode": "managed", "type": _GROUP, "values": group},
        ],
    }
    written = {"action": [{"action_groups": {"references": [f"{_GROUP}.team[0].id", f"{_GROUP}.team[0]"]}}]}
    configured = {"resources": [{"address": f"{_RULE}.upgrades", "expressions": written}]}
    unknown = {"action": [{"action_groups": [True]}]}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [module]}},
        "resource_changes": [{"address": f"module.aks.{_RULE}.upgrades", "change": {"after_unknown": unknown}}],
        "configuration": {"root_module": {"module_calls": {"aks": {"module": configured}}}},
    }
    return json.dumps(configuration), json.dumps(plan)


def changed(seed: int, number: int) -> bytes:
    """A document with one to four changes."""
    chance = random.Random(f"{seed} {number}")
    document = json.loads(chance.choice(documents()))
    for _ in range(chance.randint(1, 4)):
        change_values(chance, document, _VALUES)
    return json.dumps(document).encode()


def run(seed: int, numbers: range) -> Outcome:
    """Rehearse these documents, one after the other."""
    outcome = Outcome()
    records = stories.records("failure", [_CLUSTER], _START)[:6]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = Path(folder, "plan.json")
        for number in numbers:
            content = changed(seed, number)
            file.write_bytes(content)
            signal.signal(signal.SIGPROF, _late)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                result = rehearse(RuleSet.from_deployments([terraform_json.read(file)]), records, start=_START)
                json.dumps([one.reason for one in result.not_evaluated], ensure_ascii=False).encode()
                outcome.ends["a rehearsal" if result.notifications else "silence or reasons"] += 1
            except InvalidArgument as error:
                outcome.ends["a message"] += 1
                str(error).encode()
            except BaseException as error:
                outcome.crashed(number, error, content)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {timedelta(seconds=SECONDS)}")
