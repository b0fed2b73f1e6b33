"""Where only Terraform knows a value, the reader says so: nothing is guessed, and nothing is taken for absent."""

from __future__ import annotations

import json

import pytest
from rule_samples import HOUR, group, play, record, rule
from rule_samples import notified as heard
from terraform_samples import (
    GROUP_TYPE,
    RULE,
    SUPPRESSION,
    TEAM,
    body,
    configuration,
    notified,
    only,
    plan,
    read,
    reasons,
    suppression,
)

from aks_communication_manager.cli.rehearse_timeline import reached
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.plan.resources import Dimension
from aks_communication_manager.rehearse import terraform_json

CRITERIA = body()["criteria"][0]
EXPRESSION = "is a Terraform expression, which only Terraform can compute"
DYNAMIC = "is a dynamic block, which only Terraform can compute"


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ({"action_groups": "${var.ids}"}, "${var.ids}"),
        ({"action_groups": ["${var.id}"]}, "${var.id}"),
        ({"action_groups": [f"${{{GROUP_TYPE}.elsewhere.id}}"]}, f"${{{GROUP_TYPE}.elsewhere.id}}"),
        ({"action_groups": f"${{{GROUP_TYPE}.team[*].id}}"}, f"${{{GROUP_TYPE}.team[*].id}}"),
        ("${var.actions}", "${action}"),
    ],
)
def test_an_expression_for_action_groups_has_unknown_receivers(action, name):
    assert notified(configuration(body(action=action))) == {name: None}


def test_a_rule_with_unknown_receivers_is_evaluated():
    result = play(rule(action_groups=("${var.ids}",)), [record("a", HOUR)])
    assert [(one.action_group, one.receivers) for one in result.notifications] == [("${var.ids}", None)]
    assert reached(result.notifications[0]) == "${var.ids} (its receivers are not known here)"
    assert heard(result) == {"a": 1}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"criteria": [{**CRITERIA, "dimension": [{**CRITERIA["dimension"][0], "values": "${var.statuses}"}]}]},
            f"its dimension.values {EXPRESSION}",
        ),
        (
            {"criteria": [{**CRITERIA, "dimension": [{**CRITERIA["dimension"][0], "values": ["${var.status}"]}]}]},
            f"its dimension.values {EXPRESSION}",
        ),
        ({"criteria": "${var.criteria}"}, f"its criteria {EXPRESSION}"),
        ({"enabled": "${var.on}"}, f"its enabled {EXPRESSION}"),
        ({"scopes": "${var.scopes}"}, f"its scopes {EXPRESSION}"),
        ({"identity": "${var.identity}"}, f"its identity {EXPRESSION}"),
        ({"severity": "${var.severity}"}, f"its severity {EXPRESSION}"),
        ({"auto_mitigation_enabled": "${var.stateful}"}, f"its auto_mitigation_enabled {EXPRESSION}"),
        (
            {"criteria": [{**CRITERIA, "dynamic": {"dimension": {"for_each": "${var.columns}", "content": {}}}}]},
            f"its dimension {DYNAMIC}",
        ),
        (
            {"dynamic": {"identity": {"for_each": "${var.ids}", "content": {}}}, "identity": None},
            f"its identity {DYNAMIC}",
        ),
    ],
)
def test_an_expression_for_what_decides_about_alerts_is_reported(changed, reason):
    assert reasons(configuration(body(**changed))) == [reason]


@pytest.mark.parametrize(
    "changed",
    [
        {"email_receiver": "${var.mails}"},
        {"enabled": "${var.on}"},
        {"email_receiver": None, "dynamic": {"email_receiver": {"for_each": "${var.mails}", "content": {}}}},
        {"email_receiver": None, "dynamic": [{"email_receiver": [{"for_each": "${var.mails}", "content": [{}]}]}]},
    ],
)
def test_an_expression_in_an_action_group_leaves_its_receivers_unknown(changed):
    document = configuration()
    document["resource"][GROUP_TYPE]["team"] = {**TEAM, **changed}
    assert notified(document) == {"ag-team": None}


def test_a_dynamic_action_has_unknown_receivers():
    dynamic = {"action": {"for_each": "${var.ids}", "content": {"action_groups": ["${action.value}"]}}}
    assert notified(configuration(body(action=None, dynamic=dynamic))) == {"${action}": None}


def test_dynamic_blocks_over_what_is_written_out_are_computed():
    dimensions = {
        "for_each": {"status": ["Failed"], "eventName": ["*"]},
        "iterator": "column",
        "content": {"name": "${column.key}", "operator": "Include", "values": "${column.value}"},
    }
    criteria = {**CRITERIA, "dimension": [], "dynamic": {"dimension": dimensions}}
    assert only(configuration(body(criteria=[criteria]))).dimensions == (
        Dimension("status", "Include", ("Failed",)),
        Dimension("eventName"),
    )
    mails = {"for_each": [{"who": "a"}, {"who": "b"}], "content": {"name": "${email_receiver.value.who}"}}
    document = configuration()
    document["resource"][GROUP_TYPE]["team"] = {**TEAM, "email_receiver": None, "dynamic": {"email_receiver": mails}}
    assert notified(document) == {"ag-team": ["a", "b", "tickets"]}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"enabled": "false"}, {"enabled": False}),
        ({"enabled": "0"}, {"enabled": False}),
        ({"enabled": "1"}, {"enabled": True}),
        ({"auto_mitigation_enabled": "true"}, {"auto_mitigation_enabled": True}),
        ({"severity": "1"}, {"severity": 1}),
        ({"criteria": [{**CRITERIA, "threshold": "0.5"}]}, {"threshold": 0.5}),
        ({"description": True}, {"description": "true"}),
        ({"description": 2.0}, {"description": "2"}),
        ({"description": 10**400}, {"description": str(10**400)}),
    ],
)
def test_text_is_converted_as_terraform_converts_it(changed, expected):
    found = only(configuration(body(**changed)))
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"enabled": "yes"}, 'its enabled is "yes", not true or false'),
        ({"severity": "high"}, 'its severity is "high", not a number'),
        ({"severity": True}, "its severity is true, not a number"),
        ({"severity": 7}, "its severity is 7; Azure takes whole numbers from 0 to 4"),
        ({"severity": float("nan")}, "its severity is a number, not a number"),
        ({"scopes": 1}, "its scopes is a number, not a list"),
        ({"scopes": [{}]}, "its scopes is an object, not text"),
        ({"criteria": [{**CRITERIA, "query": []}]}, "its query is a list, not text"),
        ({"criteria": [{**CRITERIA, "dimension": 3}]}, "its dimension is a number, not a block"),
        ({"action": {"action_groups": 1}}, "its action.action_groups is a number, not a list"),
        ({"evaluation_frequency": "PT0S"}, 'its evaluation_frequency is "PT0S", which Azure does not take'),
        ({"evaluation_frequency": "P999999D"}, 'its evaluation_frequency is "P999999D", which Azure does not take'),
        (
            {"criteria": [{**CRITERIA, "failing_periods": {"number_of_evaluation_periods": 1_000_000}}]},
            "its failing_periods.number_of_evaluation_periods is 1e+06; Azure takes whole numbers from 1 to 6",
        ),
    ],
)
def test_a_value_of_the_wrong_type_or_range_is_reported(changed, reason):
    assert reasons(configuration(body(**changed))) == [reason]


TEAM_GROUP = f"{GROUP_TYPE}.team"
UNKNOWN_GROUPS = {"action": [{"action_groups": True}]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (plan(None, configured=["var.group_id"]), {"${var.group_id}": None}),
        (plan([None], configured=["var.group_id"]), {"${var.group_id}": None}),
        (plan([None], configured=["local.group_id"]), {"${local.group_id}": None}),
        (plan([None], configured=["module.groups.id", "module.groups"]), {"${module.groups.id}": None}),
        (plan(None, configured=["var.groups"], after_unknown=UNKNOWN_GROUPS), {"${var.groups}": None}),
        (plan(None, after_unknown=UNKNOWN_GROUPS), {"${action.action_groups}": None}),
        (
            plan([None, None], configured=[f"{TEAM_GROUP}.id", TEAM_GROUP, "var.other"]),
            {"ag-team": ["people", "tickets"], "${var.other}": None},
        ),
        (plan(["/x/actionGroups/known", None], configured=["var.other"]), {"known": None, "${var.other}": None}),
        (
            plan([None], configured=[f"{TEAM_GROUP}[0].id", f"{TEAM_GROUP}[0]", TEAM_GROUP], groups=("[0]", "[1]")),
            {"ag-team[0]": ["people", "tickets"]},
        ),
        (
            plan(
                [None],
                configured=[f'{TEAM_GROUP}["k"].id', f'{TEAM_GROUP}["k"]', TEAM_GROUP],
                groups=('["j"]', '["k"]'),
            ),
            {'ag-team["k"]': ["people", "tickets"]},
        ),
        (
            plan([None], configured=[TEAM_GROUP, "each.key"], index='["k"]', groups=('["j"]', '["k"]')),
            {'ag-team["k"]': ["people", "tickets"]},
        ),
        (
            plan([None], configured=[TEAM_GROUP], index='["k"]', groups=('["j"]', '["k"]')),
            {f"${{{TEAM_GROUP}}}": None},
        ),
        (plan([None], configured=[TEAM_GROUP], groups=("[0]",)), {"ag-team[0]": ["people", "tickets"]}),
    ],
)
def test_a_group_that_a_plan_does_not_know_yet_is_not_absent(document, expected):
    assert notified(document) == expected


def test_a_group_that_a_plan_knows_to_be_absent_is_absent():
    document = plan(None, configured=["var.groups"], after_unknown={"action": [{}]})
    assert reasons(document) == ["it has no action group, so it notifies nobody"]


@pytest.mark.parametrize(
    "values",
    [
        {"action_groups": ["${azurerm_monitor_action_group.team[0].id}"]},
        {"action_groups": ['${azurerm_monitor_action_group.team["k"].id}']},
    ],
)
def test_a_configuration_has_one_block_for_all_instances_of_a_group(values):
    assert notified(configuration(body(action=values))) == {"ag-team": ["people", "tickets"]}


def test_a_group_of_another_stack_is_found_by_its_literal_id():
    there = configuration()
    del there["resource"][RULE]
    here = configuration(body(action={"action_groups": [f"{'/'.join(TEAM_PATH)}"]}))
    del here["resource"][GROUP_TYPE]
    assert notified(here, there) == {"ag-team": ["people", "tickets"]}


TEAM_PATH = group("AG-Team").id.split("/")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scopes": "${var.s}"}, f"its scopes {EXPRESSION}"),
        ({"enabled": "${var.on}"}, f"its enabled {EXPRESSION}"),
        ({"condition": "${var.c}"}, f"its condition {EXPRESSION}"),
        (
            {"condition": {"severity": {"operator": "Equals", "values": "${var.v}"}}},
            f"its condition.severity.values {EXPRESSION}",
        ),
        (
            {"dynamic": {"condition": {"for_each": "${var.c}", "content": {}}}, "condition": None},
            f"its condition {DYNAMIC}",
        ),
    ],
)
def test_a_processing_rule_with_an_expression_is_left_out_and_reported(changed, reason):
    document = configuration(**{SUPPRESSION: {"resolved": suppression(**changed)}})
    assert read(document).processing_rules == ()
    assert [one.reason for one in read(document).not_evaluated] == [f"{reason}: its suppression is left out"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"resource": 1}, "resource: not an object"),
        ({"resource": {RULE: [1]}}, f"resource.{RULE}: not an object"),
        ({"planned_values": 1}, "planned_values: not an object"),
        (
            {"planned_values": {"root_module": {"resources": [{"type": RULE}]}}},
            "planned_values.root_module.resources[0].address: missing",
        ),
    ],
)
def test_a_document_of_another_shape_is_refused_with_its_path(document, problem):
    with pytest.raises(InvalidArgument) as error:
        terraform_json.parse(document, "production", "plan.json")
    assert str(error.value).splitlines()[0] == f"plan.json: {problem} [ACM161]"


def test_half_of_a_surrogate_pair_is_replaced_as_terraform_replaces_it(tmp_path):
    file = tmp_path / "cdk.tf.json"
    text = json.dumps(configuration(body(name="a\ud800b", description="\\ud800 \U0001f600")))
    file.write_text(text, encoding="utf-8")
    [found] = terraform_json.read(file).alert_rules
    assert (found.name, found.description) == ("a\ufffdb", "\\ud800 \U0001f600")


def test_a_provider_with_an_alias_decides_about_the_subscription_of_an_id():
    document = configuration(body(provider="azurerm.west"))
    document["provider"]["azurerm"].append({"alias": "west", "subscription_id": "2222"})
    assert only(document).id.startswith("/subscriptions/2222/")
