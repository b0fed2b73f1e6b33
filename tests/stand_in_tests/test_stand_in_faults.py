"""Faults on purpose: planned, counted, and overcome by clients that repeat."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError

from tests.stand_in import samples
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.exchange import Answer, Request
from tests.stand_in.faults import (
    Fault,
    dropped_connection,
    forbidden,
    long_running,
    principal_unknown,
    refused,
    server_error,
    server_error_after_effect,
    too_many_requests,
)
from tests.stand_in.reader import read_azure
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, GROUP, GROUP_VERSION, RULE, SUBSCRIPTION


@pytest.fixture
def azure() -> Iterator[AzureEndpoint]:
    with AzureEndpoint(retry_after=0) as azure:
        azure.seed(GROUP, CLUSTER)
        yield azure


def get(azure: AzureEndpoint, identifier: str = GROUP) -> Answer:
    return ask(azure, "GET", identifier, api_version=GROUP_VERSION)


def make_action_group(azure: AzureEndpoint) -> Answer:
    return ask(azure, "PUT", ACTION_GROUP, samples.action_group(), api_version=samples.ACTION_GROUP_VERSION)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (too_many_requests(0), "429 TooManyRequests"),
        (server_error(), "500 InternalServerError"),
        (dropped_connection(), "dropped"),
    ],
)
def test_the_sdk_repeats_what_fails_for_a_moment(azure: AzureEndpoint, fault: Fault, named: str):
    planned = azure.fail("GET", "/actionGroups", fault, times=2)
    make_action_group(azure)
    with read_azure(azure, SUBSCRIPTION) as sdk:
        assert [one.name for one in sdk.action_groups()] == ["ag-aks-notices"]
    assert planned.hits == 2
    assert [one.fault for one in azure.asked("GET", "/actionGroups")] == [named, named, ""]


def test_the_sdk_gives_up_on_what_stays_forbidden(azure: AzureEndpoint):
    planned = azure.fail("GET", "/actionGroups", forbidden(), times=None)
    with read_azure(azure, SUBSCRIPTION) as sdk, pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        sdk.action_groups()
    assert planned.hits == 1
    azure.recover()
    assert make_action_group(azure).status == 201


def test_a_client_is_reported_how_long_to_wait(azure: AzureEndpoint):
    azure.fail("*", "/resourceGroups/", too_many_requests(7))
    answer = get(azure)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


def test_a_dropped_connection_has_no_answer(azure: AzureEndpoint):
    azure.fail("GET", "/resourceGroups/", dropped_connection())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        get(azure)
    assert str(azure.requests[-1]) == f"GET {GROUP} -> 0 (dropped)"


@pytest.mark.parametrize("fault", [dropped_connection(after_effect=True), server_error_after_effect()])
def test_a_fault_may_come_after_the_effect(azure: AzureEndpoint, fault: Fault):
    azure.fail("PUT", "/actionGroups/", fault)
    try:
        assert make_action_group(azure).status == 500
    except (http.client.RemoteDisconnected, ConnectionResetError):
        assert fault.name == "dropped after taking effect"
    assert ACTION_GROUP in azure.resources


def test_a_fault_without_effect_leaves_nothing_behind(azure: AzureEndpoint):
    azure.fail("PUT", "/actionGroups/", server_error())
    make_action_group(azure)
    assert ACTION_GROUP not in azure.resources


def test_a_principal_may_be_unknown_for_a_while(azure: AzureEndpoint):
    azure.seed_principal(samples.GUID)
    azure.fail("PUT", "/roleAssignments/", principal_unknown(), times=2)
    identifier = f"{CLUSTER}/providers/Microsoft.Authorization/roleAssignments/{samples.GUID}"
    body = samples.assignment(samples.GUID)
    answers = [ask(azure, "PUT", identifier, body, api_version=samples.ASSIGNMENT_VERSION) for _ in range(3)]
    assert [one.status for one in answers] == [400, 400, 201]
    assert answers[0].body["error"]["code"] == "PrincipalNotFound"


def test_the_first_requests_may_be_let_through_and_other_requests_are_untouched(azure: AzureEndpoint):
    planned = azure.fail("GET", "/rg-aks-NOTICES$", refused(418, "Teapot"), skip=1, times=1)
    assert [get(azure).status for _ in range(3)] == [200, 418, 200]
    assert planned.hits == 1
    azure.fail("GET", "/rg-aks-notices$", refused(418, "Teapot"))
    assert get(azure, GROUP.replace("rg-aks-notices", "rg-aks")).status == 200
    assert ask(azure, "HEAD", GROUP, api_version=GROUP_VERSION).status == 204


def test_of_two_faults_that_fit_the_first_is_taken_and_then_the_second(azure: AzureEndpoint):
    azure.fail("GET", "/resourceGroups/", refused(418, "Teapot"))
    azure.fail("GET", "/resourceGroups/", refused(451, "Burnt"))
    assert [get(azure).status for _ in range(3)] == [418, 451, 200]


@pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation"])
def test_a_deletion_may_take_its_time_and_be_asked_about_at_a_url(azure: AzureEndpoint, header: str):
    azure.fail("DELETE", "/rg-aks-notices$", long_running(2, header))
    answer = ask(azure, "DELETE", GROUP, api_version=GROUP_VERSION)
    assert (answer.status, answer.headers["Retry-After"]) == (202, "0")
    url = answer.headers[header].removeprefix(azure.url).partition("?")[0]
    polls = [get(azure, url) for _ in range(3)]
    if header == "Location":
        assert [one.status for one in polls] == [202, 202, 200]
    else:
        assert [one.body["status"] for one in polls] == ["InProgress", "InProgress", "Succeeded"]
    assert GROUP not in azure.resources


def test_a_deletion_also_goes_on_for_those_who_look_at_the_resource(azure: AzureEndpoint):
    azure.fail("DELETE", "/rg-aks-notices$", long_running(2))
    ask(azure, "DELETE", GROUP, api_version=GROUP_VERSION)
    assert get(azure).body["properties"]["provisioningState"] == "Deleting"
    assert [get(azure).status for _ in range(2)] == [200, 404]


def test_an_old_deletion_does_not_remove_what_was_made_again(azure: AzureEndpoint):
    answer = ask(azure, "DELETE", GROUP, api_version=GROUP_VERSION)
    assert [get(azure).status for _ in range(2)] == [200, 404]
    ask(azure, "PUT", GROUP, {"location": "westeurope"}, api_version=GROUP_VERSION)
    url = answer.headers["Location"].removeprefix(azure.url).partition("?")[0]
    assert [get(azure, url).status for _ in range(2)] == [200, 200]
    assert [get(azure).status for _ in range(2)] == [200, 200]


def test_a_deleted_group_takes_no_neighbour_with_it_whose_name_begins_alike(azure: AzureEndpoint):
    azure.seed(f"{GROUP}-2")
    ask(azure, "DELETE", GROUP, api_version=GROUP_VERSION)
    assert [get(azure).status for _ in range(2)] == [200, 404]
    assert get(azure, f"{GROUP}-2").status == 200


def test_a_hook_sees_every_request_before_it_takes_effect_and_may_answer_it(azure: AzureEndpoint):
    seen: list[tuple[str, bool]] = []

    def hook(request: Request) -> Fault | None:
        seen.append((request.method, ACTION_GROUP in azure.resources))
        return forbidden() if request.method == "DELETE" else None

    azure.on_request(hook)
    assert make_action_group(azure).status == 201
    assert ask(azure, "DELETE", ACTION_GROUP, api_version=samples.ACTION_GROUP_VERSION).status == 403
    assert seen == [("PUT", False), ("DELETE", True)]


def test_a_crash_between_rule_and_role_assignment_leaves_the_rule_alone(azure: AzureEndpoint):
    make_action_group(azure)
    azure.fail("PUT", "/roleAssignments/", forbidden(), times=None)
    rule = ask(azure, "PUT", RULE, samples.rule(), api_version=samples.RULE_VERSION).body
    identifier = f"{CLUSTER}/providers/Microsoft.Authorization/roleAssignments/{samples.GUID}"
    body = samples.assignment(rule["identity"]["principalId"])
    assert ask(azure, "PUT", identifier, body, api_version=samples.ASSIGNMENT_VERSION).status == 403
    azure.recover()
    assert ask(azure, "PUT", identifier, body, api_version=samples.ASSIGNMENT_VERSION).status == 201


def test_a_request_that_waits_holds_up_no_other(azure: AzureEndpoint):
    go_on = threading.Event()
    azure.on_request(lambda request: go_on.wait(10) and None if request.path.endswith("rg-aks") else None)
    slow = threading.Thread(target=get, args=(azure, GROUP.replace("rg-aks-notices", "rg-aks")))
    slow.start()
    assert get(azure).status == 200
    assert not azure.asked("GET", "/rg-aks$")
    go_on.set()
    slow.join()
    assert azure.asked("GET", "/rg-aks$")
