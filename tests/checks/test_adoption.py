"""Adoption: each existing resource once, and in place of one that would be created."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from aks_communication_manager import ActionGroup, Identity
from aks_communication_manager.compiler import compile_config
from tests.compiling import OTHER, SUB, cluster, planned, said

GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
CAPITALS = RULE.replace("rg-aks", "RG-AKS")
ADOPT = {"scope": cluster(), "notice": "cluster-auto-upgrade", "rule": RULE}
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{SUB}"
ASSIGNMENT_2 = ASSIGNMENT.replace(f"roleAssignments/{SUB}", f"roleAssignments/{OTHER}")
READER = {"scope": cluster(), "notice": "cluster-auto-upgrade", "role_assignment": ASSIGNMENT}
GROUP_ID = f"{GROUP}-notices/providers/Microsoft.Insights/actionGroups/ag-aks"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"adopt": [ADOPT | {"scope": cluster("dev")}]},
            f'adopt[0].scope: "{cluster("dev")}" is not listed in `scopes` [ACM114]\n    Add it to `scopes`, or correct it here.',
        ),
        (
            {"adopt": [ADOPT | {"notice": "end-of-support"}]},
            "adopt[0].notice: end-of-support is not listed in `notices` [ACM114]\n    Add it there, or remove this entry.",
        ),
        (
            {"adopt": [ADOPT], "rules": "shared"},
            "adopt[0].rule: a rule created by hand watches one cluster, not all of them [ACM115]\n"
            "    Adopt it with `rules: per-scope`, or delete it in Azure.",
        ),
        (
            {"adopt": [{"action_group": GROUP_ID}], "action_group": ActionGroup.existing(GROUP_ID)},
            "adopt[0].action_group: `action_group` refers to an existing group, so none is created that could adopt it [ACM116]\n"
            "    Describe the group under `action_group`: name, short_name and receivers.",
        ),
        (
            {"adopt": [{"action_group": f"{GROUP_ID}-2"}]},
            'adopt[0].action_group: is named "ag-aks-2", but `action_group` is named "ag-aks": Terraform would replace it [ACM116]\n'
            "    Use its name as `action_group.name`.",
        ),
        (
            {"adopt": [{"role_assignment": ASSIGNMENT}]},
            "adopt[0].role_assignment: each rule has its own identity, so the assignment belongs to one rule [ACM117]\n"
            "    Name the rule with `scope` and `notice`.",
        ),
        (
            {"adopt": [ADOPT, ADOPT | {"notice": "node-os-auto-upgrade", "rule": CAPITALS}]},
            f'adopt[1].rule: "{CAPITALS}" is already adopted by adopt[0].rule [ACM118]\n    Remove it here.',
        ),
        (
            {"adopt": [ADOPT, ADOPT | {"rule": f"{RULE}-2"}]},
            f'adopt[1].rule: "{RULE}-2" would become the same alert rule as adopt[0].rule [ACM118]\n'
            "    Delete one of the two in Azure, or correct `scope` or `notice`.",
        ),
        (
            {"adopt": [ADOPT, ADOPT]},
            f'adopt[1].rule: "{RULE}" is already adopted by adopt[0].rule [ACM118]\n    Remove it here.',
        ),
        (
            {"adopt": [READER, READER | {"role_assignment": ASSIGNMENT_2}]},
            f'adopt[1].role_assignment: "{ASSIGNMENT_2}" would become the same Reader assignment as adopt[0].role_assignment [ACM118]\n'
            "    Keep the one for the principal of that identity.",
        ),
        (
            {
                "adopt": [{"role_assignment": ASSIGNMENT}, {"role_assignment": ASSIGNMENT_2}],
                "identity": Identity.user_assigned(),
            },
            f'adopt[1].role_assignment: "{ASSIGNMENT_2}" would become the same Reader assignment as adopt[0].role_assignment [ACM118]\n'
            "    Keep the one for the principal of that identity.",
        ),
    ],
)
def test_an_adoption_that_cannot_be_is_reported_with_its_place(arguments, text):
    assert said(**arguments) == text


def test_an_adopted_scope_may_be_spelled_in_any_letter_case():
    planned(adopt=[ADOPT | {"scope": cluster("PROD")}])


def test_a_shared_identitys_assignment_needs_no_rule():
    planned(adopt=[{"role_assignment": ASSIGNMENT}], identity=Identity.user_assigned())


def test_an_assignment_of_another_rule_or_scope_is_another_one():
    of_other = {"notice": "node-os-auto-upgrade", "role_assignment": ASSIGNMENT_2}
    on_subscription = ASSIGNMENT_2.replace("/resourceGroups/rg-aks", "")
    planned(adopt=[READER, READER | of_other])
    planned(adopt=[READER, READER | {"role_assignment": on_subscription}])


@pytest.mark.parametrize(
    ("subscription", "subscriptions", "wrong"),
    [(SUB, [SUB, OTHER], 1), (SUB, [OTHER, SUB], 0), (None, [SUB, OTHER], 1), (SUB, [OTHER], 0)],
)
def test_adopted_action_group_is_in_the_own_subscription(subscription, subscriptions, wrong):
    groups = [GROUP_ID.replace(SUB, each) for each in subscriptions]
    assert said(subscription, adopt=[{"action_group": group} for group in groups]) == (
        f'adopt[{wrong}].action_group: "{groups[wrong]}" is not the action group that is created, so nothing can adopt it [ACM136]\n'
        "    Adopt one action group, in the stack's own subscription, or refer to it with `action_group: {id: …}`."
    )
    planned(subscription, adopt=[{"action_group": GROUP_ID}])


def test_a_module_cannot_adopt(tmp_path):
    config = tmp_path / "notices.yaml"
    shipped = yaml.safe_load((Path(__file__).parents[2] / "communication-manager.yaml").read_text(encoding="utf-8"))
    stack = shipped["stacks"]["production"]
    stack |= {"provider": "none", "adopt": [ADOPT | {"scope": stack["scopes"][0]}]}
    config.write_text(yaml.safe_dump(shipped), encoding="utf-8")
    [mistake] = compile_config(config).mistakes
    assert str(replace(mistake, mark=None)) == (
        "stacks.production.adopt: `provider: none` makes a module for another configuration, and Terraform takes import blocks "
        "in a root module only [ACM123]\n"
        "    Remove it, and write the import blocks in the configuration that calls the module."
    )
