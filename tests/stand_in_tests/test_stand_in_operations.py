"""What the stand-in answers to questions about clusters, events, rights and health, asked with Microsoft's SDKs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions
from azure.mgmt.resourcehealth import ResourceHealthMgmtClient

from tests.stand_in import samples
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.faults import too_many_requests
from tests.stand_in.reader import read_azure, sdk_client
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, RULE, SUBSCRIPTION

OTHER = "99999999-9999-9999-9999-999999999999"
EVENTS = "containerserviceeventresources"


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint(retry_after=0) as azure:
        azure.seed(GROUP)
        azure.seed_cluster(CLUSTER)
        yield azure


def query(azure: AzureEndpoint, kql: str, *subscriptions: str, **options: Any) -> Any:
    with sdk_client(azure, ResourceGraphClient) as graph:
        asked = QueryRequest(query=kql, subscriptions=list(subscriptions), options=QueryRequestOptions(**options))
        return graph.resources(asked)


# Resource Graph


def test_a_query_runs_on_the_events_that_were_published(azure: AzureEndpoint):
    azure.graph.publish(CLUSTER, "one", {"eventStatus": "Scheduled", "eventSource": "AutoUpgrader"})
    azure.graph.publish(CLUSTER, "two", '{"eventStatus": "Failed"}')
    found = query(azure, f'{EVENTS} | where tostring(properties.eventStatus) == "Scheduled" | project id, properties')
    assert found.data == [
        {
            "id": f"{CLUSTER}/scheduledEvents/one",
            "properties": {"eventStatus": "Scheduled", "eventSource": "AutoUpgrader"},
        }
    ]
    assert query(azure, f"{EVENTS} | where id startswith '{CLUSTER}/' | project name").total_records == 2


def test_clusters_are_in_the_table_of_resources(azure: AzureEndpoint):
    kql = "resources | where type =~ 'microsoft.containerservice/managedclusters' | project id, properties"
    (row,) = query(azure, kql).data
    assert (row["id"], row["properties"]["autoUpgradeProfile"]["upgradeChannel"]) == (CLUSTER, "patch")


def test_an_answer_holds_a_thousand_records_and_the_token_for_the_next(azure: AzureEndpoint):
    for number in range(2001):
        azure.graph.publish(CLUSTER, str(number), {})
    names: list[str] = []
    token = None
    while True:
        page = query(azure, f"{EVENTS} | project id, name", skip_token=token)
        names += [row["name"] for row in page.data]
        if not (token := page.skip_token):
            break
        assert len(page.data) == 1000
    assert names == [str(number) for number in range(2001)]


def test_without_the_id_among_the_columns_there_is_no_next_page(azure: AzureEndpoint):
    for number in range(1001):
        azure.graph.publish(CLUSTER, str(number), {})
    page = query(azure, f"{EVENTS} | project name")
    assert (page.count, page.skip_token, page.result_truncated) == (1000, None, "true")


def test_rows_that_the_caller_may_not_read_or_did_not_ask_for_are_not_there(azure: AzureEndpoint):
    other = CLUSTER.replace(SUBSCRIPTION, OTHER)
    azure.seed_cluster(other)
    azure.graph.publish(CLUSTER, "here", {})
    azure.graph.publish(other, "there", {})

    def names(*subscriptions: str) -> list[str]:
        return [row["name"] for row in query(azure, f"{EVENTS} | project id, name", *subscriptions).data]

    assert (names(), names(OTHER)) == (["here", "there"], ["there"])
    azure.rights.roles = [(CLUSTER_GROUP, "Reader")]
    assert (names(), names(OTHER)) == (["here"], [])
    azure.rights.roles = [(CLUSTER_GROUP, "Azure Kubernetes Service Cluster User Role")]
    assert names() == []


@pytest.mark.parametrize("kql", ['arg("").containerserviceeventresources', "eventz | project id", f"{EVENTS} | wher x"])
def test_a_query_that_resource_graph_does_not_understand_is_refused(azure: AzureEndpoint, kql: str):
    with pytest.raises(HttpResponseError, match="BadRequest"):
        query(azure, kql)


def test_a_throttled_query_is_repeated_by_the_sdk(azure: AzureEndpoint):
    throttled = azure.fail("POST", "/Microsoft.ResourceGraph/", too_many_requests(0), times=2)
    assert query(azure, f"{EVENTS} | project id").data == []
    assert throttled.hits == 2


# Clusters


def test_a_cluster_its_maintenance_windows_and_the_versions_of_its_location_are_read(azure: AzureEndpoint):
    azure.seed_cluster(CLUSTER, version="1.30.4", channel="none", node_os_channel=None, windows=("default",))
    with sdk_client(azure, ContainerServiceClient, SUBSCRIPTION) as sdk:
        cluster = sdk.managed_clusters.get("rg-aks", "prod")
        assert (cluster.auto_upgrade_profile.upgrade_channel, cluster.support_plan) == ("none", "KubernetesOfficial")
        assert cluster.auto_upgrade_profile.node_os_upgrade_channel is None
        (window,) = sdk.maintenance_configurations.list_by_managed_cluster("rg-aks", "prod")
        assert (window.name, window.maintenance_window.duration_hours) == ("default", 4)
        assert [one.name for one in sdk.managed_clusters.list()] == ["prod"]
        versions = sdk.managed_clusters.list_kubernetes_versions("westeurope").values_property
    assert {one.version: one.capabilities.support_plan for one in versions}["1.30"] == ["AKSLongTermSupport"]


def test_long_lists_come_in_several_answers(azure: AzureEndpoint):
    for number in range(5):
        azure.seed_cluster(CLUSTER.replace("prod", f"c{number}"))
    azure.page_lists(2)
    with sdk_client(azure, ContainerServiceClient, SUBSCRIPTION) as sdk:
        assert [one.name for one in sdk.managed_clusters.list()] == ["prod", "c0", "c1", "c2", "c3", "c4"]
    assert len(azure.asked("GET", "/managedClusters$")) == 3


# Rights


def test_a_caller_without_the_right_is_refused_as_azure_refuses(azure: AzureEndpoint):
    azure.rights.roles = [(CLUSTER_GROUP, "Reader")]
    with (
        read_azure(azure, SUBSCRIPTION) as sdk,
        pytest.raises(HttpResponseError, match=r"'Microsoft\.Insights/scheduledQueryRules/read'"),
    ):
        sdk.rules()
    refused = ask(azure, "PUT", ACTION_GROUP, samples.action_group(), api_version=samples.ACTION_GROUP_VERSION)
    assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert ask(azure, "GET", CLUSTER, api_version="2025-10-01").status == 200
    assert ask(azure, "GET", f"/subscriptions/{SUBSCRIPTION}", api_version="2022-12-01").status == 200


def test_the_permissions_api_tells_what_the_roles_of_the_caller_allow(azure: AzureEndpoint):
    azure.rights.roles = [(f"/subscriptions/{SUBSCRIPTION}", "Reader"), (GROUP, "Contributor")]
    with sdk_client(azure, AuthorizationManagementClient, SUBSCRIPTION) as sdk:
        found = [one.actions for one in sdk.permissions.list_for_resource_group("rg-aks-notices")]
        assert found == [["*/read"], ["*"]]
        assert [one.actions for one in sdk.permissions.list_for_resource_group("rg-aks")] == [["*/read"]]


def test_role_definitions_say_what_they_allow(azure: AzureEndpoint):
    with sdk_client(azure, AuthorizationManagementClient, SUBSCRIPTION) as sdk:
        (reader,) = sdk.role_definitions.list(CLUSTER_GROUP, filter="roleName eq 'Reader'")
        assert [one.actions for one in reader.permissions] == [["*/read"]]


# Subscriptions, resource providers, health


def test_a_subscription_of_another_tenant_is_refused_with_the_right_tenant(azure: AzureEndpoint):
    azure.seed_in_another_tenant(OTHER, "aaaaaaaa-0000-4000-8000-000000000000")
    with sdk_client(azure, SubscriptionClient) as sdk:
        assert sdk.subscriptions.get(SUBSCRIPTION).state == "Enabled"
        with pytest.raises(HttpResponseError, match=r"wrong issuer.*aaaaaaaa-0000-4000-8000-000000000000"):
            sdk.subscriptions.get(OTHER)


def test_a_resource_provider_can_be_registered(azure: AzureEndpoint):
    azure.registrations.missing.add((SUBSCRIPTION, "microsoft.insights"))
    with sdk_client(azure, ResourceManagementClient, SUBSCRIPTION) as sdk:
        assert sdk.providers.get("Microsoft.Insights").registration_state == "NotRegistered"
        assert sdk.providers.get("Microsoft.ContainerService").registration_state == "Registered"
        sdk.providers.register("Microsoft.Insights")
        assert sdk.providers.get("microsoft.insights").registration_state == "Registered"


@pytest.mark.parametrize(
    ("frequency", "summary", "state"),
    [
        ("PT15M", "", "Available"),
        ("PT15M", "The query fails.", "Unavailable"),
        ("PT30M", "The query fails.", "Unknown"),
    ],
)
def test_the_health_of_a_rule_is_reported_up_to_a_quarter_of_an_hour(azure, frequency, summary, state):
    ask(azure, "PUT", ACTION_GROUP, samples.action_group("emailReceivers"), api_version=samples.ACTION_GROUP_VERSION)
    rule = samples.rule(evaluationFrequency=frequency, windowSize=frequency)
    assert ask(azure, "PUT", RULE, rule, api_version=samples.RULE_VERSION).status == 201
    if summary:
        azure.health.summaries[RULE.lower()] = summary
    with sdk_client(azure, ResourceHealthMgmtClient, SUBSCRIPTION) as sdk:
        found = sdk.availability_statuses.get_by_resource(RULE.lstrip("/")).properties
    assert found.availability_state == state
    if state == "Unavailable":
        assert found.summary == summary


def test_the_assignments_that_reach_a_scope_are_found_by_principal(azure: AzureEndpoint):
    principal = str(uuid4())
    azure.seed_principal(principal)
    path = f"{CLUSTER_GROUP}/providers/Microsoft.Authorization/roleAssignments"
    made = ask(azure, "PUT", f"{path}/{uuid4()}", samples.assignment(principal), api_version="2022-04-01")
    assert made.status == 201
    wanted = f"atScope() and assignedTo('{principal}')"
    found = ask(azure, "GET", path, api_version="2022-04-01", filter=wanted).body
    assert [one["properties"]["principalId"] for one in found["value"]] == [principal]
    below = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"
    assert ask(azure, "GET", below, api_version="2022-04-01", filter=wanted).body == {"value": []}
