"""Entries of `adopt`, each by itself."""

import pytest

from aks_communication_manager import Adoption, InvalidArgument
from tests.compiling import planned, said

SUB = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
SCOPE = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
ACTION_GROUP = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag"
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{SUB}"
EXACTLY_ONE = "Give exactly one of rule, action_group, role_assignment."
WHICH_RULE = "missing [ACM068]\n    Name the rule that it becomes with `scope` and `notice`."


def mistakes(**arguments):
    with pytest.raises(InvalidArgument) as error:
        Adoption(**arguments)
    return str(error.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"scope": SCOPE, "notice": "cluster-auto-upgrade", "rule": RULE},
        {"action_group": ACTION_GROUP},
        {"role_assignment": ASSIGNMENT},
        {"scope": SCOPE, "notice": "end-of-support", "role_assignment": ASSIGNMENT},
    ],
)
def test_a_rule_an_action_group_or_an_assignment_is_adopted(arguments):
    adoption = Adoption(**arguments)
    assert adoption == Adoption(**arguments)
    assert hash(adoption) == hash(Adoption(**arguments))
    with pytest.raises(ValueError, match="frozen"):
        adoption.scope = None


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "nothing to adopt"),
        ({"scope": SCOPE, "notice": "cluster-auto-upgrade"}, "nothing to adopt"),
        ({"rule": RULE, "role_assignment": ASSIGNMENT}, "rule and role_assignment"),
    ],
)
def test_an_entry_adopts_exactly_one_resource(arguments, named):
    assert mistakes(**arguments) == f"names {named}; an entry adopts one resource [ACM067]\n    {EXACTLY_ONE}"


def test_adopted_rule_needs_scope_and_notice():
    assert mistakes(rule=RULE) == f"scope: {WHICH_RULE}\nnotice: {WHICH_RULE}"
    assert mistakes(rule=RULE, scope=SCOPE) == f"notice: {WHICH_RULE}"


@pytest.mark.parametrize(
    ("key", "value", "type_"),
    [
        ("rule", "aks-prod", "Microsoft.Insights/scheduledQueryRules"),
        ("rule", ACTION_GROUP, "Microsoft.Insights/scheduledQueryRules"),
        ("action_group", RULE, "Microsoft.Insights/actionGroups"),
    ],
)
def test_ids_are_whole_and_of_the_right_type(key, value, type_):
    assert mistakes(**{"scope": SCOPE, "notice": "end-of-support", key: value}) == (
        f'{key}: "{value}" is not the id of a {type_} [ACM031]\n'
        f"    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/{type_}/<name>"
    )


def test_an_assignment_is_given_by_its_whole_id():
    assert mistakes(role_assignment=SUB) == (
        f'role_assignment: "{SUB}" is not the id of a role assignment on a cluster, a resource group or a subscription [ACM032]\n'
        "    Write it in full, as `az role assignment list --scope <scope> --query [].id` shows it."
    )


def test_its_scope_may_be_a_variable_as_in_scopes():
    adopt = {"scope": {"variable": "prod"}, "notice": "cluster-auto-upgrade", "rule": RULE}
    rules = planned(scopes=[{"variable": "prod"}], adopt=[adopt]).alert_rules
    assert [str(rule.import_id) for rule in rules if rule.import_id] == [RULE]
    assert said(adopt=[adopt]) == (
        'adopt[0].scope: "${var.prod}" is not listed in `scopes` [ACM114]\n    Add it to `scopes`, or correct it here.'
    )
    assert mistakes(scope={"env": "SCOPE"}, notice="end-of-support", rule=RULE) == (
        "scope: {env: …} is for values that can be secret [ACM055]\n"
        "    Write the value, or {variable: NAME} for a Terraform variable."
    )


def test_a_notice_is_known_in_any_letter_case():
    adoption = Adoption(scope=SCOPE, notice="Cluster-Auto-Upgrade", rule=RULE)
    assert adoption.notice == "cluster-auto-upgrade"
    assert mistakes(scope=SCOPE, notice="cluster-upgrade", rule=RULE) == (
        'notice: "cluster-upgrade" is not a notice [ACM025]\n    Did you mean cluster-auto-upgrade?'
    )


def test_all_mistakes_of_an_entry_are_reported_together():
    assert mistakes(scope="", notce="x", rule="y") == (
        'scope: "" is not the id of a cluster, a resource group or a subscription [ACM030]\n'
        "    One of\n"
        "      /subscriptions/<id>\n"
        "      /subscriptions/<id>/resourceGroups/<name>\n"
        "      /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ContainerService/managedClusters/<name>\n"
        'rule: "y" is not the id of a Microsoft.Insights/scheduledQueryRules [ACM031]\n'
        "    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Insights/scheduledQueryRules/<name>\n"
        "notce: unknown key [ACM021]\n"
        "    Did you mean notice?"
    )
