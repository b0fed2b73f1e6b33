"""Upgrades of the node OS image by a cluster's node OS upgrade channel."""

from __future__ import annotations

from aks_communication_manager.notices.notice import Prerequisite, upgrade_notice

NOTICE = upgrade_notice(
    "node-os-auto-upgrade",
    "NodeOSUpgrade",
    "node OS image auto-upgrade",
    monthly=4,  # AKS releases node images weekly
    documented=True,
    prerequisite=Prerequisite(
        setting="nodeOSUpgradeChannel",
        channels=("NodeImage", "SecurityPatch"),
        option="--node-os-upgrade-channel",
        window="aksManagedNodeOSUpgradeSchedule",
        otherwise="it upgrades no node image",
    ),
)
