"""Webhooks of chats that cannot read what Azure sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aks_communication_manager.checks.registry import OPTION_WARNINGS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.receivers import WebhookReceiver
from aks_communication_manager.text import quoted

# A workflow at *.logic.azure.com may be one that reads the schema.
_INCOMING = {
    "Slack": r"hooks\.slack(-gov)?\.com(:\d*)?([/?#]|$)",
    "Teams": r"([^/?#]+\.webhook\.office\.com(:\d*)?([/?#]|$)|outlook\.office(365)?\.com(:\d*)?/webhook([/?#]|$))",
}
"""Incoming webhooks, what follows https:// of their URLs."""


@OPTION_WARNINGS.add("ACM140", "action_group", "routes")
def no_chat_gets_what_it_cannot_read(options: Options) -> Iterator[Finding]:
    """Incoming webhooks of Slack and Teams take messages of their own form only, and Azure Monitor sends the common alert schema
    or an older one.
    """
    for path, group in options.created_groups:
        for index, receiver in enumerate(group.receivers):
            if not isinstance(receiver, WebhookReceiver):
                continue
            for chat, pattern in _INCOMING.items():
                if re.match(rf"https://([^/?#]*@)?{pattern}", receiver.service_uri, re.IGNORECASE):
                    yield (
                        (*path, "receivers", index, "service_uri"),
                        f"{quoted(receiver.name)} is an incoming webhook of {chat}, which cannot read what Azure Monitor sends: "
                        "nothing would be shown in the channel",
                        "Use a logic_app receiver (docs/use/teams-and-slack.md).",
                    )
