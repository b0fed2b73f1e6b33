"""Upgrades of a cluster's Kubernetes version by its auto-upgrade channel."""

from __future__ import annotations

from aks_communication_manager.notices.notice import Prerequisite, upgrade_notice

NOTICE = upgrade_notice(
    "cluster-auto-upgrade",
    "K8sVersionUpgrade",
    "Kubernetes version auto-upgrade",
    monthly=1,  # AKS releases Kubernetes versions monthly
    documented=True,
    prerequisite=Prerequisite(
        setting="upgradeChannel",
        channels=("patch", "stable", "rapid"),
        option="--auto-upgrade-channel",
        window="aksManagedAutoUpgradeSchedule",
        otherwise="it upgrades the version only when that is about to fall out of support",
    ),
)
