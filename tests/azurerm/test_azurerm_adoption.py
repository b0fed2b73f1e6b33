"""What was made by hand is imported, changed to what the config says, and made no second time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.azurerm.deployment import Deployment, config, read_only
from tests.azurerm.readback import assert_is_as_configured
from tests.azurerm.test_azurerm_examples import EXAMPLES
from tests.stand_in import samples
from tests.stand_in.authorization import ROLES
from tests.stand_in.client import ask
from tests.stand_in.terraform import TerraformError
from tests.synthesis import GROUP, READER, RULE, SUBSCRIPTION, cluster, resource_group

pytestmark = pytest.mark.azurerm

EXAMPLE = EXAMPLES / "adopt.yaml"
ACTION_GROUP = f"{resource_group('rg-aks-notices')}/providers/Microsoft.Insights/actionGroups/ag-aks-notices"
BY_HAND = f"{resource_group('rg-monitoring')}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
ASSIGNMENT = (
    f"{resource_group()}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-7777-7777-777777777777"
)


def make_by_hand(deployment: Deployment, **of_rule: Any) -> str:
    """A rule as the how-to has people click it, its action group, and Reader on the resource group; the rule's principal."""
    azure = deployment.azure
    deployment.seed()
    azure.seed(resource_group("rg-monitoring"))

    def put(identifier: str, body: dict[str, Any], version: str) -> dict[str, Any]:
        answer = ask(azure, "PUT", identifier, body, api_version=version)
        assert answer.status == 201, answer
        return answer.body

    put(ACTION_GROUP, samples.action_group("emailReceivers", "smsReceivers"), samples.ACTION_GROUP_VERSION)
    rule = samples.rule(scopes=[cluster()], description="clicked in the portal", **of_rule)
    principal: str = put(BY_HAND, rule, samples.RULE_VERSION)["identity"]["principalId"]
    put(ASSIGNMENT, samples.assignment(principal), samples.ASSIGNMENT_VERSION)
    return principal


def test_what_was_made_by_hand_is_imported_and_changed_in_place(deployment: Deployment):
    terraform = deployment.load(EXAMPLE, "adopt")
    principal = make_by_hand(deployment)
    changes = [change for change in terraform.apply_planned() if change.type != "output"]
    taken = {change.type: change.actions for change in changes if "import" in change.actions}
    assert taken == {RULE: ("update", "import"), GROUP: ("update", "import"), READER: ("no-op", "import")}
    made = [change.type for change in changes if change.actions == ("create",)]
    assert sorted(made) == sorted([RULE, READER, READER, READER, "azurerm_monitor_alert_processing_rule_suppression"])
    assert len(changes) == len(taken) + len(made)
    assert terraform.plan() == []
    rules = {"aks-prod": cluster(), "node-os-auto-upgrade-prod@rg-aks": cluster()}
    assert_is_as_configured(deployment.azure, deployment.settings, rules)
    with deployment.sdk() as sdk:
        assert {rule.name: rule.identity.principal_id for rule in sdk.rules()}["aks-prod"] == principal
        assert ASSIGNMENT in {one.id for one in sdk.role_assignments()}
        assert [group.name for group in sdk.action_groups()] == ["ag-aks-notices"]


def test_what_a_portal_leaves_is_not_replaced(deployment: Deployment):
    """Other regions, other letter case in ids, another role with a condition: everything that azurerm would replace."""
    azure = deployment.azure
    other_case = {
        ACTION_GROUP: f"{resource_group('RG-AKS-Notices')}/providers/microsoft.insights/actiongroups/AG-aks-notices",
        BY_HAND: f"{resource_group('RG-Monitoring')}/providers/microsoft.insights/scheduledqueryrules/AKS-prod",
        ASSIGNMENT: ASSIGNMENT.replace("rg-aks", "RG-AKS"),
    }
    of_prod = {"scope": cluster(), "notice": "cluster-auto-upgrade"}
    keys = config(
        notices=["cluster-auto-upgrade"],
        reader_scopes=["resource-group"],
        resolved_messages=True,
        adopt=[
            {"action_group": other_case[ACTION_GROUP]},
            of_prod | {"rule": other_case[BY_HAND]},
            of_prod | {"role_assignment": other_case[ASSIGNMENT]},
        ],
    )
    terraform = deployment.write(keys)
    deployment.seed()
    azure.seed(resource_group("rg-monitoring"))
    regional = {"location": "northeurope"}
    group = samples.action_group("emailReceivers") | regional
    ask(azure, "PUT", ACTION_GROUP, group, api_version=samples.ACTION_GROUP_VERSION)
    rule = samples.rule(scopes=[resource_group()], description="clicked in the portal") | regional
    answer = ask(azure, "PUT", BY_HAND, rule, api_version=samples.RULE_VERSION)
    assignment = samples.assignment(
        answer.body["identity"]["principalId"],
        roleDefinitionId=f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLES['Contributor']}",
        description="made by hand",
        condition="@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'a'",
        conditionVersion="2.0",
    )
    answer = ask(azure, "PUT", ASSIGNMENT, assignment, api_version=samples.ASSIGNMENT_VERSION)
    assert answer.status == 201, answer
    changes = {change.type: change.actions for change in terraform.apply_planned() if change.type != "output"}
    assert changes == {RULE: ("update", "import"), GROUP: ("update", "import"), READER: ("no-op", "import")}
    assert terraform.plan() == []


def test_without_adoption_azure_refuses_what_is_there_already(deployment: Deployment):
    """Why ``adopt`` is there: Terraform does not take over by itself what it did not make."""
    terraform = deployment.write(config(**read_only()))
    make_by_hand(deployment)
    with pytest.raises(TerraformError, match="already exists"):
        terraform.apply()
