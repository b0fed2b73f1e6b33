"""A stack as values: its rules by scope and notice, and who is notified of an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from aks_communication_manager import ActionGroup, InvalidArgument, Route, testing
from aks_communication_manager.testing import event, stable, synthesize_config, synthesize_stack
from aks_communication_manager.testing.event_factory import HAPPENED
from tests.synthesis import GROUP, OTHER_SUBSCRIPTION, RULE, cluster, manager, resource_group, stack

EXAMPLE = Path(__file__).parents[2] / "examples" / "default.yaml"
PROD = cluster()
BOTH = ("cluster-auto-upgrade", "node-os-auto-upgrade")
ON_CALL = ActionGroup.existing(f"{resource_group('rg-on-call')}/providers/Microsoft.Insights/actionGroups/ag-on-call")


@pytest.fixture(scope="module")
def synthesized():
    made = stack()
    routes = [Route(statuses=["Failed"], severity=1, action_group=ON_CALL)]
    manager(made, scopes=[PROD, cluster("dev")], routes=routes, notices=[*BOTH, "end-of-support"])
    return synthesize_stack(made)


def test_an_unknown_name_of_the_test_kit_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'aks_communication_manager.testing' has no attribute 'x'"):
        _ = testing.x


def test_resources_are_those_of_the_terraform_json(synthesized):
    assert len(synthesized.resources(RULE)) == len(synthesized.alert_rules) == 10
    assert [group["name"] for group in synthesized.resources(GROUP).values()] == ["ag-aks-notices"]
    assert synthesized.resources("azurerm_subnet") == {}
    assert repr(synthesized) == "SynthesizedStack(name='production')"


def test_alert_rule_is_found_by_scope_notice_and_name(synthesized):
    assert synthesized.alert_rule(scope=PROD.upper(), notice="end-of-support").name == "end-of-support-prod@rg-aks"
    name = "cluster-auto-upgrade-prod@rg-aks@Failed"
    assert synthesized.alert_rule(scope=PROD, notice="cluster-auto-upgrade", name=name).severity == 1


def test_a_rule_that_is_not_there_is_a_mistake_with_those_that_are(synthesized):
    with pytest.raises(InvalidArgument) as error:
        synthesized.alert_rule(scope=resource_group("rg-x"), notice="end-of-support")
    assert str(error.value).startswith(
        f'there is no alert rule for scope="{resource_group("rg-x")}", notice=end-of-support [ACM054]\n    There are\n'
        "      cluster-auto-upgrade-dev@rg-aks@Failed\n"
    )
    with pytest.raises(InvalidArgument) as error:
        synthesized.alert_rule(scope=PROD, notice="cluster-auto-upgrade")
    assert str(error.value) == (
        f'2 alert rules match scope="{PROD}", notice=cluster-auto-upgrade [ACM054]\n    Add the name of one of them\n'
        "      cluster-auto-upgrade-prod@rg-aks@Failed\n      cluster-auto-upgrade-prod@rg-aks"
    )
    with pytest.raises(InvalidArgument, match=r'"end-of-suport" is not a notice \[ACM025\]'):
        synthesized.alert_rule(scope=PROD, notice="end-of-suport")


@pytest.mark.parametrize(
    ("notice", "status", "name"),
    [
        *((notice, "Failed", "ag-on-call") for notice in BOTH),
        *(("cluster-auto-upgrade", status, "platform-team") for status in ("Scheduled", "Started", "Cancelled")),
    ],
)
def test_an_event_notifies_those_that_its_route_says(synthesized, notice, status, name):
    synthesized.assert_notifies(event(PROD, notice, status), name)


def test_an_event_of_a_cluster_that_is_not_watched_notifies_nobody(synthesized):
    for other in (cluster("prod-2"), cluster(group="rg-other"), cluster(subscription=OTHER_SUBSCRIPTION)):
        synthesized.assert_notifies(event(other, "cluster-auto-upgrade", "Started"))


def test_an_event_that_shows_up_after_the_look_back_notifies_nobody(synthesized):
    late = event(PROD, "cluster-auto-upgrade", "Started", visible=HAPPENED + timedelta(hours=7))
    synthesized.assert_notifies(late)
    synthesized.assert_notifies(
        event(PROD, "cluster-auto-upgrade", "Started", visible=HAPPENED + timedelta(hours=5)), "platform-team"
    )


def test_a_wrong_expectation_says_who_is_notified_by_which_rule(synthesized):
    failed = event(PROD, "cluster-auto-upgrade", "Failed")
    with pytest.raises(AssertionError) as error:
        synthesized.assert_notifies(failed, "platform-team")
    assert str(error.value) == (
        "Failed of prod: platform-team should be notified once\n"
        "  cluster-auto-upgrade-prod@rg-aks@Failed (severity 1) notifies ag-on-call"
    )
    with pytest.raises(AssertionError, match="nobody should be notified once\n  cluster-auto"):
        synthesized.assert_notifies(failed)
    with pytest.raises(AssertionError, match="platform-team should be notified once\n  no alert rule notifies anybody"):
        synthesized.assert_notifies(event(cluster("x"), "cluster-auto-upgrade", "Failed"), "platform-team")


def test_people_whom_two_rules_notify_are_not_notified_once():
    made = stack()
    manager(made)
    manager(made, "again", name_prefix="again-", action_group=ON_CALL, scopes=[resource_group()])
    both = synthesize_stack(made)
    both.assert_notifies(event(PROD, "cluster-auto-upgrade", "Started"), "platform-team", "ag-on-call")
    with pytest.raises(AssertionError):
        both.assert_notifies(event(PROD, "cluster-auto-upgrade", "Started"), "platform-team")


def test_what_an_override_breaks_is_seen():
    made = stack()
    manager(made).alert_rules[0].add_override("enabled", False)
    broken = synthesize_stack(made)
    broken.assert_notifies(event(PROD, "node-os-auto-upgrade", "Started"), "platform-team")
    with pytest.raises(AssertionError, match="was not evaluated: it is disabled, so it notifies nobody"):
        broken.assert_notifies(event(PROD, "cluster-auto-upgrade", "Started"), "platform-team")


def test_a_notification_has_what_the_message_will_say(synthesized):
    [sent] = synthesized.notifications(event(PROD, "node-os-auto-upgrade", "Completed"))
    assert (sent.severity, sent.condition, sent.dimensions["status"]) == (3, "Fired", "Completed")
    assert [(receiver.kind, receiver.name) for receiver in sent.receivers] == [("email", "platform-team")]
    assert synthesized.notifications() == ()


def test_an_event_is_as_aks_writes_it_and_the_same_each_time():
    there = timezone(timedelta(hours=1))
    made = event(PROD, "end-of-support", "KubernetesVersionOutOfSupport", happened=datetime(2026, 1, 1, tzinfo=there))
    assert (made.cluster, made.stage, made.notices) == (PROD, "KubernetesVersionOutOfSupport", ("end-of-support",))
    assert [key for key in made.properties if key.endswith("Time")] == ["scheduledTime"]
    assert made.properties["scheduledTime"] == "2026-01-07T23:00:00.0000000Z"
    assert made.visible_from == datetime(2025, 12, 31, 23, 1, tzinfo=UTC)
    assert event(PROD, "cluster-auto-upgrade", "Started") == event(PROD, "cluster-auto-upgrade", "Started")


def test_events_of_one_maintenance_have_one_event_id():
    ids = [event(PROD, "node-os-auto-upgrade", status).properties["eventId"] for status in ("Scheduled", "Started")]
    later = event(PROD, "node-os-auto-upgrade", "Scheduled", planned=HAPPENED)
    assert ids[0] == ids[1] != later.properties["eventId"]


def test_times_and_details_of_an_event_can_be_given():
    planned, updated = HAPPENED + timedelta(days=1), HAPPENED + timedelta(hours=1)
    made = event(
        PROD, "end-of-support", "KubernetesVersionEOLOneWeek", planned=planned, updated=updated, details={"a": 1}
    )
    assert (made.planned, made.updated, made.properties["eventDetails"]) == (planned, updated, {"a": 1})
    failed = event(PROD, "cluster-auto-upgrade", "Failed", details="the drain failed\nK8sVersionUpgrade")
    assert (failed.reason, failed.updated) == ("the drain failed", HAPPENED)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("prod", "end-of-support", "x"), '"prod" is not the id of a cluster'),
        ((resource_group(), "end-of-support", "x"), 'cluster: "/subscriptions/.*rg-aks" is not the id of a cluster'),
        ((PROD, "upgrade", "x"), 'notice: "upgrade" is not a notice'),
        (
            (PROD, "cluster-auto-upgrade", "Fail"),
            'status: "Fail" is not a status of cluster-auto-upgrade .*\n.*Did you mean Failed',
        ),
        ((PROD, "end-of-support", "Failed"), 'status: "Failed" is not a status of end-of-support'),
    ],
)
def test_an_event_that_cannot_be_is_refused(arguments, text):
    with pytest.raises(InvalidArgument, match=text):
        event(*arguments)


def test_what_is_stable_has_no_version_no_metadata_and_no_path(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    [made] = synthesize_config(file).values()
    found = made.stable()
    assert found["terraform"] == {
        "backend": {"local": {"path": "…"}},
        "required_providers": {"azurerm": {"source": "azurerm", "version": "…"}},
    }
    assert '"//"' not in str(found)
    assert made.document["terraform"]["required_providers"]["azurerm"]["version"] != "…"
    assert stable({"//": {"a": 1}, "resource": {"x": {"y": [{"//": 1, "z": 2}]}}}) == {
        "resource": {"x": {"y": [{"z": 2}]}}
    }
