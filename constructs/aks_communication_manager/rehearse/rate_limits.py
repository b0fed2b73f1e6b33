"""Azure's rate limits of action groups: excess notifications are dropped, never delayed.

Source: "Rate limiting for action groups" and "Azure Monitor service limits". Mails and messages are counted for each address,
across action groups and subscriptions; webhook calls for each subscription. Receivers of other kinds have no such limit.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime

from aks_communication_manager.arm.limits import RATES
from aks_communication_manager.plan.resources import Receiver


class RateLimiter:
    """Counts notifications, in order of time."""

    def __init__(self) -> None:
        self._sent: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def sends(self, receiver: Receiver, subscription: str, time: datetime) -> bool:
        """Whether Azure notifies the receiver at that time; counts the notification if so."""
        if receiver.kind not in RATES:
            return True
        rate = RATES[receiver.kind]
        address = receiver.address_key or receiver.name
        sent = self._sent[receiver.kind, subscription if rate.of_subscription else address]
        while sent and sent[0] <= time - rate.span:
            sent.popleft()
        if len(sent) >= rate.most:
            return False
        sent.append(time)
        return True
