"""The local Azure endpoint speaks Azure: bodies as azurerm sends them, and Microsoft's SDKs."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization.models import RoleAssignmentCreateParameters
from azure.mgmt.monitor import models as monitor
from azure.mgmt.msi.models import Identity, IdentityUpdate

from tests.stand_in import samples
from tests.stand_in.client import ask, send
from tests.stand_in.endpoint import TENANT_ID, AzureEndpoint
from tests.stand_in.exchange import Answer
from tests.stand_in.reader import AzureReader, read_azure
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, IDENTITY, RULE, SUBSCRIPTION
from tests.stand_in.terraform import unavailable


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint(retry_after=0) as azure:
        azure.seed(GROUP, CLUSTER)
        yield azure


@pytest.fixture
def sdk(azure: AzureEndpoint) -> Iterator[AzureReader]:
    with read_azure(azure, SUBSCRIPTION) as sdk:
        yield sdk


def put(azure: AzureEndpoint, identifier: str, body: object, api_version: str) -> Answer:
    answer = ask(azure, "PUT", identifier, body, api_version=api_version)
    assert answer.status in (200, 201), answer.body
    return answer


# The endpoint itself


def test_it_listens_on_this_machine_only(azure: AzureEndpoint):
    assert azure._server.server_address[0] == "127.0.0.1"


def test_a_client_that_does_not_trust_its_certificate_is_not_served(azure: AzureEndpoint):
    with AzureEndpoint() as other:
        azure.ca_file = other.ca_file
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(azure, "GET", GROUP, api_version="2023-07-01")


def test_the_metadata_name_this_endpoint_for_sign_in_and_for_resources(azure: AzureEndpoint):
    found = send(azure, "GET", "/metadata/endpoints?api-version=2022-09-01", None, {}).body
    assert found["resourceManager"] == found["authentication"]["loginEndpoint"] == azure.url
    assert found["authentication"]["identityProvider"] == "AAD"
    assert found["microsoftGraphResourceId"]


def test_the_credentials_of_the_environment_give_a_token_that_opens_the_door(azure: AzureEndpoint):
    environment = azure.environment(SUBSCRIPTION)
    form = (
        f"grant_type=client_credentials&client_id={environment['ARM_CLIENT_ID']}"
        f"&client_secret={environment['ARM_CLIENT_SECRET'].replace(' ', '+')}"
    ).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    signed_in = send(azure, "POST", f"/{environment['ARM_TENANT_ID']}/oauth2/v2.0/token", form, headers)
    assert signed_in.body["token_type"] == "Bearer"
    bearer = {"Authorization": f"Bearer {signed_in.body['access_token']}"}
    assert send(azure, "GET", f"{GROUP}?api-version=2023-07-01", None, bearer).status == 200


@pytest.mark.parametrize(
    ("target", "form", "status", "code"),
    [
        (
            f"/{TENANT_ID}/oauth2/v2.0/token",
            b"grant_type=client_credentials&client_id=x&client_secret=y",
            401,
            "AADSTS",
        ),
        ("/another/oauth2/v2.0/token", b"grant_type=client_credentials", 400, "AADSTS90002"),
        (f"{GROUP}?api-version=2023-07-01", None, 401, "AuthenticationFailed"),
    ],
)
def test_without_the_right_credentials_nothing_is_reported(azure, target, form, status, code):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = send(azure, "POST" if form else "GET", target, form, headers)
    assert answer.status == status
    error = answer.body["error"]
    # OAuth and Azure Resource Manager say no in different ways.
    assert (answer.body["error_description"] if form else error["code"]).startswith(code)


def test_a_bug_of_the_endpoint_is_reported_when_it_stops_and_does_not_pass_for_an_error_of_azure():
    def broken(request: object) -> None:
        raise ZeroDivisionError("in the hook")

    def ask_once() -> None:
        with AzureEndpoint() as azure:
            azure.on_request(broken)
            assert ask(azure, "GET", GROUP, api_version="2023-07-01").body["error"]["code"] == "BugInTheEndpoint"

    with pytest.raises(AssertionError, match=r"the endpoint itself failed:[\s\S]*in the hook"):
        ask_once()


# Bodies as azurerm sends them


@pytest.mark.parametrize("kind", samples.RECEIVERS)
def test_every_kind_of_receiver_is_taken_as_azurerm_sends_it(azure: AzureEndpoint, kind: str):
    put(azure, ACTION_GROUP, samples.action_group(kind), samples.ACTION_GROUP_VERSION)
    kept = ask(azure, "GET", ACTION_GROUP, api_version=samples.ACTION_GROUP_VERSION).body
    assert kept["properties"][kind][0].items() >= samples.RECEIVERS[kind].items()


def test_what_azurerm_sends_for_a_whole_stack_is_taken(azure: AzureEndpoint):
    put(azure, ACTION_GROUP, samples.action_group(*samples.RECEIVERS), samples.ACTION_GROUP_VERSION)
    made = put(azure, RULE, samples.rule(), samples.RULE_VERSION).body
    definitions = ask(
        azure,
        "GET",
        f"{CLUSTER_GROUP}/providers/Microsoft.Authorization/roleDefinitions",
        api_version=samples.DEFINITION_VERSION,
        filter="roleName eq 'Reader'",
    ).body["value"]
    assert [one["properties"]["roleName"] for one in definitions] == ["Reader"]
    body = samples.assignment(made["identity"]["principalId"], roleDefinitionId=definitions[0]["id"])
    assignment = f"{CLUSTER_GROUP}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    kept = put(azure, assignment, body, samples.ASSIGNMENT_VERSION).body
    assert kept["properties"]["scope"] == CLUSTER_GROUP
    definition = ask(azure, "GET", kept["properties"]["roleDefinitionId"], api_version=samples.DEFINITION_VERSION)
    assert definition.body["properties"]["roleName"] == "Reader"


def test_a_rule_may_be_sent_back_as_it_was_read_which_is_how_azurerm_updates(azure: AzureEndpoint):
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    made = put(azure, RULE, samples.rule(), samples.RULE_VERSION).body
    read = ask(azure, "GET", RULE, api_version=samples.RULE_VERSION).body
    assert read == made
    read["properties"]["severity"] = 1
    answer = put(azure, RULE, read, samples.RULE_VERSION)
    assert answer.status == 200
    assert answer.body["properties"]["severity"] == 1
    assert answer.body["identity"]["principalId"] == made["identity"]["principalId"]


def test_ids_are_the_same_whatever_their_letter_case(azure: AzureEndpoint):
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    read = ask(azure, "GET", ACTION_GROUP.upper(), api_version=samples.ACTION_GROUP_VERSION).body
    assert read["id"] == ACTION_GROUP
    lower = GROUP.replace("resourceGroups", "resourcegroups") + "/providers/microsoft.insights/actiongroups/second"
    made = put(azure, lower, samples.action_group(), samples.ACTION_GROUP_VERSION).body
    assert made["id"] == f"{GROUP}/providers/Microsoft.Insights/actionGroups/second"


def test_a_new_rule_of_the_same_name_has_another_principal(azure: AzureEndpoint):
    put(azure, ACTION_GROUP, samples.action_group(), samples.ACTION_GROUP_VERSION)
    first = put(azure, RULE, samples.rule(), samples.RULE_VERSION).body["identity"]["principalId"]
    assert ask(azure, "DELETE", RULE, api_version=samples.RULE_VERSION).status == 200
    assert ask(azure, "DELETE", RULE, api_version=samples.RULE_VERSION).status == 204
    assert put(azure, RULE, samples.rule(), samples.RULE_VERSION).body["identity"]["principalId"] != first


# Microsoft's SDKs


def test_the_monitor_sdk_makes_reads_changes_and_removes_an_action_group(sdk: AzureReader):
    groups = sdk.monitor.action_groups
    mail = monitor.EmailReceiver(name="team", email_address="team@example.com", use_common_alert_schema=True)
    resource = monitor.ActionGroupResource(location="Global", group_short_name="short", email_receivers=[mail])
    made = groups.create_or_update("rg-aks-notices", "ag", resource)
    assert (made.location, made.enabled, made.email_receivers[0].status) == ("global", True, "Enabled")
    groups.update("rg-aks-notices", "ag", monitor.ActionGroupPatchBody(enabled=False, tags={"owner": "me"}))
    (read,) = sdk.action_groups()
    assert (read.enabled, read.tags, read.group_short_name) == (False, {"owner": "me"}, "short")
    assert [one.name for one in groups.list_by_resource_group("rg-aks-notices")] == ["ag"]
    groups.delete("rg-aks-notices", "ag")
    with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
        groups.get("rg-aks-notices", "ag")


def test_the_monitor_sdk_reads_what_azurerm_wrote_in_another_api_version(azure: AzureEndpoint, sdk: AzureReader):
    put(azure, ACTION_GROUP, samples.action_group(*samples.RECEIVERS), samples.ACTION_GROUP_VERSION)
    put(azure, RULE, samples.rule(), samples.RULE_VERSION)
    (rule,) = sdk.rules()
    assert (rule.name, rule.severity, rule.auto_mitigate) == ("cluster-auto-upgrade-prod@rg-aks", 3, False)
    assert rule.evaluation_frequency == rule.window_size == timedelta(minutes=30)
    assert rule.criteria.all_of[0].dimensions[0].values == ["*"]
    assert rule.actions.action_groups == [ACTION_GROUP]
    assert rule.identity.type == "SystemAssigned"
    (group,) = sdk.action_groups()
    assert group.itsm_receivers[0].region == "westeurope"
    assert group.event_hub_receivers[0].event_hub_name == "hub"
    assert {one.api_version for one in azure.asked("*", "scheduledQueryRules")} == {samples.RULE_VERSION, "2023-12-01"}


def test_the_monitor_sdk_makes_changes_and_removes_a_rule(azure: AzureEndpoint, sdk: AzureReader):
    put(azure, ACTION_GROUP, samples.action_group(), samples.ACTION_GROUP_VERSION)
    put(azure, RULE, samples.rule(), samples.RULE_VERSION)
    rules = sdk.monitor.scheduled_query_rules
    rule = rules.get("rg-aks-notices", "cluster-auto-upgrade-prod@rg-aks")
    assert rules.create_or_update("rg-aks-notices", "copy", rule).name == "copy"
    changed = rules.update("rg-aks-notices", "copy", monitor.ScheduledQueryRuleResourcePatch(severity=0))
    assert (changed.severity, changed.tags) == (0, {"owner": "platform"})
    rules.delete("rg-aks-notices", "copy")
    assert [one.name for one in sdk.rules()] == [rule.name]


def test_the_identity_sdk_makes_reads_changes_and_removes_an_identity(azure: AzureEndpoint, sdk: AzureReader):
    identities = sdk.msi.user_assigned_identities
    made = identities.create_or_update("rg-aks-notices", "id-aks-notices", Identity(location="westeurope"))
    assert made.tenant_id == TENANT_ID
    changed = identities.update("rg-aks-notices", "id-aks-notices", IdentityUpdate(tags={"a": "b"}))
    assert (changed.principal_id, changed.client_id, changed.tags) == (made.principal_id, made.client_id, {"a": "b"})
    assert [one.name for one in sdk.identities()] == ["id-aks-notices"]
    put(azure, ACTION_GROUP, samples.action_group(), samples.ACTION_GROUP_VERSION)
    put(azure, RULE, samples.rule(identity=samples.user_assigned(IDENTITY)), samples.RULE_VERSION)
    (rule,) = sdk.rules()
    assert rule.identity.principal_id is None
    assert rule.identity.user_assigned_identities[IDENTITY].principal_id == made.principal_id
    identities.delete("rg-aks-notices", "id-aks-notices")
    assert sdk.identities() == []


@pytest.mark.parametrize("scope", [f"/subscriptions/{SUBSCRIPTION}", CLUSTER_GROUP, CLUSTER])
def test_the_authorization_sdk_makes_reads_and_removes_an_assignment_at_any_scope(azure, sdk, scope):
    azure.seed_principal(samples.GUID)
    assignments = sdk.authorization.role_assignments
    (reader,) = sdk.authorization.role_definitions.list(scope, filter="roleName eq 'Reader'")
    # The model's own default is User.
    wanted = RoleAssignmentCreateParameters(
        role_definition_id=reader.id, principal_id=samples.GUID, principal_type="ServicePrincipal"
    )
    made = assignments.create(scope, str(uuid4()), wanted)
    assert (made.scope, made.principal_type) == (scope, "ServicePrincipal")
    assert sdk.authorization.role_definitions.get_by_id(made.role_definition_id).role_name == "Reader"
    assert [one.id for one in sdk.role_assignments()] == [made.id]
    assert [one.id for one in assignments.list_for_scope(scope, filter="atScope()")] == [made.id]
    above = list(assignments.list_for_scope(f"/subscriptions/{SUBSCRIPTION}", filter="atScope()"))
    assert bool(above) == (scope == f"/subscriptions/{SUBSCRIPTION}")
    assignments.delete(scope, made.name)
    assert sdk.role_assignments() == []


def test_the_resource_sdk_waits_until_a_group_is_gone_with_all_that_was_in_it(azure: AzureEndpoint, sdk: AzureReader):
    groups = sdk.groups.resource_groups
    made = groups.create_or_update("rg-new", {"location": "West Europe", "tags": {"a": "b"}})
    assert (made.location, made.properties.provisioning_state) == ("westeurope", "Succeeded")
    put(azure, ACTION_GROUP.replace("rg-aks-notices", "rg-new"), samples.action_group(), "2023-01-01")
    assert [one.name for one in sdk.groups.resources.list_by_resource_group("rg-new")] == ["ag-aks-notices"]
    groups.begin_delete("rg-new", polling_interval=0).result()
    assert not groups.check_existence("rg-new")
    assert sdk.action_groups() == []
    assert [one.name for one in sdk.resource_groups()] == ["rg-aks", "rg-aks-notices"]


def test_a_subscription_that_nobody_named_does_not_exist(azure: AzureEndpoint):
    with read_azure(azure, SUBSCRIPTION) as sdk:
        azure.resources.subscriptions.clear()
        with pytest.raises(HttpResponseError, match="SubscriptionNotFound"):
            sdk.rules()


# The reasons for which Terraform cannot be used


def test_a_missing_terraform_is_reported_in_one_line_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "tofu-of-nobody")
    assert unavailable("4.55.0") == (
        "tofu-of-nobody is not on the PATH; install Terraform 1.6 or later, or set TERRAFORM_BINARY_NAME"
    )


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("Terraform v1.5.7", "terraform-fake is v1.5; version 1.6 or later is needed"),
        ("nothing", "terraform-fake is of unknown version; version 1.6 or later is needed"),
    ],
)
def test_a_terraform_that_is_too_old_is_reported_with_its_version(monkeypatch, tmp_path, says, reason):
    fake = tmp_path / "terraform-fake"
    fake.write_text(f"#!/bin/sh\necho '{says}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "terraform-fake")
    assert unavailable("4.55.0") == reason


def test_a_provider_that_cannot_be_had_is_reported_with_terraforms_words(monkeypatch, tmp_path):
    fake = tmp_path / "terraform-fake"
    fake.write_text(
        '#!/bin/sh\n[ "$1" = version ] && echo "Terraform v1.11.4" && exit 0\n'
        'printf "╷\\n│ Error: Failed to query\\n│ provider packages\\n╵\\n" >&2\nexit 1\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "terraform-fake")
    assert unavailable("0.0.1") == (
        "terraform-fake cannot get hashicorp/azurerm 0.0.1: Failed to query provider packages. "
        "Make it reachable (registry, or a mirror that Terraform knows), or name one that is in AZURERM_VERSION"
    )
