"""More notifications for one address than Azure sends are a warning, with the arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver, Route, SmsReceiver, VoiceReceiver, WebhookReceiver
from aks_communication_manager.checks.estate import WARNINGS
from aks_communication_manager.compiler import compile_config
from tests.compiling import SUB, cluster, compiled
from tests.config.configs import config

SMS = SmsReceiver(name="on-call", country_code="31", phone_number="612345678")
VOICE = VoiceReceiver(name="on-call", country_code="31", phone_number="612345678")
WEBHOOK = WebhookReceiver(name="pager", service_uri="https://pager.example.com/secret-key")
MAIL = EmailReceiver(name="a", email_address="a@example.com")
WIDE = [f"/subscriptions/{SUB}"]


def clusters(count: int) -> list[str]:
    return [cluster(f"c{index}") for index in range(count)]


def group(*receivers: Any, name: str = "ag-aks") -> ActionGroup:
    return ActionGroup.create(name=name, short_name="aks", receivers=receivers)


def warnings(**options: Any) -> list[str]:
    return [str(warning) for warning in compiled(**options)[1] if warning.code == "ACM159"]


def test_a_mailbox_gets_a_hundred_mails_an_hour():
    assert warnings(scopes=clusters(100)) == []
    assert warnings(scopes=clusters(101)) == [
        'action_group: "a" (email) can get 101 notifications within an hour (101 clusters with an event each); '
        "Azure sends at most 100 and drops the rest [ACM159]\n"
        "    Set `rules: shared` and `grouping: digest`, or use a webhook."
    ]
    assert warnings(scopes=clusters(101), rules="shared", grouping="digest") == []


@pytest.mark.parametrize(("receiver", "kind"), [(SMS, "sms"), (VOICE, "voice")])
def test_a_phone_gets_one_message_in_five_minutes(receiver, kind):
    assert warnings(scopes=clusters(1), action_group=group(receiver)) == []
    (found,) = warnings(scopes=clusters(2), action_group=group(receiver))
    assert f'"on-call" ({kind}) can get 2 notifications within 5 minutes (2 clusters with an event each)' in found
    (found,) = warnings(scopes=WIDE, action_group=group(receiver))
    assert "can get 5 notifications within 5 minutes (5 digests)" in found


def test_a_route_with_one_status_and_digests_is_the_way_out_for_a_phone():
    failures = Route(statuses=["Failed"], action_group=group(SMS, name="ag-phone"), grouping="digest")
    assert warnings(scopes=clusters(2), rules="shared", routes=[failures]) == []
    failures = Route(statuses=["Failed", "Canceled"], action_group=group(SMS, name="ag-phone"), grouping="digest")
    (found,) = warnings(scopes=clusters(2), rules="shared", routes=[failures])
    assert found.startswith(
        'routes[0].action_group: "on-call" (sms) can get 2 notifications within 5 minutes (2 digests)'
    )


DROPPED = "    The first arrives, the others within those 5 minutes are dropped."


@pytest.mark.parametrize(
    ("route", "fix"),
    [
        (
            {"statuses": ["Completed"]},
            f"{DROPPED} Move it to a route for failures only, where `keep_default: true` lets the stack's own action group "
            "get each, or use another kind of receiver.",
        ),
        (
            {"statuses": ["Failed", "Canceled"]},
            f"{DROPPED} With `keep_default: true` on the route the stack's own action group gets each, "
            "or use another kind of receiver.",
        ),
        (
            {"statuses": ["Failed"], "keep_default": True},
            f"{DROPPED} The stack's own action group gets each.",
        ),
    ],
)
def test_what_a_phone_loses_reaches_the_stacks_own_group(route, fix):
    (found,) = warnings(scopes=clusters(2), routes=[Route(**route, action_group=group(SMS, name="ag-phone"))])
    assert found.splitlines()[1] == fix


def test_digests_alone_are_no_way_out_for_a_mailbox():
    (found,) = warnings(scopes=clusters(101), grouping="digest")
    assert "can get 1,010 notifications within an hour (1,010 digests)" in found
    assert found.endswith("    Set `rules: shared` and `grouping: digest`, or use a webhook.")


def test_statuses_are_split_where_digests_are_too_many():
    plan = compiled(scopes=clusters(2), rules="shared", grouping="digest", evaluation_frequency="PT5M")[0]
    stacks = {("stacks", name): plan for name in "ab"}
    [found] = [warning for warning in WARNINGS.run(stacks) if warning.code == "ACM159"]
    assert found.problem.startswith('"a" (email) can get 120 notifications within an hour (120 digests)')
    assert found.fix == "Split the statuses over several addresses with `routes`, or use a webhook."


def test_a_webhook_is_no_way_out_for_a_webhook():
    (found,) = warnings(scopes=clusters(1501), action_group=group(WEBHOOK), reader_scopes=["subscription"])
    assert found.endswith("    Set `rules: shared` and `grouping: digest`, or use a Logic App or an event hub.")


def test_frequent_evaluations_bring_more_digests():
    places = [f"/subscriptions/{SUB}/resourceGroups/rg-{index}" for index in range(6)]
    (found,) = warnings(scopes=places, evaluation_frequency="PT15M")
    assert "can get 120 notifications within an hour (120 digests)" in found  # 6 rules, 4 evaluations, 5 statuses
    assert warnings(scopes=places[:5], evaluation_frequency="PT15M") == []


def test_wide_scope_gives_no_warning_about_rates():
    _, found = compiled(scopes=WIDE, grouping="event")
    assert [warning.code for warning in found] == ["ACM151"]


def test_other_receivers_have_no_limit_and_a_webhook_a_high_one():
    assert warnings(scopes=clusters(120), action_group=group(WEBHOOK)) == []


def test_an_address_is_counted_across_stacks_and_never_shown(tmp_path):
    some, others = ([cluster(f"{name}{index}") for index in range(60)] for name in "ab")
    text = config(f"scopes: {some}") + config(f"scopes: {others}\nresource_group: rg-other", name="test").removeprefix(
        "stacks:\n"
    )
    (tmp_path / "my.yaml").write_text(text)
    (found,) = [str(each) for each in compile_config(tmp_path / "my.yaml").warnings if each.code == "ACM159"]
    assert "can get 120 notifications within an hour (120 clusters with an event each)" in found
    assert "@" not in found
