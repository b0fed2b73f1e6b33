"""Scopes that only Terraform will know."""

from __future__ import annotations

import pytest
from cdktf import Fn, TerraformStack, TerraformVariable, Testing, Token
from cdktf_cdktf_provider_azurerm.data_azurerm_kubernetes_cluster import DataAzurermKubernetesCluster
from cdktf_cdktf_provider_azurerm.kubernetes_cluster import (
    KubernetesCluster,
    KubernetesClusterDefaultNodePool,
    KubernetesClusterIdentity,
)
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity

from aks_communication_manager import (
    ActionGroup,
    Adoption,
    EmailReceiver,
    Identity,
    InvalidArgument,
    Route,
    add_outputs,
)
from tests import framework
from tests.synthesis import (
    GROUP,
    IDENTITY,
    READER,
    RULE,
    SUBSCRIPTION,
    action_group,
    by_name,
    cluster,
    manager,
    query_of,
    resource_group,
    resources,
    stack,
    synth,
    terraform,
)

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
        **framework.REQUIRED_OF_A_CLUSTER,
    )


def test_a_cluster_of_the_program_is_written_with_terraform_functions():
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


def test_adding_a_cluster_before_a_token_replaces_nothing():
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


def test_one_identity_for_a_token_and_another_scope_needs_reader_scopes():
    made = stack()
    scopes = [kubernetes_cluster(made).id, cluster("dev")]
    with pytest.raises(
        InvalidArgument,
        match=r"reader_scopes: one identity is used for several scopes, at least one of them known only to Terraform",
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
        ids = [kubernetes_cluster(made, name).id for name in ("prod", "dev")]
        manager(made, scopes=ids, rules="shared", reader_scopes=["scope"])

    rule = by_name(terraform(build))["cluster-auto-upgrade-shared"]
    for name in ("prod", "dev"):
        assert f'id startswith ${{jsonencode("${{azurerm_kubernetes_cluster.{name}.id}}/")}}' in query_of(rule)


def test_a_shared_rule_over_a_token_needs_reader_scopes():
    made = stack()
    with pytest.raises(
        InvalidArgument,
        match=r"reader_scopes: one identity is used for several scopes, at least one of them known only to Terraform",
    ):
        manager(made, scopes=[kubernetes_cluster(made).id, cluster("dev")], rules="shared")


def test_a_shared_rule_needs_a_subscription_and_says_how_to_tell_it():
    made = stack(subscription=None)
    with pytest.raises(InvalidArgument, match=r"rules: shared rules belong to the subscription of the stack"):
        manager(made, scopes=[kubernetes_cluster(made).id], rules="shared")


def test_the_clusters_of_two_stacks_may_be_watched_by_a_third():
    app = Testing.app()
    ids = []
    for name in ("weu", "neu"):
        other = TerraformStack(app, name)
        AzurermProvider(other, "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
        ids.append(kubernetes_cluster(other, "aks").id)
    made = TerraformStack(app, "notices")
    AzurermProvider(made, "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
    manager(made, scopes=ids, notices=["cluster-auto-upgrade"])
    rules = resources(synth(made), RULE)
    assert len({rule["scopes"][0] for rule in rules.values()}) == len(rules) == 2
    assert all("terraform_remote_state" in rule["scopes"][0] for rule in rules.values())


def test_two_stacks_of_one_class_have_resource_groups_of_their_own():
    app = Testing.app()
    for name in ("platform", "test"):
        made = TerraformStack(app, name)
        AzurermProvider(made, "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
        group = ResourceGroup(made, "group", name=f"rg-{name}", location="westeurope")
        manager(made, scopes=[kubernetes_cluster(made).id], resource_group_name=group.name)
        assert len(resources(synth(made), RULE)) == 2


def test_two_stacks_may_have_token_clusters_of_the_same_name():
    app = Testing.app()
    for name in ("platform", "test"):
        made = TerraformStack(app, name)
        AzurermProvider(made, "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
        manager(made, scopes=[kubernetes_cluster(made).id], action_group=action_group(f"ag-{name}"), name_prefix="a-",
                resolved_messages=True)  # fmt: skip
        assert len(resources(synth(made), RULE)) == 2


def test_a_name_prefix_keeps_two_managers_of_one_token_apart():
    made = stack()
    prod = kubernetes_cluster(made)
    manager(made, "one", scopes=[prod.id])
    others = {"action_group": action_group("ag-other")}
    with pytest.raises(InvalidArgument, match=r"is already created by production/one"):
        manager(made, "two", scopes=[prod.id], **others)
    manager(made, "three", scopes=[prod.id], name_prefix="three-", **others)


def test_one_principal_is_made_reader_once_also_where_both_are_tokens():
    made = stack()
    prod = kubernetes_cluster(made)
    existing = UserAssignedIdentity(made, "id", name="id-reader", resource_group_name="rg", location="westeurope")

    def arguments():
        identity = Identity.existing(id=existing.id, principal_id=existing.principal_id)
        return {"scopes": [prod.id], "identity": identity, "reader_scopes": ["scope"]}

    manager(made, "one", **arguments())
    with pytest.raises(InvalidArgument, match=r"the Reader assignment on .* is already created by production/one"):
        manager(made, "two", name_prefix="two-", action_group=action_group("ag-other"), **arguments())


def test_reader_scopes_and_routes_take_tokens_compared_by_address():
    def build(made):
        group = ResourceGroup(made, "group", name="rg-aks", location="westeurope")
        name = TerraformVariable(made, "name", type="string")

        def on_call():
            mail = EmailReceiver(name="on-call", email_address="oncall@example.com")
            return ActionGroup.create(name=name.string_value, short_name="oncall", receivers=[mail])

        routes = [
            Route(statuses=["Failed"], action_group=on_call()),
            Route(statuses=["Canceled"], action_group=on_call()),
        ]
        manager(made, identity=Identity.user_assigned(), reader_scopes=[group.id, group.id], routes=routes)

    document = terraform(build)
    assert [entry["scope"] for entry in resources(document, READER).values()] == ["${azurerm_resource_group.group.id}"]
    assert set(by_name(document, GROUP)) == {"ag-aks-notices", "${var.name}"}


def test_adopt_finds_a_token_scope_by_its_address():
    by_hand = f"{resource_group()}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"

    def build(made):
        prod = kubernetes_cluster(made)
        manager(made, scopes=[prod.id], adopt=[Adoption(scope=prod.id, notice="cluster-auto-upgrade", rule=by_hand)])

    assert [entry["id"] for entry in terraform(build)["import"]] == [by_hand]


def test_an_adoption_for_a_token_that_is_not_a_scope_is_a_mistake():
    made = stack()
    by_hand = f"{resource_group()}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
    ids = [kubernetes_cluster(made, name).id for name in ("prod", "dev")]
    with pytest.raises(InvalidArgument, match=r"adopt\[0\]\.scope: no alert rule is created for it"):
        manager(made, scopes=ids[:1], adopt=[Adoption(scope=ids[1], notice="cluster-auto-upgrade", rule=by_hand)])


def test_an_id_composed_of_tokens_is_written_as_whole_expressions(capfd):
    def build(made):
        group = ResourceGroup(made, "group", name="rg-aks", location="westeurope")
        scope = f"{group.id}/providers/Microsoft.ContainerService/managedClusters/prod"
        add_outputs(made, manager(made, scopes=[scope], reader_scopes=["scope"]))

    document = terraform(build)
    outputs = document["output"]["notices_alert_rule_ids"]["value"]
    assert all("$" not in name and "{" not in name for name in outputs)
    scope = "${azurerm_resource_group.group.id}/providers/Microsoft.ContainerService/managedClusters/prod"
    assert {rule["scopes"][0] for rule in resources(document, RULE).values()} == {scope}
    assert capfd.readouterr().err == ""


def test_the_tags_of_another_resource_pass():
    def build(made):
        manager(made, tags=ResourceGroup(made, "group", name="rg-aks", location="westeurope").tags)

    assert next(iter(resources(terraform(build), RULE).values()))["tags"] == "${azurerm_resource_group.group.tags}"


def test_a_list_that_only_terraform_knows_is_refused_with_the_way_out():
    made = stack()
    variable = TerraformVariable(made, "ids", type="list(string)")
    with pytest.raises(InvalidArgument, match=r"scopes\[0\]: the list is known only to Terraform"):
        manager(made, scopes=variable.list_value)


def test_custom_properties_as_a_token_are_refused_with_a_remedy():
    made = stack()
    properties = TerraformVariable(made, "properties", type="map(string)").value
    with pytest.raises(InvalidArgument) as error:
        manager(made, custom_properties=Token.as_string_map(properties))
    assert str(error.value) == (
        "custom_properties: the mapping is known only to Terraform, so cluster, scope and notice cannot be added to it [ACM049]\n"
        '    Write its names here, and a token for each value: {"runbook": Fn.lookup(variable.value, "runbook")}.'
    )
    manager(made, custom_properties={"runbook": Fn.lookup(properties, "runbook")})
    for rule in resources(synth(made), RULE).values():
        assert rule["action"]["custom_properties"]["runbook"] == "${var.properties.runbook}"


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
