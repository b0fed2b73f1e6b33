"""The construct, by the Terraform that results: facts first, snapshots on top."""

from __future__ import annotations

import re

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
from constructs import Construct

from aks_communication_manager import ActionGroup, EmailReceiver, Identity, InvalidArgument, Route
from tests.synthesis import (
    GROUP,
    IDENTITY,
    OTHER_SUBSCRIPTION,
    PRINCIPAL,
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

EXISTING_GROUP = f"{resource_group('rg-on-call')}/providers/Microsoft.Insights/actionGroups/ag-on-call"
EXISTING_IDENTITY = f"{resource_group('rg-ids')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader"

SEVERAL = [cluster("prod"), cluster("prod-2"), cluster("dev", "rg-dev")]


def test_a_cluster_gets_the_two_documented_rules_as_the_how_to_says():
    document = terraform(query="documented")
    rules = by_name(document)
    assert set(rules) == {"cluster-auto-upgrade-prod@rg-aks", "node-os-auto-upgrade-prod@rg-aks"}
    [group] = resources(document, GROUP)
    for rule in rules.values():
        [criteria] = rule["criteria"]
        assert rule["scopes"] == [cluster()]
        assert rule["evaluation_frequency"] == rule["window_duration"] == "PT30M"
        assert rule["severity"] == 3
        assert rule["auto_mitigation_enabled"] is False
        assert rule["identity"] == {"type": "SystemAssigned"}
        assert rule["action"]["action_groups"] == [f"${{{GROUP}.{group}.id}}"]
        assert (criteria["time_aggregation_method"], criteria["operator"], criteria["threshold"]) == (
            "Count",
            "GreaterThan",
            0,
        )
        assert criteria["dimension"] == [{"name": "status", "operator": "Include", "values": ["*"]}]
        assert criteria["failing_periods"] == {
            "minimum_failing_periods_to_trigger_alert": 1,
            "number_of_evaluation_periods": 1,
        }


def test_by_default_rules_are_stateful_and_resolve_without_a_message():
    document = terraform()
    for rule in by_name(document).values():
        assert rule["auto_mitigation_enabled"] is True
        names = [dimension["name"] for dimension in rule["criteria"][0]["dimension"]]
        assert names == ["status", "eventName", "plannedTime", "reason"]
    [suppressing] = resources(document, "azurerm_monitor_alert_processing_rule_suppression").values()
    assert suppressing["name"] == "aks-notices-resolved"
    assert suppressing["condition"]["monitor_condition"] == {"operator": "Equals", "values": ["Resolved"]}
    assert not resources(terraform(resolved_messages=True), "azurerm_monitor_alert_processing_rule_suppression")


@pytest.mark.parametrize("notice", ["cluster-auto-upgrade", "node-os-auto-upgrade"])
def test_the_query_selects_cluster_notice_and_look_back(notice):
    event = {"cluster-auto-upgrade": "K8sVersionUpgrade", "node-os-auto-upgrade": "NodeOSUpgrade"}[notice]
    query = query_of(by_name(terraform())[f"{notice}-prod@rg-aks"])
    assert re.search(r'^arg\(""\)\.containerserviceeventresources$', query, re.MULTILINE)
    assert f'id startswith "{cluster()}/"' in query
    assert "| where eventTime >= ago(6h)\n" in query
    assert f'upgradeType = "{event}"' in query


def test_frequency_window_and_look_back_follow_one_setting():
    document = terraform(evaluation_frequency="PT4H")
    for rule in by_name(document).values():
        assert rule["evaluation_frequency"] == rule["window_duration"] == "PT4H"
        assert "eventTime >= ago(8h)" in query_of(rule)


def test_each_rules_identity_reads_resource_group_and_subscription():
    document = terraform()
    granted = {(entry["principal_id"], entry["scope"]) for entry in resources(document, READER).values()}
    principals = [f"${{{RULE}.{rule}.identity[0].principal_id}}" for rule in resources(document, RULE)]
    scopes = [resource_group(), f"/subscriptions/{SUBSCRIPTION}"]
    assert granted == {(principal, scope) for principal in principals for scope in scopes}
    for entry in resources(document, READER).values():
        assert entry["principal_type"] == "ServicePrincipal"
        assert entry["role_definition_name"] == "Reader"
        assert "depends_on" not in entry


def test_three_clusters_get_six_rules_and_twelve_assignments():
    document = terraform(scopes=SEVERAL)
    assert len(resources(document, RULE)) == 6
    assert len(resources(document, GROUP)) == 1
    assert len(resources(document, READER)) == 12


def test_a_made_identity_gets_one_assignment_for_each_distinct_scope():
    document = terraform(scopes=SEVERAL, identity=Identity.user_assigned())
    [(identity, values)] = resources(document, IDENTITY).items()
    assert values["name"] == "id-aks-notices"
    granted = {entry["scope"]: f"{READER}.{name}" for name, entry in resources(document, READER).items()}
    assert set(granted) == {resource_group("rg-aks"), resource_group("rg-dev"), f"/subscriptions/{SUBSCRIPTION}"}
    assert len(resources(document, READER)) == 3
    assert {e["principal_id"] for e in resources(document, READER).values()} == {
        f"${{{IDENTITY}.{identity}.principal_id}}"
    }
    rules = by_name(document)
    assert len(rules) == 6
    for rule in rules.values():
        assert rule["identity"] == {"type": "UserAssigned", "identity_ids": [f"${{{IDENTITY}.{identity}.id}}"]}
    subscription = granted[f"/subscriptions/{SUBSCRIPTION}"]
    assert set(rules["cluster-auto-upgrade-dev@rg-dev"]["depends_on"]) == {
        granted[resource_group("rg-dev")],
        subscription,
    }
    assert set(rules["cluster-auto-upgrade-prod@rg-aks"]["depends_on"]) == {
        granted[resource_group("rg-aks")],
        subscription,
    }


def test_letter_case_of_a_resource_group_makes_no_second_assignment():
    scopes = [cluster("prod", "rg-aks"), cluster("dev", "RG-AKS")]
    document = terraform(scopes=scopes, identity=Identity.user_assigned("reader"))
    assert len(resources(document, READER)) == 2


def test_an_existing_identity_is_referred_to_and_made_reader():
    document = terraform(identity=Identity.existing(id=EXISTING_IDENTITY, principal_id=PRINCIPAL))
    assert not resources(document, IDENTITY)
    assert {entry["principal_id"] for entry in resources(document, READER).values()} == {PRINCIPAL}
    assert len(resources(document, READER)) == 2
    for rule in by_name(document).values():
        assert rule["identity"]["identity_ids"] == [EXISTING_IDENTITY]


def test_an_existing_identity_with_access_gets_no_assignment():
    document = terraform(identity=Identity.existing(id=EXISTING_IDENTITY), reader_scopes=[])
    assert not resources(document, READER)
    assert all("depends_on" not in rule for rule in by_name(document).values())


@pytest.mark.parametrize(
    ("reader_scopes", "expected"),
    [
        (["scope"], {cluster()}),
        (["resource-group"], {resource_group()}),
        ([f"/subscriptions/{SUBSCRIPTION}"], {f"/subscriptions/{SUBSCRIPTION}"}),
        (["scope", "subscription"], {cluster(), f"/subscriptions/{SUBSCRIPTION}"}),
    ],
)
def test_reader_scopes_are_those_asked_for(reader_scopes, expected):
    document = terraform(reader_scopes=reader_scopes)
    assert {entry["scope"] for entry in resources(document, READER).values()} == expected


def test_an_existing_action_group_is_referred_to():
    document = terraform(action_group=ActionGroup.existing(EXISTING_GROUP))
    assert not resources(document, GROUP)
    assert {tuple(rule["action"]["action_groups"]) for rule in by_name(document).values()} == {(EXISTING_GROUP,)}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (resource_group(), "cluster-auto-upgrade@rg-aks"),
        (f"/subscriptions/{SUBSCRIPTION}", f"cluster-auto-upgrade@{SUBSCRIPTION}"),
    ],
)
def test_a_wide_scope_gets_digests_and_reads_that_scope_alone(scope, name):
    document = terraform(scopes=[scope], notices=["cluster-auto-upgrade"])
    rule = by_name(document)[name]
    assert rule["scopes"] == [scope]
    assert [dimension["name"] for dimension in rule["criteria"][0]["dimension"]] == [
        *("status", "hour", "plannedTime", "events", "clusters")
    ]
    assert f'id startswith "{scope}/"' in query_of(rule)
    assert {entry["scope"] for entry in resources(document, READER).values()} == {scope}


def test_a_shared_rule_covers_all_scopes_from_the_subscription():
    document = terraform(scopes=SEVERAL, rules="shared")
    rules = by_name(document)
    assert set(rules) == {"cluster-auto-upgrade-shared", "node-os-auto-upgrade-shared"}
    for rule in rules.values():
        assert rule["scopes"] == [f"/subscriptions/{SUBSCRIPTION}"]
        assert all(f'id startswith "{scope}/"' in query_of(rule) for scope in SEVERAL)
        assert [entry["name"] for entry in rule["criteria"][0]["dimension"]] == [
            *("status", "clusterId", "clusterName", "eventName", "plannedTime", "reason")
        ]
    assert len(resources(document, READER)) == 2 * 3


def test_end_of_support_is_split_by_its_description():
    rule = by_name(terraform(notices=["end-of-support"]))["end-of-support-prod@rg-aks"]
    assert [entry["name"] for entry in rule["criteria"][0]["dimension"]] == ["description", "eventName"]
    assert "EOLNotification" in query_of(rule)


def test_routes_cut_a_notice_into_rules_that_share_nothing():
    routes = [
        Route(statuses=["Failed", "Cancelled"], severity=1, action_group=ActionGroup.existing(EXISTING_GROUP)),
        Route(notices=["node-os-auto-upgrade"], statuses=["Scheduled"], severity=4),
    ]
    document = terraform(routes=routes)
    rules = by_name(document)
    assert set(rules) == {
        "cluster-auto-upgrade-prod@rg-aks",
        "cluster-auto-upgrade-prod@rg-aks@Failed+Canceled",
        "node-os-auto-upgrade-prod@rg-aks",
        "node-os-auto-upgrade-prod@rg-aks@Failed+Canceled",
        "node-os-auto-upgrade-prod@rg-aks@Scheduled",
    }
    failed = rules["node-os-auto-upgrade-prod@rg-aks@Failed+Canceled"]
    assert (failed["severity"], failed["action"]["action_groups"]) == (1, [EXISTING_GROUP])
    assert 'status in~ ("Failed", "Canceled")' in query_of(failed)
    assert rules["node-os-auto-upgrade-prod@rg-aks@Scheduled"]["severity"] == 4
    rest = query_of(rules["node-os-auto-upgrade-prod@rg-aks"])
    assert 'isnotempty(status) and status !in~ ("Failed", "Canceled", "Scheduled")' in rest
    assert all(rule["criteria"][0]["dimension"][0]["values"] == ["*"] for rule in rules.values())


def test_two_routes_may_name_the_same_action_group_which_is_made_once():
    on_call = ActionGroup.create(
        name="ag-on-call",
        short_name="oncall",
        receivers=[EmailReceiver(name="on-call", email_address="oncall@example.com")],
    )
    routes = [Route(statuses=["Failed"], action_group=on_call), Route(statuses=["Canceled"], action_group=on_call)]
    assert set(by_name(terraform(routes=routes), GROUP)) == {"ag-aks-notices", "ag-on-call"}


def test_a_scope_of_another_subscription_carries_it_in_the_rules_name():
    document = terraform(scopes=[cluster(), cluster(subscription=OTHER_SUBSCRIPTION)], notices=["cluster-auto-upgrade"])
    assert set(by_name(document)) == {
        "cluster-auto-upgrade-prod@rg-aks",
        f"cluster-auto-upgrade-prod@rg-aks@{OTHER_SUBSCRIPTION}",
    }


def test_subscription_from_nested_provider_without_an_alias():
    made = TerraformStack(Testing.app(), "production")
    AzurermProvider(made, "aliased", features=[{}], subscription_id=OTHER_SUBSCRIPTION, alias="other")
    AzurermProvider(Construct(made, "base"), "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
    scopes = [cluster(), cluster(subscription=OTHER_SUBSCRIPTION)]
    rules = manager(made, scopes=scopes, notices=["cluster-auto-upgrade"]).alert_rules
    assert [rule.name_input for rule in rules] == [
        "cluster-auto-upgrade-prod@rg-aks",
        f"cluster-auto-upgrade-prod@rg-aks@{OTHER_SUBSCRIPTION}",
    ]


def test_adding_a_cluster_in_front_renames_and_replaces_nothing():
    before = terraform(scopes=SEVERAL[1:])
    after = terraform(scopes=SEVERAL)
    for type_ in (RULE, READER, GROUP):
        for logical_id, values in resources(before, type_).items():
            assert resources(after, type_)[logical_id] == values


def test_what_looks_like_an_expression_reaches_azure_as_it_is_written():
    odd = "${var.x} %{ if true }"
    document = terraform(custom_properties={"note": odd}, tags={"note": odd})
    rule = next(iter(by_name(document).values()))
    assert rule["action"]["custom_properties"]["note"] == "$${var.x} %%{ if true }"
    assert rule["tags"]["note"] == "$${var.x} %%{ if true }"
    assert next(iter(by_name(document, GROUP).values()))["tags"] == {"note": "$${var.x} %%{ if true }"}


def test_names_of_what_exists_and_places_are_escaped_too():
    odd_group = f"{resource_group()}/providers/Microsoft.Insights/actionGroups/ag${{x}}"
    odd_identity = f"{resource_group()}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id%{{x}}"
    document = terraform(
        location="we${x}",
        action_group=ActionGroup.existing(odd_group),
        identity=Identity.existing(id=odd_identity, principal_id=PRINCIPAL),
    )
    for rule in resources(document, RULE).values():
        assert rule["location"] == "we$${x}"
        assert rule["action"]["action_groups"] == [odd_group.replace("${", "$${")]
        assert rule["identity"]["identity_ids"] == [odd_identity.replace("%{", "%%{")]
    [identity] = resources(terraform(location="we${x}", identity=Identity.user_assigned()), IDENTITY).values()
    assert identity["location"] == "we$${x}"


def test_reader_scopes_go_to_the_rules_within_them_or_else_to_all():
    given = [resource_group("rg-aks"), resource_group("rg-dev"), resource_group("rg-shared")]
    document = terraform(scopes=SEVERAL, reader_scopes=given, notices=["cluster-auto-upgrade"])
    granted = {}
    for entry in resources(document, READER).values():
        granted.setdefault(entry["principal_id"], set()).add(entry["scope"])
    dev = next(name for name, rule in resources(document, RULE).items() if rule["name"].endswith("@rg-dev"))
    for principal, scopes in granted.items():
        expected = given[1:] if dev in principal else [given[0], given[2]]
        assert scopes == set(expected)


def test_an_adopted_rule_must_not_have_the_name_of_another():
    by_hand = f"{resource_group('rg-aks-notices')}/providers/Microsoft.Insights/scheduledQueryRules/node-os-auto-upgrade-prod@rg-aks"
    with pytest.raises(InvalidArgument) as error:
        terraform(adopt=[{"scope": cluster(), "notice": "cluster-auto-upgrade", "rule": by_hand}])
    assert str(error.value) == (
        'adopt[0].rule: another alert rule of the stack would get the name "node-os-auto-upgrade-prod@rg-aks" '
        "in the same resource group [ACM131]\n    Set `name_prefix`: an adopted rule keeps its name."
    )


@pytest.mark.parametrize("argument", ["tags", "custom_properties"])
def test_tags_and_properties_of_a_wrong_type_are_a_mistake_with_a_path(argument):
    with pytest.raises(InvalidArgument, match=rf"{argument}: a list is not a mapping"):
        terraform(**{argument: ["ab"]})


def test_created_resources_are_reachable_and_getters_return_copies():
    made = stack()
    made_manager = manager(made, scopes=SEVERAL, identity=Identity.user_assigned())
    assert len(made_manager.alert_rules) == 6
    assert len(made_manager.role_assignments) == 3
    assert made_manager.action_group is made_manager.action_groups[0]
    assert made_manager.identity is not None
    made_manager.alert_rule_ids.clear()
    assert len(made_manager.alert_rule_ids) == 6
    made_manager.alert_rules[0].add_override("enabled", False)
    assert sum(rule.get("enabled") is False for rule in resources(synth(made), RULE).values()) == 1


def test_the_bindings_check_other_peoples_arguments_as_ever():
    made = stack()
    manager(made)
    with pytest.raises(TypeError, match="type of argument scope must be str; got int instead"):
        RoleAssignment(made, "reader", scope=5, principal_id=PRINCIPAL)


def test_nothing_is_made_where_an_argument_is_wrong():
    made = stack()
    with pytest.raises(InvalidArgument, match=r'severity: "7" is not a severity'):
        manager(made, severity=7)
    assert "resource" not in synth(made)
    manager(made)  # the id is free


def test_the_same_rules_by_two_managers_of_a_stack_are_refused():
    made = stack()
    manager(made, "one")
    with pytest.raises(
        InvalidArgument, match=r'the alert rule "cluster-auto-upgrade-prod@rg-aks" is already created by production/one'
    ):
        manager(made, "two", action_group=ActionGroup.existing(EXISTING_GROUP))
    manager(made, "three", action_group=ActionGroup.existing(EXISTING_GROUP), name_prefix="three-")


def test_the_same_rules_in_two_stacks_of_one_subscription_are_refused():
    app = Testing.app()

    def add(name, subscription):
        made = TerraformStack(app, name)
        AzurermProvider(made, "azurerm", features=[{}], subscription_id=subscription)
        manager(made, scopes=[cluster(subscription=subscription)])

    add("a", SUBSCRIPTION)
    add("b", OTHER_SUBSCRIPTION)
    with pytest.raises(InvalidArgument, match="is already created by a/notices"):
        add("c", SUBSCRIPTION.upper())


def test_one_principal_is_made_reader_of_a_scope_once_in_a_program():
    made = stack()
    arguments = {"identity": Identity.existing(id=EXISTING_IDENTITY, principal_id=PRINCIPAL)}
    manager(made, "one", **arguments)
    with pytest.raises(InvalidArgument, match=r"the Reader assignment on .* is already created by production/one"):
        manager(made, "two", name_prefix="two-", action_group=ActionGroup.existing(EXISTING_GROUP), **arguments)


def test_the_resource_group_may_be_one_that_the_program_makes():
    def build(made):
        group = ResourceGroup(made, "group", name="rg-aks-notices", location="westeurope")
        manager(made, resource_group_name=group.name)

    document = terraform(build)
    assert {rule["resource_group_name"] for rule in resources(document, RULE).values()} == {
        "${azurerm_resource_group.group.name}"
    }


CASES = {
    "default": {},
    "several-clusters": {"scopes": SEVERAL},
    "user-assigned": {"scopes": SEVERAL, "identity": Identity.user_assigned()},
    "existing-action-group": {"action_group": ActionGroup.existing(EXISTING_GROUP)},
    "existing-identity": {"identity": Identity.existing(id=EXISTING_IDENTITY, principal_id=PRINCIPAL)},
    "wide-scopes": {"scopes": [resource_group(), f"/subscriptions/{OTHER_SUBSCRIPTION}"]},
    "shared": {"scopes": SEVERAL, "rules": "shared", "identity": Identity.user_assigned()},
    "end-of-support": {"notices": ["end-of-support"]},
    "documented": {"query": "documented"},
    "everything": {
        "scopes": [cluster(), resource_group("rg-dev")],
        "notices": ["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support", "missed-maintenance"],
        "evaluation_frequency": "PT15M",
        "look_back": "PT12H",
        "severity": 2,
        "identity": Identity.user_assigned("id-everything"),
        "reader_scopes": ["scope"],
        "routes": [
            Route(statuses=["Failed", "Canceled"], severity=1, action_group=ActionGroup.existing(EXISTING_GROUP)),
            Route(statuses=["Completed"], severity=4, grouping="event"),
            Route(stages=["KubernetesVersionOutOfSupport"], severity=2, action_group=action_group("ag-out-of-support")),
        ],
        "name_prefix": "team-",
        "custom_properties": {"runbook": "https://example.com/aks"},
        "tags": {"owner": "platform"},
    },
}


@pytest.mark.parametrize("case", CASES)
def test_the_terraform_json_is_as_it_was(case, snapshot):
    assert terraform(**CASES[case]) == snapshot


def test_logical_ids_are_a_contract_and_as_they_were(snapshot):
    ids = {
        case: sorted(
            f"{type_}.{logical_id}" for type_, made in terraform(**arguments)["resource"].items() for logical_id in made
        )
        for case, arguments in CASES.items()
    }
    assert ids == snapshot
