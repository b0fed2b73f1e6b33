"""Scopes that only Terraform knows: what its functions make of them is what literal ids would have given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cdktf import TerraformVariable

from aks_communication_manager import Identity
from tests.azurerm.deployment import Deployment, config
from tests.azurerm.prepared import VERSION, for_version
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.reader import read_azure
from tests.stand_in.terraform import Terraform
from tests.synthesis import SUBSCRIPTION, cluster, manager, resource_group, stack, synth

pytestmark = pytest.mark.azurerm

# Azure may spell the keywords of an id in its own way.
GIVEN = cluster("Prod-1").replace("resourceGroups", "resourcegroups")


@pytest.mark.parametrize("rules", ["per-scope", "shared"])
def test_a_variable_gives_the_rules_that_the_id_would_give(
    rules: str, azure: AzureEndpoint, tmp_path: Path, provider_cache: Path
):
    made = stack()
    scope = TerraformVariable(made, "cluster_id", type="string").string_value
    manager(made, scopes=[scope], rules=rules, identity=Identity.user_assigned(), reader_scopes=["scope"])
    (tmp_path / "cdk.tf.json").write_text(json.dumps(for_version(synth(made))))
    (tmp_path / "terraform.tfvars.json").write_text(json.dumps({"cluster_id": GIVEN}))
    azure.seed(cluster("Prod-1"), resource_group("rg-aks-notices"))
    terraform = Terraform(tmp_path, azure.environment(SUBSCRIPTION))
    terraform.init(VERSION, provider_cache)
    terraform.apply()
    assert terraform.plan() == []
    with read_azure(azure, SUBSCRIPTION) as sdk:
        found = {rule.name: rule for rule in sdk.rules()}
        assert len(sdk.role_assignments()) == 1
    form = "-shared" if rules == "shared" else "-Prod-1@rg-aks"
    assert set(found) == {f"{notice}{form}" for notice in ("cluster-auto-upgrade", "node-os-auto-upgrade")}
    for rule in found.values():
        assert f'id startswith "{GIVEN}/"' in rule.criteria.all_of[0].query
        assert rule.actions.custom_properties.get("cluster", "Prod-1") == "Prod-1"


def test_what_looks_like_an_expression_is_in_azure_as_it_was_written(deployment: Deployment):
    odd = 'a ${var.x} %{ if true } $${y} "quoted" \\ é'
    terraform = deployment.write(config(custom_properties={"note": odd}, tags={"note": odd}))
    deployment.seed()
    terraform.apply()
    assert terraform.plan() == []
    with deployment.sdk() as sdk:
        assert {rule.actions.custom_properties["note"] for rule in sdk.rules()} == {odd}
        assert [group.tags for group in sdk.action_groups()] == [{"note": odd}]
