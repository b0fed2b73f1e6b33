"""What status says of everything that can break behind Terraform's back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.liveness import status
from aks_communication_manager.text import listed
from tests.azure_room.stack import WHOLE, change, deploy, fixes, problems, put, stack, user_assigned
from tests.stand_in import samples
from tests.stand_in.authorization import ASSIGNMENTS, ROLES
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.samples import (
    ACTION_GROUP,
    CLUSTER,
    CLUSTER_GROUP,
    GROUP,
    IDENTITY,
    PROCESSING_RULE,
    SUBSCRIPTION,
)

EXPECTED = stack()
FIRST, SECOND = EXPECTED.plan.alert_rules
QUERY = FIRST.query
ALL = listed(dimension.name for dimension in FIRST.dimensions)
NAMES = f"--subscription {SUBSCRIPTION} --resource-group rg-aks-notices"


@pytest.fixture
def deployed(azure: AzureEndpoint) -> AzureEndpoint:
    deploy(azure, EXPECTED)
    return azure


def remove_readers(azure: AzureEndpoint, scope: str, principal: str = "") -> None:
    for one in azure.resources.of_type(ASSIGNMENTS):
        if one["properties"]["scope"] == scope and principal in one["properties"]["principalId"]:
            azure.resources.remove(one["id"])


def principal_of(azure: AzureEndpoint, identifier: str) -> str:
    return str(azure.resources[identifier]["identity"]["principalId"])


def test_what_an_apply_leaves_is_fine(deployed: AzureEndpoint, arm: Arm):
    assert [(row.subject, row.check, row.verdict, row.text) for row in status(arm, EXPECTED)] == [
        (FIRST.name, "rule", "ok", "is enabled, has the query of the config and may read what it watches"),
        (SECOND.name, "rule", "ok", "is enabled, has the query of the config and may read what it watches"),
        ("ag-aks-notices", "action group", "ok", "notifies 2 receivers"),
        (
            "ag-aks-notices",
            "addresses",
            "attention",
            "Azure does not show whether the e-mail address is verified; send a test to find out",
        ),
        ("aks-notices-health", "health alert", "ok", "notifies when Azure reports a rule as degraded or unavailable"),
        ("alert processing rules", "processing rules", "ok", "none suppresses an alert that fires"),
    ]


def test_rules_that_share_an_identity_are_fine(azure: AzureEndpoint, arm: Arm):
    deploy(azure, user_assigned())
    rows = status(arm, user_assigned())
    assert problems(rows) == []
    assert (rows[0].subject, rows[0].check, rows[0].text) == ("id-aks-notices", "identity", "exists")


# Rules


def test_a_rule_that_does_not_exist_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    deployed.resources.remove(FIRST.id)
    rows = status(arm, EXPECTED)
    assert problems(rows) == [(FIRST.name, "rule", "wrong", "does not exist, or this login cannot see it")]
    assert fixes(rows) == ["cdktf deploy production"]


def test_a_rule_that_is_disabled_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    change(deployed, FIRST.id, enabled=False)
    rows = status(arm, EXPECTED)
    assert problems(rows) == [(FIRST.name, "rule", "wrong", "is disabled")]
    assert fixes(rows) == ["cdktf deploy production"]  # `az monitor scheduled-query update` would take its identity


def test_another_query_is_found_and_other_line_ends_are_not(deployed: AzureEndpoint, arm: Arm):
    condition = deployed.resources[FIRST.id]["properties"]["criteria"]["allOf"][0]
    change(deployed, FIRST.id, criteria={"allOf": [condition | {"query": QUERY.replace("\n", " \r\n") + "\r\n"}]})
    assert problems(status(arm, EXPECTED)) == []
    change(deployed, FIRST.id, criteria={"allOf": [condition | {"query": f"{QUERY} | where false"}]})
    assert problems(status(arm, EXPECTED)) == [(FIRST.name, "query", "wrong", "is not the query of the config")]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"threshold": 5}, "fires at Count GreaterThan 5 in 1 evaluation, not at the first row"),
        ({"operator": "LessThan"}, "fires at Count LessThan 0 in 1 evaluation, not at the first row"),
        (
            {"failingPeriods": {"minFailingPeriodsToAlert": 2, "numberOfEvaluationPeriods": 3}},
            "fires at Count GreaterThan 0 in 2 evaluations, not at the first row",
        ),
        ({"failingPeriods": None, "threshold": 0.0}, None),
        (
            {"dimensions": [{"name": "status", "operator": "Include", "values": ["Failed"]}]},
            f"does not split by all values of {ALL}, so it misses events or does not say what happened",
        ),
        (
            {"dimensions": []},
            f"does not split by all values of {ALL}, so it misses events or does not say what happened",
        ),
    ],
)
def test_a_condition_that_fewer_rows_meet_is_found(deployed: AzureEndpoint, arm: Arm, changed, text):
    condition = deployed.resources[FIRST.id]["properties"]["criteria"]["allOf"][0]
    change(deployed, FIRST.id, criteria={"allOf": [condition | changed]})
    assert problems(status(arm, EXPECTED)) == ([(FIRST.name, "condition", "wrong", text)] if text else [])


@pytest.mark.parametrize(
    ("query", "changed", "text"),
    [
        ("documented", {"autoMitigate": True}, "is stateful, unlike the config, so it misses events"),
        ("hardened", {"autoMitigate": False}, "is stateless, unlike the config, so it repeats events"),
        ("hardened", {"muteActionsDuration": "PT1H"}, "is muted for PT1H after an alert, so it misses events"),
        ("hardened", {"muteActionsDuration": None}, None),
    ],
)
def test_another_delivery_is_found(azure: AzureEndpoint, arm: Arm, query, changed, text):
    expected = stack(query=query, notices=["cluster-auto-upgrade"])
    deploy(azure, expected)
    change(azure, FIRST.id, **changed)
    assert problems(status(arm, expected)) == ([(FIRST.name, "delivery", "wrong", text)] if text else [])


def test_another_frequency_is_found(deployed: AzureEndpoint, arm: Arm):
    change(deployed, FIRST.id, evaluationFrequency="PT1H")
    assert (FIRST.name, "frequency", "wrong", "is PT1H, not that of the config") in problems(status(arm, EXPECTED))
    change(deployed, FIRST.id, evaluationFrequency="PT15M")
    assert problems(status(arm, EXPECTED)) == []


def test_a_rule_that_calls_no_action_group_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    change(deployed, FIRST.id, actions={})
    assert problems(status(arm, EXPECTED)) == [(FIRST.name, "action group", "wrong", "does not call ag-aks-notices")]


@pytest.mark.parametrize(
    ("summary", "meaning", "fix"),
    [
        (
            "Unauthorized to run query.",
            "its identity may not run the query: make it Reader of what the rule watches",
            True,
        ),
        (
            "Dimension combinations limit exceeded",
            "its rows have more combinations of dimension values than Azure evaluates: set `grouping: digest`",
            False,
        ),
        (
            "Active alerts limit exceeded",
            "it has more open alerts than Azure keeps: set `grouping: digest`",
            False,
        ),
        (
            "Query is throttled",
            "Azure limits the queries of its identity: use a slower `evaluation_frequency` or fewer rules",
            False,
        ),
        (
            "The query fails with a semantic error.",
            "its query is not valid: apply the stack, or correct your own query",
            True,
        ),
        (
            "The rule was disabled.",
            "it is disabled, as Azure does after a week of failures: correct their cause, then apply the stack",
            True,
        ),
        ("Something new", "", False),
    ],
)
def test_bad_health_is_wrong_and_its_cause_explained(deployed: AzureEndpoint, arm: Arm, summary, meaning, fix):
    deployed.health.summaries[FIRST.id.lower()] = summary
    rows = status(arm, EXPECTED)
    text = f"Azure reports Unavailable: {summary.rstrip('.')}{'; ' if meaning else ''}{meaning}"
    assert problems(rows) == [(FIRST.name, "health", "wrong", text)]
    assert fixes(rows) == (["cdktf deploy production"] if fix else [])


def test_unknown_health_deserves_attention(deployed: AzureEndpoint, arm: Arm):
    change(deployed, FIRST.id, evaluationFrequency="PT1H")
    text = "Azure does not know whether it works, as in the first minutes of a rule"
    assert (FIRST.name, "health", "attention", text) in problems(status(arm, EXPECTED))


def test_health_is_not_asked_for_where_azure_does_not_report_it(azure: AzureEndpoint, arm: Arm):
    expected = stack(evaluation_frequency="PT30M")
    deploy(azure, expected)
    assert problems(status(arm, expected)) == []
    assert azure.asked("GET", "ResourceHealth") == []


# Identities and Reader


def test_a_rule_without_its_identity_never_fires(deployed: AzureEndpoint, arm: Arm):
    resource = deployed.resources[FIRST.id]
    del resource["identity"]
    deployed.resources.keep(resource)
    assert problems(status(arm, EXPECTED)) == [
        (FIRST.name, "identity", "wrong", "the rule has no system-assigned identity, so it never fires")
    ]


def test_an_identity_that_was_deleted_is_said_once(azure: AzureEndpoint, arm: Arm):
    deploy(azure, user_assigned())
    azure.resources.remove(IDENTITY)
    assert problems(status(arm, user_assigned())) == [
        (
            "id-aks-notices",
            "identity",
            "wrong",
            "does not exist, or this login cannot see it; rules that use it never fire",
        )
    ]


def test_a_rule_that_uses_another_identity_is_wrong(azure: AzureEndpoint, arm: Arm):
    deploy(azure, user_assigned())
    resource = azure.resources[FIRST.id]
    resource["identity"]["userAssignedIdentities"] = {f"{IDENTITY}-2": {"principalId": "p"}}
    azure.resources.keep(resource)
    assert problems(status(arm, user_assigned())) == [
        (FIRST.name, "identity", "wrong", "the rule does not use the identity id-aks-notices, so it never fires")
    ]


def test_a_rule_that_may_not_read_its_cluster_never_fires(deployed: AzureEndpoint, arm: Arm):
    principal = principal_of(deployed, FIRST.id)
    remove_readers(deployed, CLUSTER_GROUP, principal)
    remove_readers(deployed, WHOLE, principal)
    rows = status(arm, EXPECTED)
    assert problems(rows) == [
        (FIRST.name, "Reader", "wrong", "its identity may not read the cluster prod, so it never fires")
    ]
    assert fixes(rows) == ["cdktf deploy production"]  # an assignment by hand would make the next apply fail


def test_a_right_that_the_stack_does_not_give_is_given_by_hand(azure: AzureEndpoint, arm: Arm):
    expected = stack(identity={"id": IDENTITY}, reader_scopes=[], notices=["cluster-auto-upgrade"])
    deploy(azure, expected)
    principal = azure.resources[IDENTITY]["properties"]["principalId"]
    assert fixes(status(arm, expected)) == [
        f"az role assignment create --assignee-object-id {principal} --assignee-principal-type ServicePrincipal "
        f"--role Reader --scope {CLUSTER}"
    ]


def test_the_fix_for_a_foreign_action_group_patches_enabled_alone(azure: AzureEndpoint, arm: Arm):
    expected = stack(action_group={"id": ACTION_GROUP})
    put(azure, ACTION_GROUP, samples.action_group("smsReceivers"), samples.ACTION_GROUP_VERSION)
    deploy(azure, expected)
    change(azure, ACTION_GROUP, enabled=False)
    assert fixes(status(arm, expected)) == [
        f"az rest --method patch --url '{ACTION_GROUP}?api-version=2023-01-01' "
        '--body \'{"properties": {"enabled": true}}\''
    ]


def test_a_missing_assignment_that_another_covers_deserves_attention(deployed: AzureEndpoint, arm: Arm):
    remove_readers(deployed, WHOLE, principal_of(deployed, FIRST.id))
    assert problems(status(arm, EXPECTED)) == [
        (
            FIRST.name,
            "Reader",
            "attention",
            f"its identity is no longer Reader of the subscription {SUBSCRIPTION}, but still reads what it watches",
        )
    ]


@pytest.mark.parametrize(
    ("role", "reads"),
    [("Monitoring Reader", True), ("Contributor", True), ("Azure Kubernetes Service Cluster User Role", False)],
)
def test_any_role_that_may_read_clusters_is_enough(azure: AzureEndpoint, arm: Arm, role: str, reads: bool):
    expected = stack(identity={"id": IDENTITY}, reader_scopes=[], notices=["cluster-auto-upgrade"])
    deploy(azure, expected)
    principal = azure.resources[IDENTITY]["properties"]["principalId"]
    definition = f"{WHOLE}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
    body = samples.assignment(principal, roleDefinitionId=definition)
    put(azure, f"{CLUSTER}/providers/{ASSIGNMENTS}/{uuid4()}", body, samples.ASSIGNMENT_VERSION)
    assert [row[1:3] for row in problems(status(arm, expected))] == ([] if reads else [("Reader", "wrong")])


def test_a_role_that_comes_through_a_group_counts(deployed: AzureEndpoint, arm: Arm, monkeypatch: Any):
    """The stand-in has no groups: here every assignment of the second rule's identity is one of a group with the first."""
    first, second = principal_of(deployed, FIRST.id), principal_of(deployed, SECOND.id)
    remove_readers(deployed, WHOLE, first)
    remove_readers(deployed, CLUSTER_GROUP, first)

    def as_member(request: Any) -> None:
        wanted = request.query.get("$filter", "")
        request.query["$filter"] = wanted.replace(first, second)

    deployed.on_request(as_member)
    assert problems(status(arm, EXPECTED)) == []


def test_a_login_that_may_not_read_assignments_is_reported_so(deployed: AzureEndpoint, arm: Arm):
    remove_readers(deployed, CLUSTER_GROUP)
    deployed.rights.roles = [(GROUP, "Owner"), (CLUSTER, "Reader")]
    found = problems(status(arm, EXPECTED))
    assert (FIRST.name, "Reader", "attention", "this login may not read role assignments") in found
    assert (SUBSCRIPTION, "processing rules", "attention", "this login may not read alert processing rules") in found


# Action groups


def test_a_test_notification_shows_whether_an_address_is_verified(deployed: AzureEndpoint, arm: Arm):
    (row,) = [row for row in status(arm, EXPECTED) if row.check == "addresses"]
    assert row.fix == (
        f"az monitor action-group test-notifications create {NAMES} --action-group ag-aks-notices --alert-type logalertv2 "
        "--add-action email email '<address>' usecommonalertschema"
    )
    change(deployed, ACTION_GROUP, emailReceivers=[])
    assert [row for row in status(arm, EXPECTED) if row.check == "addresses"] == []


def receivers(azure: AzureEndpoint, *disabled: str) -> None:
    properties = azure.resources[ACTION_GROUP]["properties"]
    for kind in ("emailReceivers", "smsReceivers"):
        for one in properties[kind]:
            one["status"] = "Disabled" if one["name"] in disabled else "Enabled"
    change(azure, ACTION_GROUP, **properties)


def test_an_action_group_that_does_not_exist_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    deployed.resources.remove(ACTION_GROUP)
    assert problems(status(arm, EXPECTED)) == [
        ("ag-aks-notices", "action group", "wrong", "does not exist, or this login cannot see it; nobody is notified")
    ]


def test_an_action_group_that_is_disabled_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    change(deployed, ACTION_GROUP, enabled=False)
    rows = status(arm, EXPECTED)
    assert problems(rows) == [("ag-aks-notices", "action group", "wrong", "is disabled, so nobody is notified")]
    assert fixes(rows) == ["cdktf deploy production"]


def test_an_action_group_without_receivers_notifies_nobody(deployed: AzureEndpoint, arm: Arm):
    change(deployed, ACTION_GROUP, emailReceivers=[], smsReceivers=[])
    assert problems(status(arm, EXPECTED)) == [
        ("ag-aks-notices", "action group", "wrong", "has no receiver, so nobody is notified")
    ]


def test_receivers_that_were_disabled_are_named_without_their_addresses(deployed: AzureEndpoint, arm: Arm):
    receivers(deployed, "email")
    rows = status(arm, EXPECTED)
    assert problems(rows) == [("ag-aks-notices", "action group", "attention", "1 of 2 receivers are disabled: email")]
    assert fixes(rows) == [
        "az monitor action-group enable-receiver --subscription " + SUBSCRIPTION + " --resource-group rg-aks-notices "
        "--action-group ag-aks-notices --name email"
    ]
    receivers(deployed, "email", "sms")
    assert problems(status(arm, EXPECTED)) == [
        ("ag-aks-notices", "action group", "wrong", "every receiver is disabled (email, sms), so nobody is notified")
    ]
    assert "platform@example.com" not in repr(status(arm, EXPECTED))


# Processing rules


def suppress(azure: AzureEndpoint, *conditions: dict[str, Any], name: str = "maintenance", **properties: Any) -> None:
    body = samples.suppression(**{"scopes": [WHOLE], "conditions": list(conditions), **properties})
    put(azure, f"{GROUP}/providers/Microsoft.AlertsManagement/actionRules/{name}", body, "2021-08-08")


def ended(**span: float) -> str:
    """A time of a schedule, which has no zone: in some zone, one of less than a day ago is still to come."""
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%S}"


def condition(field: str, operator: str, *values: str) -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values)}


def test_a_processing_rule_that_suppresses_everything_is_wrong(deployed: AzureEndpoint, arm: Arm):
    suppress(deployed)
    rows = status(arm, EXPECTED)
    assert problems(rows) == [
        (
            "maintenance",
            "processing rules",
            "wrong",
            f"suppresses every alert of 2 rules ({FIRST.name}, …), so nobody is notified; disabled, it lets all other alerts "
            "through too",
        )
    ]
    rule = f"{GROUP}/providers/Microsoft.AlertsManagement/actionRules/maintenance"
    assert fixes(rows) == [
        f"az rest --method patch --url '{rule}?api-version=2021-08-08' --body '{{\"properties\": {{\"enabled\": false}}}}'"
    ]


@pytest.mark.parametrize(
    ("conditions", "verdicts"),
    [
        ([condition("MonitorCondition", "Equals", "Resolved")], []),
        ([condition("MonitorCondition", "NotEquals", "Fired")], []),
        ([condition("MonitorCondition", "NotEquals", "Resolved")], ["wrong"]),
        ([condition("MonitorCondition", "Equals", "Fired", "Resolved")], ["wrong"]),
        ([condition("Severity", "Equals", "Sev0", "Sev1")], []),
        ([condition("Severity", "Equals", "Sev3", "Sev4")], ["wrong"]),
        ([condition("Severity", "NotEquals", "Sev4")], ["wrong"]),
        ([condition("AlertRuleName", "Contains", "auto-upgrade")], ["wrong"]),
        ([condition("AlertRuleName", "DoesNotContain", "auto-upgrade")], []),
        ([condition("AlertRuleId", "Equals", FIRST.id.upper(), SECOND.id)], ["wrong"]),
        ([condition("AlertRuleId", "Equals", f"{GROUP}-2")], []),
        ([condition("MonitorService", "Equals", "Platform", "Log Alerts V2")], ["wrong"]),
        ([condition("MonitorService", "NotEquals", "Log Alerts V2")], []),
        ([condition("SignalType", "Equals", "Metric")], []),
        ([condition("TargetResourceType", "Equals", "microsoft.containerservice/managedclusters")], ["wrong"]),
        ([condition("TargetResourceType", "Equals", "microsoft.compute/virtualmachines")], []),
        ([condition("TargetResource", "Contains", "managedclusters/prod")], ["wrong"]),
        ([condition("AlertContext", "Contains", "x")], ["attention"]),
        ([condition("AlertContext", "Contains", "x"), condition("Severity", "Equals", "Sev0")], []),
        ([condition("Description", "Contains", "Kubernetes version auto")], ["wrong"]),
    ],
)
def test_conditions_decide_whether_alerts_are_suppressed(deployed: AzureEndpoint, arm: Arm, conditions, verdicts):
    suppress(deployed, *conditions)
    assert [verdict for _, _, verdict, _ in problems(status(arm, EXPECTED))] == verdicts


@pytest.mark.parametrize(
    ("properties", "verdicts"),
    [
        ({"enabled": False}, []),
        ({"scopes": [CLUSTER]}, ["wrong"]),
        ({"scopes": [f"{CLUSTER}-2"]}, []),
        ({"scopes": [GROUP]}, []),
        ({"schedule": {"effectiveFrom": "2020-01-01T00:00:00", "effectiveUntil": "2020-02-01T00:00:00"}}, []),
        ({"schedule": {"effectiveFrom": "2020-01-01T00:00:00", "effectiveUntil": ended(hours=25)}}, []),
        ({"schedule": {"effectiveFrom": "2020-01-01T00:00:00", "effectiveUntil": ended(hours=23)}}, ["attention"]),
        (
            {"schedule": {"effectiveFrom": "2020-01-01T00:00:00", "effectiveUntil": "2220-02-01T00:00:00"}},
            ["attention"],
        ),
        ({"actions": [{"actionType": "AddActionGroups", "actionGroupIds": [ACTION_GROUP]}]}, []),
        (
            {
                "actions": [
                    {"actionType": "RemoveAllActionGroups"},
                    {"actionType": "AddActionGroups", "actionGroupIds": [ACTION_GROUP]},
                ]
            },
            ["wrong"],
        ),
    ],
)
def test_scope_schedule_and_action_decide_too(deployed: AzureEndpoint, arm: Arm, properties, verdicts):
    suppress(deployed, **properties)
    assert [verdict for _, _, verdict, _ in problems(status(arm, EXPECTED))] == verdicts


def test_a_processing_rule_for_one_cluster_may_concern_a_rule_over_many(azure: AzureEndpoint, arm: Arm):
    expected = stack(WHOLE, notices=["cluster-auto-upgrade"])
    deploy(azure, expected)
    suppress(azure, scopes=[CLUSTER])
    assert problems(status(arm, expected)) == [
        (
            "maintenance",
            "processing rules",
            "attention",
            f"may suppress alerts of {expected.plan.alert_rules[0].name}: its schedule, scopes or conditions match some of them",
        )
    ]


def test_the_stacks_own_processing_rule_suppresses_no_fired_alert(azure: AzureEndpoint, arm: Arm):
    expected = stack(resolved_messages=False)
    deploy(azure, expected)
    assert problems(status(arm, expected)) == []
    change(azure, PROCESSING_RULE, enabled=False)
    assert problems(status(arm, expected)) == [
        (
            "aks-notices-resolved",
            "processing rules",
            "attention",
            "is disabled, so people get Azure's Resolved messages too",
        )
    ]
    azure.resources.remove(PROCESSING_RULE)
    assert problems(status(arm, expected)) == [
        (
            "aks-notices-resolved",
            "processing rules",
            "attention",
            "does not exist, so people get Azure's Resolved messages too",
        )
    ]


def test_the_health_alert_has_to_exist_and_to_be_enabled(azure: AzureEndpoint, arm: Arm):
    expected = stack(health_alert=True)
    deploy(azure, expected)
    assert problems(status(arm, expected)) == []
    (alert,) = azure.resources.of_type("Microsoft.Insights/activityLogAlerts")
    change(azure, alert["id"], enabled=False)
    nobody = "so nobody hears of rules that stop working"
    assert problems(status(arm, expected)) == [
        ("aks-notices-health", "health alert", "attention", f"is disabled, {nobody}")
    ]
    azure.resources.remove(alert["id"])
    assert problems(status(arm, expected)) == [
        ("aks-notices-health", "health alert", "attention", f"does not exist, or this login cannot see it, {nobody}")
    ]
