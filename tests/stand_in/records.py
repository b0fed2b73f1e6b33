"""Records of scheduled events in the published shape, for the table of the stand-in and for that of rehearsals.

Source: "AKS Communication Manager" and "Azure Resource Graph sample queries"; an upgrade's record is synthetic, since a
real one is published nowhere.
"""

from __future__ import annotations

from typing import Any

NOT_SET = "0001-01-01T00:00:00.0000000Z"


def upgrade(event: str = "K8sVersionUpgrade", status: str = "Scheduled", **changed: Any) -> dict[str, Any]:
    """An upgrade that is planned for 22 June 2026; a key whose value is `...` is left out."""
    bag = {
        "description": "Auto upgrade maintenance event.",
        "eventId": "0f0e0d0c-0000-0000-0000-000000000000",
        "eventSource": "AutoUpgrader",
        "eventStatus": status,
        "eventDetails": f"{event} from 1.32.3 to 1.33.1",
        "scheduledTime": "2026-06-22T22:00:00.0000000Z",
        "startTime": NOT_SET,
        "lastUpdateTime": "2026-06-15T11:50:00.0000000Z",
        "resourceType": "ManagedCluster",
        **changed,
    }
    return {key: value for key, value in bag.items() if value is not ...}


STARTED = {
    "description": "ScheduledEvents",
    "eventId": "bbe82027-0444-4f73-897a-0bbfe3af66f1",
    "eventSource": "AutoUprader",
    "eventStatus": "Started",
    "eventDetails": "Start to upgrade security vhd",
    "scheduledTime": "2024-04-16T22:17:12.103268606Z",
    "startTime": NOT_SET,
    "lastUpdateTime": NOT_SET,
    "resourceType": "ManagedCluster",
}
"""As published for an upgrade that AKS started itself, but for its `resources`: nine digits of a second, and times of year 1."""

END_OF_SUPPORT = {
    "description": "KubernetesVersionEOLOneWeek",
    "eventSource": "EOLNotification",
    "eventStatus": "Scheduled",
    "eventDetails": {
        "kubernetesVersion": "1.32.3",
        "eolDate": "2026-03-01T00:00:00Z",
        "supportType": "Community",
        "daysUntilEOL": 5,
        "region": "eastus",
    },
    "scheduledTime": "2026-03-01T00:00:00Z",
}
"""As published: the details are a bag, and the only time is the one that lies ahead; there is neither lastUpdateTime nor startTime."""
