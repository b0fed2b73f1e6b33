"""What a changed setting changes: in place, unless it is one of the four that Azure does not let a rule change."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.azurerm.deployment import Config, Deployment, config, read_only, updated
from tests.synthesis import GROUP, IDENTITY, READER, RULE, cluster, resource_group

pytestmark = pytest.mark.azurerm

PROCESSING = "azurerm_monitor_alert_processing_rule_suppression"
HEALTH = "azurerm_monitor_activity_log_alert"
GROUP_OF_RESOURCES = "azurerm_resource_group"
ON_CALL = f"{resource_group('rg-on-call')}/providers/Microsoft.Insights/actionGroups/ag-on-call"
MAIL = {"type": "email", "name": "platform-team", "email_address": "platform@example.com"}
SMS = {"type": "sms", "name": "on-call", "country_code": "31", "phone_number": "0612345678"}
SHARED: Config = {"rules": "shared", "scopes": [cluster(), cluster("prod-2")]}


def group(*receivers: dict[str, Any], short_name: str = "aksnotices") -> dict[str, Any]:
    return {"name": "ag-aks-notices", "short_name": short_name, "receivers": list(receivers)}


IN_PLACE: dict[str, tuple[Config, Config, set[str]]] = {
    "severity": ({}, {"severity": 1}, {RULE}),
    "evaluation frequency": ({}, {"evaluation_frequency": "PT45M"}, {RULE}),
    "look-back": ({}, {"look_back": "PT12H"}, {RULE}),
    "grouping": ({}, {"grouping": "digest"}, {RULE}),
    "grouping of a wide scope": (
        {"scopes": [resource_group("rg-others")], "grouping": "event"},
        {"scopes": [resource_group("rg-others")]},
        {RULE},
    ),
    "tags": ({}, {"tags": {"owner": "platform"}}, {RULE, GROUP, PROCESSING}),
    "another tag": ({"tags": {"owner": "platform"}}, {"tags": {"team": "aks"}}, {RULE, GROUP, PROCESSING}),
    "no tags": ({"tags": {"owner": "platform"}}, {}, {RULE, GROUP, PROCESSING}),
    "custom properties": ({}, {"custom_properties": {"runbook": "https://example.com/aks"}}, {RULE}),
    "one receiver more": ({}, {"action_group": group(MAIL, SMS)}, {GROUP}),
    "one receiver less": ({"action_group": group(MAIL, SMS)}, {"action_group": group(SMS)}, {GROUP}),
    "an address": ({}, {"action_group": group(MAIL | {"email_address": "aks@example.com"})}, {GROUP}),
    "the short name": ({}, {"action_group": group(MAIL, short_name="aks")}, {GROUP}),
    "another existing action group": (
        {"action_group": {"id": ON_CALL}},
        {"action_group": {"id": ON_CALL.replace("on-call", "weekend")}},
        {RULE},
    ),
    "another existing identity": ({}, read_only("id-others"), {RULE}),
    "a cluster added in front of a shared rule": (
        SHARED,
        SHARED | {"scopes": [cluster("new"), *SHARED["scopes"]]},
        {RULE},
    ),
    "a cluster taken from a shared rule": (SHARED, SHARED | {"scopes": [cluster("prod-2")]}, {RULE}),
}
"""What changes in place: a config, another one, and the types of all resources that change then."""


OWN_QUERY = """\
arg("").containerserviceeventresources
| where <scopes> and properties contains "K8sVersionUpgrade" and name != "maintenance of no interest"
| extend status = tostring(properties.eventStatus), eventTime = todatetime(properties.lastUpdateTime), eventName = name
| where <selection> and <window>
"""

DELIVERY: dict[str, tuple[Config, Config, set[tuple[str, tuple[str, ...]]]]] = {
    "from the documented query": ({"query": "documented"}, {}, {(RULE, ("update",)), (PROCESSING, ("create",))}),
    "to digests": ({}, {"grouping": "digest"}, {(RULE, ("update",))}),
    "to resolved messages": ({}, {"resolved_messages": True}, {(PROCESSING, ("delete",))}),
    "to the documented query": ({}, {"query": "documented"}, {(RULE, ("update",)), (PROCESSING, ("delete",))}),
}


@pytest.mark.parametrize("what", DELIVERY)
def test_delivery_changes_without_replacing_a_rule_and_each_way_of_it_stays_applied(what: str, deployment: Deployment):
    before, after, expected = DELIVERY[what]
    deployment.write(config(**(read_only() | before)))
    deployment.seed()
    deployment.terraform.apply()
    assert deployment.terraform.plan() == []
    deployment.write(config(**(read_only() | after)))
    deployment.seed()
    changes = deployment.update(config(**(read_only() | after)))  # which proves that the next plan is empty
    assert {(change.type, tuple(change.actions)) for change in changes} == expected


def test_all_notices_with_events_digests_and_two_action_groups_stay_applied(deployment: Deployment):
    on_call = group(SMS, short_name="oncall") | {"name": "ag-on-call"}
    failed = {"statuses": ["Failed"], "grouping": "event", "action_group": on_call, "keep_default": True}
    notices = ["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support", "missed-maintenance"]
    terraform = deployment.write(config(**read_only(), notices=notices, grouping="digest", routes=[failed]))
    deployment.seed()
    terraform.apply()
    assert terraform.plan() == []
    with deployment.sdk() as sdk:
        groups = sorted(len(rule.actions.action_groups) for rule in sdk.rules())
    assert groups == [1, 1, 1, 1, 2, 2]


def test_what_version_0_2_wrote_is_changed_in_place(deployment: Deployment):
    """Stateful rules of a cluster, and the stateless ones that 0.2 wrote for a resource group."""
    written = json.loads((Path(__file__).parent / "written_by_0_2.json").read_text(encoding="utf-8"))
    keys = config(
        **read_only(),
        scopes=[resource_group("rg-aks-test"), cluster()],
        notices=["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"],
    )
    deployment.write(keys, lambda document: document.update(written))
    deployment.seed()
    deployment.terraform.apply()
    with deployment.sdk() as sdk:
        before = {rule.id: bool(rule.auto_mitigate) for rule in sdk.rules()}
    assert sorted(before.values()) == [False, False, False, True, True, True]
    changes = deployment.update(keys)  # proves that the next plan is empty
    assert [(change.type, change.actions) for change in changes if change.type != RULE] == [(PROCESSING, ("update",))]
    assert [change.actions for change in changes if change.type == RULE] == [("update",)] * 6
    with deployment.sdk() as sdk:
        assert {rule.id: bool(rule.auto_mitigate) for rule in sdk.rules()} == dict.fromkeys(before, True)


@pytest.mark.parametrize("what", IN_PLACE)
def test_a_setting_is_changed_in_place(what: str, deployment: Deployment):
    before, after, types = IN_PLACE[what]
    terraform = deployment.write(config(**(read_only() | before)))
    deployment.seed()
    terraform.apply()
    deployment.write(config(**(read_only() | after)))
    deployment.seed()
    assert updated(deployment.update(config(**(read_only() | after)))) == types


def test_all_that_may_change_changes_in_place_at_once_and_is_in_azure(deployment: Deployment):
    deployment.write(config(**read_only(), evaluation_frequency="PT15M")).validate()
    deployment.seed()
    deployment.terraform.apply()
    with deployment.sdk() as sdk:
        ids = {rule.id for rule in sdk.rules()}
    changes = deployment.update(
        config(
            **read_only(),
            severity=0,
            evaluation_frequency="PT5M",
            look_back="PT12H",
            tags={"owner": "platform"},
            custom_properties={"runbook": "https://example.com/aks"},
            action_group=group(SMS, short_name="aks"),
        )
    )
    assert updated(changes) == {RULE, GROUP, PROCESSING, HEALTH}
    with deployment.sdk() as sdk:
        rules, (made,) = sdk.rules(), sdk.action_groups()
        assert {rule.id for rule in rules} == ids
        for rule in rules:
            assert (rule.severity, rule.evaluation_frequency, rule.tags) == (
                0,
                timedelta(minutes=5),
                {"owner": "platform"},
            )
            assert "eventTime >= ago(12h)\n" in rule.criteria.all_of[0].query
            assert rule.actions.custom_properties["runbook"] == "https://example.com/aks"
        assert (made.group_short_name, made.email_receivers) == ("aks", [])
        assert [one.phone_number for one in made.sms_receivers] == ["0612345678"]


def test_a_query_of_the_teams_own_changes_its_rule_in_place(deployment: Deployment):
    terraform = deployment.write(config(**read_only()))
    deployment.seed()
    terraform.apply()
    (deployment.folder / "own.kql").write_text(OWN_QUERY)
    keys = config(**read_only(), queries={"cluster-auto-upgrade": "own.kql"})
    assert [change.address.count("cluster-auto-upgrade") for change in deployment.update(keys)] == [1]
    with deployment.sdk() as sdk:
        queries = {rule.name: rule.criteria.all_of[0].query for rule in sdk.rules()}
    assert "maintenance of no interest" in queries["cluster-auto-upgrade-prod@rg-aks"]


def test_a_changed_rule_keeps_its_identity_and_its_role_assignments(deployment: Deployment):
    terraform = deployment.write(config())
    deployment.seed()
    terraform.apply()
    with deployment.sdk() as sdk:
        before = {one.id for one in sdk.role_assignments()}
    assert updated(deployment.update(config(severity=1, tags={"owner": "platform"}))) == {RULE, GROUP, PROCESSING}
    with deployment.sdk() as sdk:
        assert {one.id for one in sdk.role_assignments()} == before


def test_tags_of_a_made_resource_group_and_a_made_identity_change_in_place(deployment: Deployment):
    keys: Config = {
        "resource_group": {"name": "rg-aks-notices", "create": True},
        "identity": "user-assigned",
        "reader_scopes": ["scope"],
    }
    terraform = deployment.write(config(**keys))
    deployment.seed()
    terraform.apply()
    changes = deployment.update(config(**keys, tags={"owner": "platform"}))
    assert updated(changes) == {RULE, GROUP, IDENTITY, GROUP_OF_RESOURCES, PROCESSING}
    with deployment.sdk() as sdk:
        assert [one.tags for one in (*sdk.identities(), *sdk.resource_groups()) if one.tags] == [
            {"owner": "platform"}
        ] * 2


def test_another_kind_of_identity_changes_the_rules_in_place_and_their_assignments_with_it(deployment: Deployment):
    terraform = deployment.write(config(notices=["cluster-auto-upgrade"]))
    deployment.seed()
    terraform.apply()
    changes = deployment.update(config(notices=["cluster-auto-upgrade"], identity="user-assigned"))
    assert {(change.type, change.actions) for change in changes} == {
        (RULE, ("update",)),
        (IDENTITY, ("create",)),
        (READER, ("create",)),
        (READER, ("delete",)),
    }
    with deployment.sdk() as sdk:
        (identity,) = sdk.identities()
        assert {one.principal_id for one in sdk.role_assignments()} == {identity.principal_id}
        assert [rule.identity.type for rule in sdk.rules()] == ["UserAssigned"]


def test_a_cluster_more_makes_its_rules_and_changes_nothing_else(deployment: Deployment):
    terraform = deployment.write(config(**read_only()))
    deployment.seed()
    terraform.apply()
    changes = deployment.update(config(**read_only(), scopes=[cluster("new"), cluster()]))
    assert [(change.type, change.actions) for change in changes] == [(RULE, ("create",))] * 2


def test_a_route_more_makes_its_rules_and_changes_the_others_in_place(deployment: Deployment):
    terraform = deployment.write(config(**read_only()))
    deployment.seed()
    terraform.apply()
    changes = deployment.update(config(**read_only(), routes=[{"statuses": ["Failed"], "severity": 1}]))
    assert sorted(change.actions for change in changes) == [("create",)] * 2 + [("update",)] * 2


def test_rules_are_replaced_where_name_scope_location_or_resource_group_changes(deployment: Deployment):
    terraform = deployment.write(config(**read_only()))
    deployment.seed()
    terraform.apply()

    def replaced(keys: Config, change: Any = None) -> dict[str, set[tuple[str, ...]]]:
        found: dict[str, set[tuple[str, ...]]] = {}
        for one in deployment.plan(config(**read_only(), **keys), change):
            if set(one.actions) == {"delete", "create"}:
                found.setdefault(one.type, set()).add(one.replaced_by)
        return found

    def other_scope(document: dict[str, Any]) -> None:
        for rule in document["resource"][RULE].values():
            rule["scopes"] = [cluster("prod-2")]

    assert replaced({"name_prefix": "team-"}) == {RULE: {("name",)}, PROCESSING: {("name",)}}
    assert replaced({}, other_scope) == {RULE: {("scopes",)}}
    assert replaced({"location": "northeurope"}) == {RULE: {("location",)}}
    assert replaced({"resource_group": "rg-others"}) == {
        RULE: {("resource_group_name",)},
        GROUP: {("resource_group_name",)},
        PROCESSING: {("resource_group_name",)},
    }
    assert replaced({}) == {}
