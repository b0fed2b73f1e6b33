"""Azure's limits. Source: "Azure Monitor service limits", unless stated otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

RULES_PER_IDENTITY = 50
"""Alert rules over Azure Resource Graph that one managed identity may have."""

ROLE_ASSIGNMENTS = 4000
"""Role assignments in one subscription, those on its resource groups and resources included (Azure RBAC limits)."""

QUERY_BYTES = 64 * 1024
"""All properties of an alert rule together; nearly all of it is the query."""

RULE_NAME = 260
"""Characters in the name of an alert rule or an action group."""

DESCRIPTION = 4096
"""Characters in the description of an alert rule."""

MAX_LOOK_BACK = timedelta(hours=48)
"""The time that one evaluation of a log search alert rule may cover."""

ALERTS_WITH_STATE = 300
"""Alerts that one evaluation of a stateful rule may fire; above it the evaluation fails."""

ALERTS_STATELESS = 6000
"""Alerts that one evaluation of a stateless rule may fire; above it the evaluation fails."""

SHORT_NAME = 12
"""Characters in the short name of an action group; azurerm counts bytes."""

EMAIL = 64
"""Characters in the address of an e-mail receiver."""

RECEIVERS = 10
"""Receivers of one type in an action group, e-mail excepted."""

EMAIL_RECEIVERS = 1000
"""E-mail receivers in an action group."""


class Rate(NamedTuple):
    """The most notifications that Azure sends within a span of time; it drops all others."""

    most: int
    span: timedelta
    words: str
    """The span, after "within"."""
    of_subscription: bool = False
    """Whether all receivers of a subscription are counted together, and not each address across action groups."""


RATES: Mapping[str, Rate] = {
    "email": Rate(100, timedelta(hours=1), "an hour"),
    "sms": Rate(1, timedelta(minutes=5), "5 minutes"),
    "voice": Rate(1, timedelta(minutes=5), "5 minutes"),
    "webhook": Rate(1500, timedelta(minutes=1), "a minute", of_subscription=True),
}
"""By type of receiver; other types have no such limit ("Rate limiting for action groups")."""
