"""Rules about maintenance that never began, in a rehearsal and in the test kit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.config.configs import CLUSTER, config

from aks_communication_manager.rehearse import stories
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.testing import SynthesizedStack, event, synthesize_config
from aks_communication_manager.testing.event_factory import HAPPENED

ANNOUNCED = event(CLUSTER, "cluster-auto-upgrade", "Scheduled")
PLANNED = HAPPENED + timedelta(days=7)


@pytest.fixture(params=["event", "digest"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> SynthesizedStack:
    (tmp_path / "my.yaml").write_text(config(f"notices: [missed-maintenance]\ngrouping: {request.param}"))
    return synthesize_config(tmp_path / "my.yaml")["production"]


def test_an_announcement_that_nothing_follows_notifies(stack: SynthesizedStack):
    stack.assert_notifies(ANNOUNCED, "platform-team")
    (sent,) = [one for one in stack.notifications(ANNOUNCED) if one.condition == "Fired"]
    assert timedelta(days=1) < sent.time - PLANNED < timedelta(hours=27)


@pytest.mark.parametrize("status", ["Started", "Completed", "Failed", "Canceled"])
def test_one_that_began_or_ended_notifies_nobody(stack: SynthesizedStack, status: str):
    later = event(CLUSTER, "cluster-auto-upgrade", status, happened=PLANNED, planned=PLANNED)
    assert stack.notifications(ANNOUNCED, later) == ()


def test_missed_story_leaves_no_event_unheard(stack: SynthesizedStack):
    rules = stack._rule_set
    assert rules.families == frozenset()
    assert stories.watched_by(rules.families, rules.notices) == ["missed"]
    records = stories.sequence(["missed"], [CLUSTER], HAPPENED)
    result = rehearse(rules, records)
    assert result.unheard == ()
    assert [one.notified for one in result.events] == [1, 1, 1, 1]
    assert not any(one.wanted for one in result.events)
