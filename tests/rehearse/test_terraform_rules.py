"""Alert rules are read from Terraform's JSON: configuration, plan and state."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from rule_samples import GROUP, PROD, SUBSCRIPTION

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.alert_rules import ActionGroup, Condition, Dimension, NotEvaluated, Receiver

RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
GROUP_TYPE = "azurerm_monitor_action_group"
SUPPRESSION = "azurerm_monitor_alert_processing_rule_suppression"
SNAPSHOTS = Path(__file__).parents[1] / "terraform" / "__snapshots__"
WRITTEN = sorted(
    file for file in SNAPSHOTS.rglob("test_the_terraform_json*.json") if RULE in file.read_text(encoding="utf-8")
)
assert WRITTEN, "without a file nothing would be tested"
TEAM_ID = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag-team"


def body(**changed):
    return {
        "name": "upgrades",
        "resource_group_name": "rg",
        "scopes": [PROD],
        "criteria": [
            {
                "query": 'arg("").containerserviceeventresources | where name != "$${x}" and id startswith "/"',
                "operator": "GreaterThan",
                "threshold": 0,
                "time_aggregation_method": "Count",
                "dimension": [{"name": "status", "operator": "Include", "values": ["*"]}],
                "failing_periods": {
                    "minimum_failing_periods_to_trigger_alert": 2,
                    "number_of_evaluation_periods": 3,
                },
            }
        ],
        "evaluation_frequency": "PT15M",
        "window_duration": "PT15M",
        "severity": 3,
        "identity": {"type": "SystemAssigned"},
        "action": {"action_groups": [f"${{{GROUP_TYPE}.team.id}}"]},
        **changed,
    }


TEAM = {
    "name": "ag-team",
    "resource_group_name": "rg",
    "short_name": "team",
    "email_receiver": [{"name": "people", "email_address": "people@example.com"}],
    "webhook_receiver": {"name": "tickets", "service_uri": "https://example.com/?code=SECRET"},
}


def configuration(rule=None, **more):
    return {
        "provider": {"azurerm": [{"subscription_id": SUBSCRIPTION.rpartition("/")[2]}]},
        "resource": {RULE: {"upgrades": rule or body()}, GROUP_TYPE: {"team": TEAM}, **more},
    }


def read(document):
    return terraform_json.deployment(document, "production")


def only(document):
    (rule,) = read(document).alert_rules
    return rule


def test_a_rule_is_read_with_everything_that_decides_when_it_fires():
    rule = only(configuration(body(auto_mitigation_enabled=False, mute_actions_after_alert_duration="PT1H")))
    assert (rule.name, rule.stack, rule.severity) == ("upgrades", "production", 3)
    assert rule.query == 'arg("").containerserviceeventresources | where name != "${x}" and id startswith "/"'
    assert (rule.evaluation_frequency, rule.mute_actions_after_alert_duration) == (
        timedelta(minutes=15),
        timedelta(hours=1),
    )
    assert (rule.operator, rule.threshold, rule.minimum_failing_periods, rule.evaluation_periods) == (
        "GreaterThan",
        0,
        2,
        3,
    )
    assert rule.dimensions == (Dimension("status", "Include", ("*",)),)
    assert rule.id == f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/scheduledQueryRules/upgrades"
    assert rule.silent == ""


def test_receivers_are_known_by_kind_and_name_and_nothing_secret_is_read():
    deployment = read(configuration())
    (rule,) = deployment.alert_rules
    assert rule.action_groups == (
        ActionGroup("ag-team", (Receiver("email", "people"), Receiver("webhook", "tickets"))),
    )
    assert "SECRET" not in repr(deployment)
    assert "people@example.com" not in repr(deployment)


def test_a_group_that_is_known_by_its_id_alone_has_unknown_receivers():
    elsewhere = TEAM_ID.replace("ag-team", "ag-elsewhere")
    assert only(configuration(body(action={"action_groups": [elsewhere]}))).action_groups == (
        ActionGroup("ag-elsewhere", None),
    )


def test_a_group_of_the_document_is_found_by_its_id_in_any_spelling():
    (group,) = only(configuration(body(action={"action_groups": [TEAM_ID.upper()]}))).action_groups
    assert group.name == "ag-team"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"enabled": False}, "it is disabled, so it notifies nobody"),
        ({"identity": None}, "it has no identity, so it cannot read Resource Graph and notifies nobody"),
        ({"action": None}, "it has no action group, so it notifies nobody"),
    ],
)
def test_a_rule_that_can_notify_nobody_says_why(changed, why):
    assert only(configuration(body(**changed))).silent == why


def test_a_group_that_is_disabled_or_empty_notifies_nobody():
    for group in ({**TEAM, "enabled": False}, {"name": "ag-team", "resource_group_name": "rg"}):
        document = configuration()
        document["resource"][GROUP_TYPE]["team"] = group
        assert only(document).silent == "ag-team is disabled or has no receiver, so it notifies nobody"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"criteria": [{**body()["criteria"][0], "query": 'arg("").x | where id startswith "${lower(var.id)}"'}]},
            "its query is a Terraform expression, which only Terraform can compute",
        ),
        ({"severity": "${var.severity}"}, "its severity is a Terraform expression, which only Terraform can compute"),
        ({"criteria": []}, "its query is not known before Terraform applies it"),
        (
            {"for_each": "${var.clusters}"},
            "it is made by for_each, so what it is only Terraform can compute: pass terraform show -json",
        ),
        (
            {"evaluation_frequency": "soon"},
            '"soon" is not a duration',
        ),
    ],
)
def test_what_only_terraform_can_compute_is_reported_and_not_skipped(changed, reason):
    deployment = read(configuration(body(**changed)))
    assert deployment.alert_rules == ()
    assert deployment.not_evaluated == (NotEvaluated("upgrades", "production", reason),)


def suppression(**changed):
    return {
        "name": "resolved",
        "resource_group_name": "rg",
        "scopes": [GROUP],
        "condition": {
            "monitor_condition": {"operator": "Equals", "values": ["Resolved"]},
            "alert_rule_id": {"operator": "Equals", "values": [f"${{{RULE}.upgrades.id}}"]},
        },
        **changed,
    }


def test_a_processing_rule_is_read_with_references_resolved():
    (one,) = read(configuration(**{SUPPRESSION: {"resolved": suppression()}})).processing_rules
    assert one.scopes == (GROUP,)
    assert one.conditions == (
        Condition("monitor_condition", "Equals", ("Resolved",)),
        Condition("alert_rule_id", "Equals", (only(configuration()).id,)),
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"schedule": [{"time_zone": "UTC"}]},
            "it has a schedule, which is not rehearsed: its suppression is left out",
        ),
        (
            {"scopes": ["${var.group}"]},
            "it filters by a Terraform expression, which only Terraform can compute: its suppression is left out",
        ),
        (
            {"condition": {"alert_context": {"operator": "Contains", "values": ["x"]}}},
            "it filters by alert_context, which is not rehearsed: its suppression is left out",
        ),
    ],
)
def test_a_processing_rule_that_cannot_be_rehearsed_is_reported(changed, reason):
    deployment = read(configuration(**{SUPPRESSION: {"resolved": suppression(**changed)}}))
    assert deployment.processing_rules == ()
    assert deployment.not_evaluated == (NotEvaluated("resolved", "production", reason),)


def test_a_disabled_processing_rule_suppresses_nothing():
    assert read(configuration(**{SUPPRESSION: {"resolved": suppression(enabled=False)}})).processing_rules == ()


def plan(action_groups, **more):
    values = body(action=[{"action_groups": action_groups}], identity=[{"type": "SystemAssigned"}])
    values["criteria"][0]["failing_periods"] = [values["criteria"][0]["failing_periods"]]
    resources = [
        {
            "address": f"module.aks.{RULE}.upgrades",
            "mode": "managed",
            "type": RULE,
            "name": "upgrades",
            "values": values,
        },
        {
            "address": f"module.aks.{GROUP_TYPE}.team",
            "mode": "managed",
            "type": GROUP_TYPE,
            "name": "team",
            "values": TEAM,
        },
    ]
    return {"root_module": {"child_modules": [{"address": "module.aks", "resources": resources}]}, **more}


def test_a_plan_refers_to_groups_that_do_not_exist_yet_through_its_configuration():
    expressions = {"action": [{"action_groups": {"references": [f"{GROUP_TYPE}.team.id", f"{GROUP_TYPE}.team"]}}]}
    document = {
        "format_version": "1.2",
        "planned_values": plan(None),
        "configuration": {
            "root_module": {
                "module_calls": {
                    "aks": {"module": {"resources": [{"address": f"{RULE}.upgrades", "expressions": expressions}]}}
                }
            }
        },
    }
    rule = only(document)
    assert [group.name for group in rule.action_groups] == ["ag-team"]
    assert (rule.minimum_failing_periods, rule.evaluation_periods) == (2, 3)
    assert '"$${x}"' in rule.query  # a plan holds values and no templates


def test_a_plan_with_another_configuration_leaves_the_groups_unknown():
    document = {"format_version": "1.2", "planned_values": plan(None), "configuration": []}
    assert only(document).silent == "it has no action group, so it notifies nobody"


def test_a_state_names_groups_by_id():
    document = {"format_version": "1.0", "values": plan([TEAM_ID])}
    document["values"]["root_module"]["child_modules"][0]["resources"][1]["values"] = {**TEAM, "id": TEAM_ID}
    assert [group.name for group in only(document).action_groups] == ["ag-team"]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem[-40:])
def test_everything_that_we_write_can_be_read(file):
    document = json.loads(file.read_text(encoding="utf-8"))
    deployment = terraform_json.deployment(document, "production")
    suppressing = "azurerm_monitor_alert_processing_rule_suppression"
    read = [*deployment.alert_rules, *deployment.processing_rules, *deployment.not_evaluated]
    assert len(read) == len(document["resource"][RULE]) + len(document["resource"].get(suppressing, {}))
    assert not any(rule.silent for rule in deployment.alert_rules)
    if "tokens" not in file.name:
        assert deployment.not_evaluated == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{",
            "{file}: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1) [ACM161]\n"
            "    A plan file has to go through terraform show -json first.",
        ),
        (
            "[" * 100_000,
            "{file}: not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string [ACM161]\n"
            "    A plan file has to go through terraform show -json first.",
        ),
        (
            "[]",
            "{file}: neither Terraform's JSON configuration nor the output of terraform show -json [ACM161]\n"
            "    Name a cdk.tf.json, or what terraform show -json writes for a plan or a state.",
        ),
        (
            None,
            "{file}: No such file or directory [ACM161]\n    Name a cdk.tf.json, or the output of terraform show -json.",
        ),
    ],
)
def test_a_file_that_is_not_terraforms_json_is_refused(tmp_path, text, message):
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgument) as error:
        terraform_json.read(file)
    assert str(error.value) == message.replace("{file}", str(file))


def test_a_stack_has_the_name_that_cdktf_gave_it_or_that_of_its_file(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in (folder / "cdk.tf.json", tmp_path / "other.tf.json", tmp_path / "plan.json"):
        file.write_text(json.dumps(configuration()), encoding="utf-8")
        assert (
            terraform_json.read(file).stack
            == {"cdk.tf.json": "folder", "other.tf.json": "other", "plan.json": "plan"}[file.name]
        )
    named = configuration() | {"//": {"metadata": {"stackName": "production"}}}
    (folder / "cdk.tf.json").write_text(json.dumps(named), encoding="utf-8")
    assert terraform_json.read(folder / "cdk.tf.json").stack == "production"
