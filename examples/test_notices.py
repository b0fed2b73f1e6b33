"""A team's own tests of its config: pytest with the extra [testing] of aks-communication-manager (docs/reference/testing.md)."""

from pathlib import Path

import pytest

from aks_communication_manager.testing import SynthesizedStack, event

CONFIG = Path(__file__).with_name("routes.yaml")
CLUSTER = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
    "/providers/Microsoft.ContainerService/managedClusters/prod"
)
UPGRADES = ("cluster-auto-upgrade", "node-os-auto-upgrade")


@pytest.fixture
def stack(synthesize_config) -> SynthesizedStack:
    return synthesize_config(CONFIG)["routes"]


@pytest.mark.parametrize("notice", UPGRADES)
@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_failure_wakes_whoever_is_on_call(stack, notice, status) -> None:
    stack.assert_notifies(event(CLUSTER, notice, status), "on-call")


@pytest.mark.parametrize("notice", UPGRADES)
@pytest.mark.parametrize("status", ["Scheduled", "Started", "Completed"])
def test_everything_else_is_a_mail_to_the_team(stack, notice, status) -> None:
    stack.assert_notifies(event(CLUSTER, notice, status), "platform-team")


def test_a_cluster_that_is_not_watched_notifies_nobody(stack) -> None:
    stack.assert_notifies(event(CLUSTER.replace("/prod", "/test"), "cluster-auto-upgrade", "Failed"))


def test_planned_work_on_nodes_is_a_note(stack) -> None:
    rule = stack.alert_rule(
        scope=CLUSTER, notice="node-os-auto-upgrade", name="node-os-auto-upgrade-prod@rg-aks@Scheduled"
    )
    assert rule.severity == 4


def test_a_message_says_when_the_upgrade_is_planned(stack) -> None:
    [notification] = stack.notifications(event(CLUSTER, "cluster-auto-upgrade", "Scheduled"))
    assert notification.dimensions["plannedTime"] == "2026-01-12T20:00Z"
