"""Upgrades of a cluster's Kubernetes version by its auto-upgrade channel."""

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
    name="cluster-auto-upgrade",
    family="K8sVersionUpgrade",
    markers=("k8sversionupgrade",),
    title="Kubernetes version auto-upgrade",
    dimension="status",
    values=STATUSES,
    routed_by="statuses",
    event_columns=UPGRADE_COLUMNS,
    digest_columns=UPGRADE_DIGEST_COLUMNS,
    documented=True,
    prerequisite=Prerequisite(
        setting="upgradeChannel",
        channels=("patch", "stable", "rapid"),
        option="--auto-upgrade-channel",
        window="aksManagedAutoUpgradeSchedule",
        otherwise="it upgrades the version only when that is about to fall out of support",
    ),
    monthly_events=upgrade_events(1),  # AKS releases Kubernetes versions monthly
    announcement=announcement("Kubernetes version auto-upgrade"),
    explanation=STATUS_EXPLANATION,
)
