"""The local Azure endpoint refuses what Azure refuses, with Azure's code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.stand_in import samples
from tests.stand_in.alert_rules import NO_IDENTITY
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.exchange import Answer
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, IDENTITY, RULE, SUBSCRIPTION

UNKNOWN = "33333333-3333-3333-3333-333333333333"
ELSEWHERE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-nowhere"


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureEndpoint]:
    """One for the whole file: what is refused leaves nothing behind."""
    with AzureEndpoint() as azure:
        azure.seed(GROUP, CLUSTER)
        azure.seed_principal(samples.GUID)
        put(azure, ACTION_GROUP, samples.action_group("emailReceivers"))
        put(azure, IDENTITY, samples.identity())
        yield azure


VERSIONS = {
    "actiongroups": samples.ACTION_GROUP_VERSION,
    "scheduledqueryrules": samples.RULE_VERSION,
    "userassignedidentities": samples.IDENTITY_VERSION,
    "roleassignments": samples.ASSIGNMENT_VERSION,
    "resourcegroups": samples.GROUP_VERSION,
}


def put(azure: AzureEndpoint, identifier: str, body: Any) -> Answer:
    return ask(azure, "PUT", identifier, body, api_version=VERSIONS[identifier.lower().split("/")[-2]])


def assert_refused(answer: Answer, status: int, code: str, text: str) -> None:
    assert (answer.status, answer.body["error"]["code"]) == (status, code), answer.body
    assert text in answer.body["error"]["message"]


def without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return body


RULES = {
    "a required property is missing": (
        samples.rule(evaluationFrequency=None),
        "properties.evaluationFrequency: Property is missing",
    ),
    "a severity is missing": (samples.rule(severity=None), "properties.severity: Property is missing"),
    "the query is missing": (samples.rule(condition={"query": None}), "allOf[0].query: Property is missing"),
    "severity above 4": (samples.rule(severity=5), "properties.severity: 5 is not between 0 and 4"),
    "severity below 0": (samples.rule(severity=-1), "properties.severity: -1 is not between 0 and 4"),
    "an unknown frequency": (samples.rule(evaluationFrequency="PT31M"), "'PT31M' is not one of PT1M, PT5M"),
    "an unknown window": (samples.rule(windowSize="PT31M"), "properties.windowSize: 'PT31M' is not one of"),
    "an unknown operator": (samples.rule(condition={"operator": "More"}), "'More' is not one of Equal"),
    "an unknown aggregation": (samples.rule(condition={"timeAggregation": "Sum"}), "'Sum' is not one of Count"),
    "a window shorter than the frequency": (
        samples.rule(windowSize="PT15M"),
        "EvaluationFrequency PT30M must not be greater than WindowSize PT15M",
    ),
    "more than 48 hours of look-back": (
        samples.rule(
            windowSize="P1D",
            condition={"failingPeriods": {"minFailingPeriodsToAlert": 1, "numberOfEvaluationPeriods": 3}},
        ),
        "the limit is 48 hours",
    ),
    "no identity for Resource Graph": (samples.rule(identity=None), NO_IDENTITY),
    "identity type None for Resource Graph": (
        samples.rule(identity={"type": "None", "userAssignedIdentities": None}),
        NO_IDENTITY,
    ),
    "every minute over Resource Graph": (
        samples.rule(evaluationFrequency="PT1M"),
        "A frequency of one minute is not supported",
    ),
    "no scope": (samples.rule(scopes=[]), "exactly one scope is supported, 0 were given"),
    "two scopes": (samples.rule(scopes=[CLUSTER, CLUSTER_GROUP]), "exactly one scope is supported, 2 were given"),
    "a scope without a subscription": (
        samples.rule(scopes=["/providers/Microsoft.Management/managementGroups/mg"]),
        "does not contain a subscription",
    ),
    "mute with auto-mitigation": (
        samples.rule(autoMitigate=True, muteActionsDuration="PT1H"),
        "MuteActionsDuration cannot be used together with AutoMitigate",
    ),
    "mute with the default of auto-mitigation": (
        samples.rule(autoMitigate=None, muteActionsDuration="PT1H"),
        "MuteActionsDuration cannot be used together with AutoMitigate",
    ),
    "mute shorter than the frequency": (
        samples.rule(muteActionsDuration="PT5M"),
        "EvaluationFrequency cannot be greater than MuteActionsDuration",
    ),
    "more failing periods than periods": (
        samples.rule(condition={"failingPeriods": {"minFailingPeriodsToAlert": 3, "numberOfEvaluationPeriods": 2}}),
        "MinFailingPeriodsToAlert must not be greater than NumberOfEvaluationPeriods",
    ),
    "seven periods": (
        samples.rule(condition={"failingPeriods": {"minFailingPeriodsToAlert": 1, "numberOfEvaluationPeriods": 7}}),
        "7 is not between 1 and 6",
    ),
    "seven dimensions": (
        samples.rule(
            condition={"dimensions": [{"name": f"d{n}", "operator": "Include", "values": ["*"]} for n in range(7)]}
        ),
        "dimensions: has 7 entries, the limit is 6",
    ),
    "a dimension twice": (
        samples.rule(
            condition={"dimensions": [{"name": name, "operator": "Include", "values": ["*"]} for name in ("a", "A")]}
        ),
        "Dimension names must be unique",
    ),
    "a dimension without values": (
        samples.rule(condition={"dimensions": [{"name": "a", "operator": "Include", "values": []}]}),
        "Dimension 'a' has no values",
    ),
    "a measure with Count": (
        samples.rule(condition={"metricMeasureColumn": "x"}),
        "MetricMeasureColumn must not be given with time aggregation Count",
    ),
    "Total without a measure": (
        samples.rule(condition={"timeAggregation": "Total"}),
        "MetricMeasureColumn is required unless time aggregation Count",
    ),
    "a query beyond 64 KB": (samples.rule(condition={"query": "x" * 65536}), "the limit is 65536 (64 KB)"),
    "a description beyond 4,096 characters": (samples.rule(description="x" * 4097), "has 4097 characters"),
    "an action group that does not exist": (
        samples.rule(actions={"actionGroups": [f"{ACTION_GROUP}-2"]}),
        f"The action group '{ACTION_GROUP}-2' does not exist",
    ),
    "both kinds of identity": (
        samples.rule(identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}),
        "is not supported: SystemAssigned or UserAssigned",
    ),
    "user-assigned without an identity": (
        samples.rule(identity={"type": "UserAssigned"}),
        "userAssignedIdentities do not fit the identity type 'UserAssigned'",
    ),
}


@pytest.mark.parametrize("why", RULES)
def test_a_rule_is_refused_for(azure: AzureEndpoint, why: str):
    body, text = RULES[why]
    assert_refused(put(azure, RULE, body), 400, "BadRequest", text)
    assert RULE not in azure.resources


def test_a_rule_is_refused_for_an_identity_that_does_not_exist(azure: AzureEndpoint):
    body = samples.rule(identity=samples.user_assigned(f"{IDENTITY}-2"))
    assert_refused(put(azure, RULE, body), 400, "FailedIdentityOperation", f"'{IDENTITY}-2' was not found")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a*b", "characters that are not allowed: *"),
        ("a#b?", "characters that are not allowed: # ?"),
        ("a&b<c", "characters that are not allowed: & <"),
        ("a\\b", "characters that are not allowed: \\"),
        ("a\tb", "characters that are not allowed"),
        ("a.", "must not end with a space or a period"),
        ("a ", "must not end with a space or a period"),
        ("a" * 261, "has 261 characters, the limit is 260"),
        ("a;b", "The name of a rule with an identity must not contain ';'"),
    ],
)
def test_a_rule_is_refused_for_its_name(azure: AzureEndpoint, name: str, text: str):
    identifier = f"{RULE.rpartition('/')[0]}/{name}"
    assert_refused(put(azure, identifier, samples.rule()), 400, "BadRequest", text)


def test_a_rule_over_a_workspace_needs_no_identity_and_may_be_named_with_a_semicolon(azure: AzureEndpoint):
    body = samples.rule(identity=None, condition={"query": "Heartbeat"}, evaluationFrequency="PT1M")
    identifier = f"{RULE.rpartition('/')[0]}/a;b"
    assert put(azure, identifier, body).status == 201
    assert ask(azure, "DELETE", identifier, api_version=samples.RULE_VERSION).status == 200


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (samples.rule(emailSubject="x"), "properties.emailSubject"),
        (samples.rule(condition={"muted": True}), "properties.criteria.allOf[0].muted"),
        (samples.rule(actions={"actionGroupIds": []}), "properties.actions.actionGroupIds"),
        (samples.rule() | {"extra": 1}, "extra"),
    ],
)
def test_a_property_that_the_specification_does_not_know_is_refused_with_its_path(azure, body, path):
    assert_refused(put(azure, RULE, body), 400, "InvalidRequestContent", f"Path '{path}'")


def test_a_property_of_a_later_api_version_is_refused_in_an_earlier_one(azure: AzureEndpoint):
    body = samples.rule(actions={"actionProperties": {"Email.Subject": "x"}})
    answer = ask(azure, "PUT", RULE, body, api_version="2021-08-01")
    assert_refused(answer, 400, "InvalidRequestContent", "Could not find member 'actionProperties'")
    assert put(azure, RULE, body).status == 201
    ask(azure, "DELETE", RULE, api_version=samples.RULE_VERSION)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (samples.rule(severity="3"), "Error converting value '3' to type 'integer'. Path 'properties.severity'"),
        (samples.rule(enabled="true"), "to type 'boolean'. Path 'properties.enabled'"),
        (samples.rule(scopes=CLUSTER), "to type 'array'. Path 'properties.scopes'"),
        (samples.rule(condition={"threshold": "0"}), "to type 'number'"),
        (samples.rule(description=7), "to type 'string'"),
        (samples.rule(actions=[]), "to type 'object'"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(azure: AzureEndpoint, body: Any, text: str):
    assert_refused(put(azure, RULE, body), 400, "InvalidRequestContent", text)


def test_an_identity_has_fifty_rules_over_resource_graph_and_not_one_more():
    with AzureEndpoint() as azure:
        azure.seed(GROUP, CLUSTER)
        put(azure, ACTION_GROUP, samples.action_group())
        put(azure, IDENTITY, samples.identity())
        body = samples.rule(identity=samples.user_assigned(IDENTITY))
        statuses = [put(azure, f"{RULE}-{number}", body).status for number in range(50)]
        assert statuses == [201] * 50
        assert_refused(put(azure, RULE, body), 400, "BadRequest", "has 50 rules over Azure Resource Graph already")
        assert put(azure, f"{RULE}-7", body).status == 200


RECEIVERS = samples.RECEIVERS
GROUPS = {
    "a short name of 13 characters": (
        samples.action_group(groupShortName="thirteen-long"),
        "GroupShortNameIsTooLong",
        "the limit is 12 characters",
    ),
    "no short name": (samples.action_group(groupShortName=None), "BadRequest", "groupShortName: Property is missing"),
    "names that differ in letter case only": (
        samples.action_group("smsReceivers", emailReceivers=[RECEIVERS["emailReceivers"] | {"name": "SMS"}]),
        "DuplicateReceiver",
        "must be unique in an action group: sms",
    ),
    "an address without @": (
        samples.action_group(emailReceivers=[RECEIVERS["emailReceivers"] | {"emailAddress": "platform"}]),
        "BadRequest",
        "emailReceivers[0].emailAddress: 'platform' is not valid",
    ),
    "an address of 65 characters": (
        samples.action_group(
            emailReceivers=[RECEIVERS["emailReceivers"] | {"emailAddress": f"{'a' * 53}@example.com"}]
        ),
        "BadRequest",
        "has 65 characters, the limit is 64",
    ),
    "eleven webhooks": (
        samples.action_group(
            webhookReceivers=[RECEIVERS["webhookReceivers"] | {"name": f"hook-{number}"} for number in range(11)]
        ),
        "BadRequest",
        "webhookReceivers: has 11 entries, the limit is 10",
    ),
    "a thousand and one addresses": (
        samples.action_group(
            emailReceivers=[RECEIVERS["emailReceivers"] | {"name": f"mail-{number}"} for number in range(1001)]
        ),
        "BadRequest",
        "emailReceivers: has 1001 entries, the limit is 1000",
    ),
    "a webhook that signs in as nobody": (
        samples.action_group(webhookReceivers=[RECEIVERS["webhookReceivers"] | {"objectId": None}]),
        "BadRequest",
        "useAadAuth needs objectId",
    ),
    "a ticket configuration without its keys": (
        samples.action_group(itsmReceivers=[RECEIVERS["itsmReceivers"] | {"ticketConfiguration": "{}"}]),
        "BadRequest",
        "ticketConfiguration must be JSON with PayloadRevision and WorkItemType",
    ),
    "a property no receiver has": (
        samples.action_group(smsReceivers=[RECEIVERS["smsReceivers"] | {"useCommonAlertSchema": True}]),
        "InvalidRequestContent",
        "Could not find member 'useCommonAlertSchema'",
    ),
    "a location that is none": (
        samples.action_group() | {"location": "atlantis"},
        "LocationNotAvailableForResourceType",
        "The provided location 'atlantis' is not available",
    ),
    "no location": (without(samples.action_group(), "location"), "BadRequest", "location: Property is missing"),
}


@pytest.mark.parametrize("why", GROUPS)
def test_an_action_group_is_refused_for(azure: AzureEndpoint, why: str):
    body, code, text = GROUPS[why]
    assert_refused(put(azure, f"{ACTION_GROUP}-2", body), 400, code, text)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kind, key)
        for kind, receiver in RECEIVERS.items()
        for key in receiver
        if key in ("name", "emailAddress", "roleId")
    ]
    + [("itsmReceivers", "region"), ("eventHubReceivers", "subscriptionId"), ("logicAppReceivers", "callbackUrl")],
)
def test_a_receiver_without_a_required_property_is_refused(azure: AzureEndpoint, kind: str, key: str):
    receiver = {name: value for name, value in RECEIVERS[kind].items() if name != key}
    answer = put(azure, f"{ACTION_GROUP}-2", samples.action_group(**{kind: [receiver]}))
    assert_refused(answer, 400, "BadRequest", f"properties.{kind}[0].{key}: Property is missing")


@pytest.mark.parametrize(
    ("identifier", "body", "code", "text"),
    [
        (
            f"{IDENTITY.rpartition('/')[0]}/id",
            samples.identity(),
            "BadRequest",
            "3 to 128 letters, digits, '-' and '_'",
        ),
        (f"{IDENTITY}@x", samples.identity(), "BadRequest", "The identity name"),
        (f"{IDENTITY}-2", {"tags": {}}, "BadRequest", "location: Property is missing"),
        (f"{IDENTITY}-2", {"location": "global"}, "LocationNotAvailableForResourceType", "'global' is not available"),
        (f"{GROUP}.", {"location": "westeurope"}, "InvalidResourceGroupName", "is not valid"),
        (f"{GROUP}-2", {}, "BadRequest", "location: Property is missing"),
    ],
)
def test_identities_and_groups_are_refused_for(azure, identifier, body, code, text):
    assert_refused(put(azure, identifier, body), 400, code, text)


@pytest.mark.parametrize(
    ("identifier", "body"),
    [
        (ACTION_GROUP, samples.action_group() | {"location": "westeurope"}),
        (IDENTITY, samples.identity() | {"location": "northeurope"}),
    ],
)
def test_a_location_cannot_be_changed(azure: AzureEndpoint, identifier: str, body: Any):
    answer = put(azure, identifier, body)
    assert_refused(answer, 409, "InvalidResourceLocation", "A resource with the same name cannot be created")


def test_the_location_of_a_group_cannot_be_changed(azure: AzureEndpoint):
    assert_refused(put(azure, GROUP, {"location": "uksouth"}), 409, "InvalidResourceGroupLocation", "already exists")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nothing_is_found_in_a_group_that_does_not_exist(azure: AzureEndpoint, method: str):
    identifier = ACTION_GROUP.replace("rg-aks-notices", "rg-nowhere")
    body = samples.action_group() if method == "PUT" else None
    answer = ask(azure, method, identifier, body, api_version=samples.ACTION_GROUP_VERSION)
    assert_refused(answer, 404, "ResourceGroupNotFound", "Resource group 'rg-nowhere' could not be found.")


@pytest.mark.parametrize(
    ("identifier", "api_version", "code"),
    [
        (ELSEWHERE, "2023-07-01", "ResourceGroupNotFound"),
        (RULE, samples.RULE_VERSION, "ResourceNotFound"),
        (f"{GROUP}/providers/Microsoft.Insights/metricAlerts/x", "2018-03-01", "InvalidResourceType"),
        (
            f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{UNKNOWN}",
            "2022-04-01",
            "RoleAssignmentNotFound",
        ),
        (
            f"{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{UNKNOWN}",
            "2022-04-01",
            "RoleDefinitionDoesNotExist",
        ),
        (f"/subscriptions/{UNKNOWN}/resourceGroups/x", "2023-07-01", "SubscriptionNotFound"),
        ("/nothing", "2023-07-01", "NotFound"),
    ],
)
def test_what_does_not_exist_is_a_404_in_the_shape_of_resource_manager(azure, identifier, api_version, code):
    assert_refused(ask(azure, "GET", identifier, api_version=api_version), 404, code, "")


@pytest.mark.parametrize(
    ("identifier", "api_version", "code"),
    [
        (ACTION_GROUP, "", "MissingApiVersionParameter"),
        (ACTION_GROUP, "latest", "InvalidApiVersionParameter"),
        (ACTION_GROUP, "2019-01-01", "NoRegisteredProviderFound"),
        (f"{GROUP}/providers/Microsoft.Authorization/roleAssignments", "2023-01-01", "NoRegisteredProviderFound"),
    ],
)
def test_an_api_version_that_a_type_does_not_have_is_refused(azure, identifier, api_version, code):
    assert_refused(ask(azure, "GET", identifier, api_version=api_version), 400, code, "")


def assign(azure: AzureEndpoint, body: Any, scope: str = CLUSTER_GROUP, name: str = "") -> Answer:
    return put(azure, f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name or uuid4()}", body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (samples.assignment(UNKNOWN), "PrincipalNotFound"),
        (samples.assignment("the rule"), "InvalidPrincipalId"),
        (samples.assignment(samples.GUID, principalType="User"), "UnmatchedPrincipalType"),
        (samples.assignment(samples.GUID, principalType="Robot"), "BadRequest"),
        (samples.assignment(samples.GUID, role="Reader"), "InvalidRequestContent"),
        (samples.assignment(None), "BadRequest"),
    ],
)
def test_a_role_assignment_is_refused_for(azure: AzureEndpoint, body: Any, code: str):
    assert_refused(assign(azure, body), 400, code, "")


def test_a_role_that_does_not_exist_cannot_be_assigned(azure: AzureEndpoint):
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{UNKNOWN}"
    answer = assign(azure, samples.assignment(samples.GUID, roleDefinitionId=role))
    assert_refused(answer, 404, "RoleDefinitionDoesNotExist", "")


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        (ELSEWHERE, "ResourceGroupNotFound"),
        (f"{CLUSTER}-2", "ResourceNotFound"),
        (f"/subscriptions/{UNKNOWN}", "SubscriptionNotFound"),
    ],
)
def test_a_role_cannot_be_assigned_on_a_scope_that_does_not_exist(azure, scope, code):
    assert_refused(assign(azure, samples.assignment(samples.GUID), scope), 404, code, "")


def test_a_role_assignment_has_a_guid_for_a_name(azure: AzureEndpoint):
    answer = assign(azure, samples.assignment(samples.GUID), name="reader")
    assert_refused(answer, 400, "InvalidRoleAssignmentId", "'reader' must be a GUID")


def test_the_same_assignment_under_another_name_is_a_conflict_and_under_the_same_name_none(azure: AzureEndpoint):
    name, body = str(uuid4()), samples.assignment(samples.GUID)
    assert assign(azure, body, name=name).status == 201
    assert assign(azure, body, name=name).status == 200
    assert_refused(assign(azure, body), 409, "RoleAssignmentExists", "The role assignment already exists.")
    assert_refused(assign(azure, body, CLUSTER_GROUP.upper()), 409, "RoleAssignmentExists", "")
    assert assign(azure, body, CLUSTER).status == 201


def test_an_assignment_cannot_be_given_to_another_principal(azure: AzureEndpoint):
    other, name = str(uuid4()), str(uuid4())
    azure.seed_principal(other)
    assert assign(azure, samples.assignment(other), GROUP, name).status == 201
    answer = assign(azure, samples.assignment(samples.GUID), GROUP, name)
    assert_refused(answer, 400, "RoleAssignmentUpdateNotPermitted", "are not allowed to be updated")


def test_a_role_assignment_outlives_the_principal_it_was_for(azure: AzureEndpoint):
    made = put(azure, f"{IDENTITY}-gone", samples.identity()).body
    body = samples.assignment(made["properties"]["principalId"])
    identifier = assign(azure, body).body["id"]
    ask(azure, "DELETE", f"{IDENTITY}-gone", api_version=samples.IDENTITY_VERSION)
    assert identifier in azure.resources
    assert_refused(assign(azure, body, CLUSTER), 400, "PrincipalNotFound", "does not exist in the directory")
