"""Alert rules are read from Terraform's JSON: configuration, plan and state."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from rule_samples import GROUP, SUBSCRIPTION
from terraform_samples import (
    GROUP_TYPE,
    RULE,
    SUPPRESSION,
    TEAM,
    TEAM_ID,
    body,
    configuration,
    notified,
    only,
    plan,
    read,
    reasons,
    suppression,
)

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.plan.resources import Condition, Dimension, Reference
from aks_communication_manager.rehearse import terraform_json
from aks_communication_manager.rehearse.deployment import NotEvaluated
from aks_communication_manager.rehearse.rule_set import RuleSet

SNAPSHOTS = Path(__file__).parents[1] / "terraform" / "__snapshots__"
WRITTEN = sorted(
    file for file in SNAPSHOTS.rglob("test_the_terraform_json*.json") if RULE in file.read_text(encoding="utf-8")
)
assert WRITTEN, "without a file nothing would be tested"


def test_a_rule_is_read_with_everything_that_decides_when_it_fires():
    rule = only(configuration(body(auto_mitigation_enabled=False, mute_actions_after_alert_duration="PT1H")))
    assert (rule.name, rule.severity) == ("upgrades", 3)
    assert rule.query == 'arg("").containerserviceeventresources | where name != "${x}" and id startswith "/"'
    assert (rule.evaluation_frequency, rule.mute_actions_after_alert_duration) == (
        timedelta(minutes=15),
        timedelta(hours=1),
    )
    assert (
        rule.operator,
        rule.threshold,
        rule.minimum_failing_periods_to_trigger_alert,
        rule.number_of_evaluation_periods,
    ) == (
        "GreaterThan",
        0,
        2,
        3,
    )
    assert rule.dimensions == (Dimension("status", "Include", ("*",)),)
    assert rule.id == f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/scheduledQueryRules/upgrades"
    assert (rule.enabled, rule.identity_type) == (True, "SystemAssigned")
    assert rule.action_groups == (Reference(f"{GROUP_TYPE}.team", "id"),)


def test_receivers_are_known_by_kind_and_name_and_nothing_secret_is_read():
    deployment = read(configuration())
    (group,) = deployment.action_groups
    assert [(one.kind, one.name) for one in group.receivers] == [("email", "people"), ("webhook", "tickets")]
    assert "SECRET" not in repr(deployment)
    assert "people@example.com" not in repr(deployment)


def test_a_group_that_is_known_by_its_id_alone_has_unknown_receivers():
    elsewhere = TEAM_ID.replace("ag-team", "ag-elsewhere")
    assert notified(configuration(body(action={"action_groups": [elsewhere]}))) == {"ag-elsewhere": None}


def test_a_group_of_the_document_is_found_by_its_id_in_any_spelling():
    assert list(notified(configuration(body(action={"action_groups": [TEAM_ID.upper()]})))) == ["ag-team"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"enabled": False}, "it is disabled, so it notifies nobody"),
        ({"identity": None}, "it has no identity, so it cannot read Resource Graph and notifies nobody"),
        ({"action": None}, "it has no action group, so it notifies nobody"),
    ],
)
def test_a_rule_that_can_notify_nobody_says_why(changed, why):
    assert reasons(configuration(body(**changed))) == [why]


def test_a_group_that_is_disabled_or_empty_notifies_nobody():
    for group in ({**TEAM, "enabled": False}, {"name": "ag-team", "resource_group_name": "rg"}):
        document = configuration()
        document["resource"][GROUP_TYPE]["team"] = group
        assert reasons(document) == ["ag-team is disabled or has no receiver, so it notifies nobody"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"criteria": [{**body()["criteria"][0], "query": 'arg("").x | where id startswith "${lower(var.id)}"'}]},
            "its query is a Terraform expression, which only Terraform can compute",
        ),
        ({"severity": "${var.severity}"}, "its severity is a Terraform expression, which only Terraform can compute"),
        ({"criteria": []}, "it has no query"),
        (
            {"for_each": "${var.clusters}"},
            "it is made by for_each, which only Terraform can compute: pass terraform show -json",
        ),
        (
            {"evaluation_frequency": "soon"},
            'its evaluation_frequency is "soon", which is not a duration',
        ),
    ],
)
def test_what_only_terraform_can_compute_is_reported_and_not_skipped(changed, reason):
    deployment = read(configuration(body(**changed)))
    assert deployment.alert_rules == ()
    assert deployment.not_evaluated == (NotEvaluated("upgrades", "production", reason),)


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
            "its scopes is a Terraform expression, which only Terraform can compute: its suppression is left out",
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


def test_a_plan_finds_future_groups_through_its_configuration():
    document = plan(None, configured=[f"{GROUP_TYPE}.team.id", f"{GROUP_TYPE}.team"])
    assert notified(document) == {"ag-team": ["people", "tickets"]}
    rule = only(document)
    assert (rule.minimum_failing_periods_to_trigger_alert, rule.number_of_evaluation_periods) == (2, 3)
    assert '"$${x}"' in rule.query  # a plan holds values and no templates


def test_empty_values_of_a_state_are_arguments_not_set():
    """Values that azurerm 4.55 writes into a state for arguments that the configuration leaves out."""
    empty = {
        "description": "",
        "mute_actions_after_alert_duration": "",
        "target_resource_types": [],
        "tags": None,
    }
    condition = {
        "alert_context": [],
        "alert_rule_name": [],
        "monitor_condition": [{"operator": "Equals", "values": ["Resolved"]}],
    }
    processing = suppression(condition=[condition], schedule=[], description="", tags=None)
    deployment = read(configuration(body(**empty), **{SUPPRESSION: {"resolved": processing}}))
    assert deployment.not_evaluated == ()
    (rule,), (suppressed,) = deployment.alert_rules, deployment.processing_rules
    assert rule.mute_actions_after_alert_duration is None
    assert [condition.field for condition in suppressed.conditions] == ["monitor_condition"]


def test_a_state_names_groups_by_id():
    document = {"format_version": "1.0", "values": plan([TEAM_ID])["planned_values"]}
    document["values"]["root_module"]["child_modules"][0]["resources"][1]["values"] = {**TEAM, "id": TEAM_ID}
    assert list(notified(document)) == ["ag-team"]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem[-40:])
def test_everything_that_we_write_can_be_read(file):
    document = json.loads(file.read_text(encoding="utf-8"))
    deployment = terraform_json.parse(document, "production")
    suppressing = "azurerm_monitor_alert_processing_rule_suppression"
    read = [*deployment.alert_rules, *deployment.processing_rules, *deployment.not_evaluated]
    assert len(read) == len(document["resource"][RULE]) + len(document["resource"].get(suppressing, {}))
    assert RuleSet.from_deployments([deployment]).silent == ()
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
            '[command]/opt/terraform-bin show -json plan\n{"resource": {}}\n',
            "{file}: not JSON: Expecting value: line 1 column 2 (char 1) [ACM161]\n"
            "    A plan file has to go through terraform show -json first. "
            "Lines or prefixes of a wrapper have to go: terraform_wrapper: false in setup-terraform.",
        ),
        (
            "[" * 100_000,
            "{file}: not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string [ACM161]\n"
            "    A plan file has to go through terraform show -json first.",
        ),
        (
            "[]",
            "{file}: neither Terraform's JSON configuration nor the output of terraform show -json [ACM161]\n"
            "    Name a cdk.tf.json, or the output of terraform show -json for a plan or a state.",
        ),
        (
            None,
            "{file}: No such file or directory [ACM161]\n    Name a cdk.tf.json, or the output of terraform show -json for a plan or a state.",
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
