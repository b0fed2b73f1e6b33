"""Webhooks of chats that cannot read what Azure sends bring a warning, without their URL."""

from __future__ import annotations

import pytest

from aks_communication_manager import ActionGroup, Route, WebhookReceiver
from tests.compiling import compiled


def group(url: str, name: str = "ag-chat") -> ActionGroup:
    return ActionGroup.create(
        name=name, short_name="chat", receivers=[WebhookReceiver(name="channel", service_uri=url)]
    )


@pytest.mark.parametrize(
    ("url", "chat"),
    [
        ("https://hooks.slack.com/services/T0/B0/s3cret", "Slack"),
        ("HTTPS://Hooks.Slack.com:443/triggers/s3cret", "Slack"),
        ("https://contoso.webhook.office.com/webhookb2/s3cret", "Teams"),
        ("https://outlook.office.com/webhook/s3cret", "Teams"),
        ("https://outlook.office365.com/webhook/s3cret", "Teams"),
    ],
)
def test_an_incoming_webhook_of_a_chat_shows_nothing(url, chat):
    route = Route(statuses=["Failed"], action_group=group(url))
    assert [str(warning) for warning in compiled(routes=[route])[1]] == [
        f'routes[0].action_group.receivers[0].service_uri: "channel" is an incoming webhook of {chat}, '
        "which cannot read what Azure Monitor sends: nothing would be shown in the channel [ACM140]\n"
        "    Use a logic_app receiver (docs/use/teams-and-slack.md)."
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://prod-1.westeurope.logic.azure.com/workflows/s3cret",
        "https://relay.example.com/hooks.slack.com/",
        "https://hooks.slack.com.example.com/services",
        "https://outlook.office.com/webhooks",
        "https://webhook.office.com.example.com/",
        "${TfToken[TOKEN.1]}",
    ],
)
def test_a_webhook_that_may_read_it_gives_no_warning(url):
    assert compiled(action_group=group(url))[1] == ()
