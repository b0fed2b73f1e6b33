"""Upgrades of the node OS image by a cluster's node OS upgrade channel."""

from __future__ import annotations

from aks_communication_manager.notices.notice import (
    STATUS_EXPLANATION,
    STATUSES,
    UPGRADE_COLUMNS,
    UPGRADE_DIGEST_COLUMNS,
    Notice,
    Prerequisite,
    announcement,
    upgrade_events,
)

NOTICE = Notice(
    name="node-os-auto-upgrade",
    family="NodeOSUpgrade",
    markers=("nodeosupgrade",),
    title="node OS image auto-upgrade",
    dimension="status",
    values=STATUSES,
    routed_by="statuses",
    event_columns=UPGRADE_COLUMNS,
    digest_columns=UPGRADE_DIGEST_COLUMNS,
    documented=True,
    prerequisite=Prerequisite(
        setting="nodeOSUpgradeChannel",
        channels=("NodeImage", "SecurityPatch"),
        option="--node-os-upgrade-channel",
        window="aksManagedNodeOSUpgradeSchedule",
        otherwise="it upgrades no node image",
    ),
    monthly_events=upgrade_events(4),  # AKS releases node images weekly
    announcement=announcement("node OS image auto-upgrade"),
    explanation=STATUS_EXPLANATION,
)
