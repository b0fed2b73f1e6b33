"""Scopes that only Terraform will know."""

from __future__ import annotations

import pytest
from cdktf import TerraformVariable, Token
from cdktf_cdktf_provider_azurerm.data_azurerm_kubernetes_cluster import DataAzurermKubernetesCluster
from cdktf_cdktf_provider_azurerm.kubernetes_cluster import (
    KubernetesCluster,
    KubernetesClusterDefaultNodePool,
    KubernetesClusterIdentity,
)
from tests.synthesis import (
    IDENTITY,
    READER,
    RULE,
    by_name,
    cluster,
    manager,
    query_of,
    resources,
    stack,
    synth,
    terraform,
)

from aks_communication_manager import Identity, InvalidArgument

ADDRESS = "azurerm_kubernetes_cluster.prod.id"


def kubernetes_cluster(scope, name="prod"):
    return KubernetesCluster(
        scope,
        name,
        name=name,
        location="westeurope",
        resource_group_name="rg-aks",
        dns_prefix=name,
        default_node_pool=KubernetesClusterDefaultNodePool(name="system", vm_size="Standard_D2s_v5", node_count=1),
        identity=KubernetesClusterIdentity(type="SystemAssigned"),
    )


def test_a_cluster_of_the_same_program_is_watched_named_and_read_by_terraform_functions():
    document = terraform(
        lambda made: manager(made, scopes=[kubernetes_cluster(made).id], notices=["cluster-auto-upgrade"])
    )
    [(logical_id, rule)] = resources(document, RULE).items()
    assert rule["scopes"] == [f"${{{ADDRESS}}}"]
    assert rule["name"] == (
        f'cluster-auto-upgrade-${{element(regex("(?i)/managedClusters/([^/]+)$", {ADDRESS}), 0)}}'
        f'@${{element(split("/", {ADDRESS}), 4)}}'
    )
    assert f'id startswith ${{jsonencode("${{{ADDRESS}}}/")}}' in query_of(rule)
    assert {entry["scope"] for entry in resources(document, READER).values()} == {
        f'${{join("/", slice(split("/", {ADDRESS}), 0, 5))}}',
        f'${{join("/", slice(split("/", {ADDRESS}), 0, 3))}}',
    }
    assert "TfToken" not in str(document)
    assert "prod" in logical_id


def test_a_data_source_and_a_variable_are_scopes_too():
    def build(made):
        data = DataAzurermKubernetesCluster(made, "dev", name="dev", resource_group_name="rg-dev")
        variable = TerraformVariable(made, "cluster_id", type="string")
        manager(made, scopes=[data.id, variable.string_value])

    rules = resources(terraform(build), RULE)
    assert {rule["scopes"][0] for rule in rules.values()} == {
        "${data.azurerm_kubernetes_cluster.dev.id}",
        "${var.cluster_id}",
    }
    assert len({rule["name"] for rule in rules.values()}) == 4


def test_a_token_is_known_by_its_address_so_adding_a_cluster_in_front_replaces_nothing():
    def build(names):
        def put(made):
            ids = {name: kubernetes_cluster(made, name).id for name in ("prod", "dev", "new")}
            manager(made, scopes=[ids[name] for name in names])

        return terraform(put)

    before, after = build(["prod", "dev"]), build(["new", "prod", "dev"])
    for type_ in (RULE, READER):
        for logical_id, values in resources(before, type_).items():
            assert resources(after, type_)[logical_id] == values
    assert len(resources(after, RULE)) == 6


def test_the_same_cluster_twice_is_a_mistake_also_as_a_token():
    made = stack()
    prod = kubernetes_cluster(made)
    with pytest.raises(InvalidArgument, match=r"scopes\[1\]: azurerm_kubernetes_cluster\.prod\.id is listed twice"):
        manager(made, scopes=[prod.id, Token.as_string(prod.id)])


def test_one_identity_for_a_token_beside_another_scope_must_say_where_it_reads():
    made = stack()
    scopes = [kubernetes_cluster(made).id, cluster("dev")]
    with pytest.raises(
        InvalidArgument, match=r"reader_scopes: one identity reads for a scope that only Terraform knows"
    ):
        manager(made, scopes=scopes, identity=Identity.user_assigned())
    manager(made, scopes=scopes, identity=Identity.user_assigned(), reader_scopes=["scope"])
    document = synth(made)
    assert {entry["scope"] for entry in resources(document, READER).values()} == {f"${{{ADDRESS}}}", cluster("dev")}
    assert len(resources(document, IDENTITY)) == 1


def test_one_identity_for_one_token_reads_as_documented():
    document = terraform(
        lambda made: manager(made, scopes=[kubernetes_cluster(made).id], identity=Identity.user_assigned())
    )
    assert len(resources(document, READER)) == 2
    assert all(len(rule["depends_on"]) == 2 for rule in resources(document, RULE).values())


def test_a_shared_rule_over_tokens_quotes_each_by_terraform():
    def build(made):
        manager(made, scopes=[kubernetes_cluster(made, name).id for name in ("prod", "dev")], rules="shared")

    rule = by_name(terraform(build))["cluster-auto-upgrade-shared"]
    for name in ("prod", "dev"):
        assert f'id startswith ${{jsonencode("${{azurerm_kubernetes_cluster.{name}.id}}/")}}' in query_of(rule)


def test_a_list_that_only_terraform_knows_is_refused_with_the_way_out():
    made = stack()
    variable = TerraformVariable(made, "ids", type="list(string)")
    with pytest.raises(InvalidArgument, match=r"scopes\[0\]: the list is known to Terraform only"):
        manager(made, scopes=variable.list_value)


def test_tokens_pass_for_location_tags_and_severity():
    def build(made):
        text = TerraformVariable(made, "text", type="string").string_value
        number = TerraformVariable(made, "number", type="number").number_value
        manager(made, location=text, tags={"owner": text}, severity=number, name_prefix=text)

    rule = next(iter(resources(terraform(build), RULE).values()))
    assert rule["location"] == rule["tags"]["owner"] == "${var.text}"
    assert rule["severity"] == "${var.number}"
    assert rule["name"].startswith("${var.text}cluster-auto-upgrade-prod")


def test_the_terraform_json_for_tokens_is_as_it_was(snapshot):
    assert terraform(lambda made: manager(made, scopes=[kubernetes_cluster(made).id])) == snapshot
