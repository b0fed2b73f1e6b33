"""Each way in which Azure cannot be asked is one line that says what to do."""

from __future__ import annotations

import time
from typing import Any

import pytest

from aks_communication_manager.azure.answers import ManagedCluster, ResourceGroup, Subscription
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.connection import connect
from aks_communication_manager.azure.failures import (
    AzureFailure,
    NotAllowed,
    NotFound,
    Throttled,
    Unreachable,
    WrongTenant,
)
from tests.stand_in.endpoint import TENANT_ID, AzureEndpoint
from tests.stand_in.faults import dropped_connection, refused, server_error, too_many_requests
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, SUBSCRIPTION
from tests.stand_in.sign_in import SECRET

OTHER = "99999999-9999-9999-9999-999999999999"
WHOLE = f"/subscriptions/{SUBSCRIPTION}"


def read(path: str = WHOLE) -> Any:
    with connect() as arm:
        return arm.get(path, Subscription)


def failure(kind: type[AzureFailure], path: str = WHOLE) -> str:
    with pytest.raises(AzureFailure) as caught:
        read(path)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def without_login(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch) -> AzureEndpoint:
    for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/nonexistent")  # neither az nor azd nor PowerShell
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")  # a machine in Azure would have an identity
    return azure


def test_a_login_of_the_environment_reads_what_it_may(azure: AzureEndpoint):
    assert read().display_name == "A subscription of the tests"


def test_the_login_that_terraform_uses_is_enough(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    assert read().display_name == "A subscription of the tests"


def test_nobody_is_logged_in(without_login: AzureEndpoint, capfd: pytest.CaptureFixture[str]):
    assert failure(AzureFailure) == (
        "Nobody is logged in to Azure. Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET."
    )
    assert capfd.readouterr().err == ""  # the libraries say nothing of their own


def test_the_login_is_refused_without_its_secret_in_the_message(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "not the secret")
    message = failure(AzureFailure)
    assert message == (
        "The login was refused (AADSTS7000215: Invalid client secret provided). "
        "Run `az login` again, or correct the client's secret."
    )
    assert "not the secret" not in message
    assert SECRET not in message


def test_a_token_that_resource_manager_refuses_is_a_refused_login(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, refused(401, "ExpiredAuthenticationToken"), times=None)
    assert failure(AzureFailure) == ("The login was refused (ExpiredAuthenticationToken). Run `az login` again.")


def test_the_subscription_belongs_to_another_tenant(azure: AzureEndpoint):
    tenant = "aaaaaaaa-0000-4000-8000-000000000000"
    azure.seed_in_another_tenant(OTHER, tenant)
    assert failure(WrongTenant, f"/subscriptions/{OTHER}") == (
        f"The login is for the tenant {TENANT_ID}, but the subscription {OTHER} belongs to the tenant {tenant}. "
        f"Run `az login --tenant {tenant}`."
    )


def test_the_subscription_does_not_exist(azure: AzureEndpoint):
    assert failure(NotFound, f"/subscriptions/{OTHER}") == (
        f"The subscription {OTHER} does not exist, or this login cannot see it. "
        "`az account list --all --output table` shows those that it can see."
    )


def test_a_resource_does_not_exist(azure: AzureEndpoint):
    assert failure(NotFound, f"{GROUP}-2") == f"{GROUP}-2 does not exist. Correct its id."


def test_the_login_has_no_rights(azure: AzureEndpoint):
    azure.rights.roles = [(CLUSTER_GROUP, "Reader")]
    assert failure(NotAllowed, GROUP) == (
        f"This login has no right to `Microsoft.Resources/subscriptions/resourceGroups/read` at {GROUP}. "
        "Ask for the role Reader there."
    )


def test_a_throttled_request_waits_as_long_as_azure_asks(azure: AzureEndpoint, waits: list[float]):
    azure.fail("GET", WHOLE, too_many_requests(17), times=3)
    assert read().display_name == "A subscription of the tests"
    assert waits == [17, 17, 17]


def test_a_request_that_stays_throttled_is_given_up(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, too_many_requests(0), times=None)
    assert failure(Throttled) == (
        "Azure limits the number of requests and refused one more. Please wait a minute and run it again."
    )
    assert len(azure.asked("GET", f"^{WHOLE}$")) == 6


def test_a_wait_of_an_hour_is_for_a_person_to_decide(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, too_many_requests(3600), times=None)
    assert failure(Throttled) == (
        "Azure limits the number of requests and refused one more. Please wait 3600 seconds and run it again."
    )
    assert len(azure.asked("GET", f"^{WHOLE}$")) == 1


def test_an_error_of_the_server_is_repeated(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, server_error(503), times=2)
    assert read().display_name == "A subscription of the tests"


def test_an_error_that_stays_is_reported_with_its_code(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, refused(400, "BadThing", "It is bad.\nVery."), times=None)
    assert (
        failure(AzureFailure) == f"Azure answered 400 BadThing to a request for {WHOLE}: It is bad. Very. Run it again."
    )


def test_resource_manager_is_unreachable(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, dropped_connection(), times=None)
    message = failure(Unreachable)
    assert message.startswith(f"Azure cannot be reached at {azure.url} (")
    assert message.endswith("). Check the network, the proxy (HTTPS_PROXY) and the firewall.")


def test_a_private_cloud_is_unreachable(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ARM_METADATA_HOSTNAME", "127.0.0.1:9")
    message = failure(Unreachable)
    assert message.startswith("Azure cannot be reached at https://127.0.0.1:9 (")
    assert "Connection refused" in message


def test_the_login_service_is_unreachable(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://127.0.0.1:9")
    message = failure(Unreachable)
    assert "Connection refused" in message
    assert message.endswith("Check the network, the proxy (HTTPS_PROXY) and the firewall.")


def test_an_unknown_cloud_is_refused(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ARM_METADATA_HOSTNAME")
    monkeypatch.setenv("AZURE_SDK_CLOUD_CONF", "AZURE_MOON")
    message = failure(AzureFailure)
    assert message.startswith("AZURE_SDK_CLOUD_CONF is not the name of a cloud (Cannot convert AZURE_MOON")


def test_a_host_that_describes_no_cloud_is_refused(azure: AzureEndpoint, monkeypatch: pytest.MonkeyPatch):
    azure.on_request(lambda request: refused(200, "") if "metadata" in request.path else None)
    host = azure.url.removeprefix("https://")
    assert failure(AzureFailure) == f"ARM_METADATA_HOSTNAME={host} does not describe a cloud. Correct it or unset it."


# Lists


def test_lists_are_read_page_by_page(azure: AzureEndpoint, arm: Arm):
    for number in range(4):
        azure.seed_cluster(CLUSTER.replace("prod", f"c{number}"))
    azure.page_lists(2)
    path = f"{WHOLE}/providers/Microsoft.ContainerService/managedClusters"
    assert [found.id.cluster for found in arm.entries(path, ManagedCluster)] == [
        "prod",
        "c0",
        "c1",
        "c2",
        "c3",
    ]


def test_the_token_goes_to_no_other_host(azure: AzureEndpoint, arm: Arm, monkeypatch: pytest.MonkeyPatch):
    azure.page_lists(1)
    azure.seed_cluster(CLUSTER.replace("prod", "dev"))
    monkeypatch.setattr(azure._manager, "url", "https://elsewhere.example")
    path = f"{WHOLE}/providers/Microsoft.ContainerService/managedClusters"
    with pytest.raises(AzureFailure, match=r"^Azure sent a link to another host, elsewhere\.example\. Run it again\.$"):
        list(arm.entries(path, ManagedCluster))


def test_the_token_follows_no_redirection(azure: AzureEndpoint):
    azure.fail("GET", WHOLE, refused(307, "Moved", "elsewhere", location=f"{azure.url}/elsewhere"), times=None)
    assert failure(AzureFailure) == f"Azure answered 307 Moved to a request for {WHOLE}: elsewhere. Run it again."
    assert azure.asked("GET", "/elsewhere") == []


def test_long_work_says_how_far_it_is_and_keeps_the_order(azure: AzureEndpoint):
    lines: list[str] = []
    with connect(lines.append) as arm:
        assert arm.map("Numbers", lambda number: number * 2, [3, 1, 2]) == [6, 2, 4]
    assert lines == ["Numbers: 1 of 3", "Numbers: 2 of 3", "Numbers: 3 of 3"]


def test_one_failure_ends_the_work_on_many(arm: Arm):
    read_numbers: list[int] = []

    def read_one(number: int) -> int:
        read_numbers.append(number)
        raise Throttled("many", "wait")

    with pytest.raises(Throttled):
        arm.map("Numbers", read_one, range(10_000))
    time.sleep(0.05)
    assert len(read_numbers) < 10_000


def test_nothing_is_registered_behind_anybodys_back(azure: AzureEndpoint, arm: Arm):
    azure.fail("GET", GROUP, refused(409, "MissingSubscriptionRegistration", "not registered for 'Microsoft.Insights'"))
    with pytest.raises(AzureFailure, match="MissingSubscriptionRegistration"):
        arm.get(GROUP, ResourceGroup)
    assert {request.method for request in azure.requests if "oauth2" not in request.path} == {"GET"}
