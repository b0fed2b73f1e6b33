"""Microsoft.ContainerService, to read only: clusters, their maintenance configurations, versions of a location."""

from __future__ import annotations

from typing import Any

from tests.stand_in.store import Resource, Store

CLUSTERS = "Microsoft.ContainerService/managedClusters"
CONFIGURATIONS = f"{CLUSTERS}/maintenanceConfigurations"
API_VERSIONS = frozenset({"2024-09-01", "2025-05-01", "2025-10-01", "2026-08-01"})

UPGRADE_WINDOW = "aksManagedAutoUpgradeSchedule"
NODE_OS_WINDOW = "aksManagedNodeOSUpgradeSchedule"

VERSIONS: dict[str, tuple[str, ...]] = {
    "1.30": ("AKSLongTermSupport",),
    "1.31": ("AKSLongTermSupport",),
    "1.32": ("KubernetesOfficial", "AKSLongTermSupport"),
    "1.33": ("KubernetesOfficial", "AKSLongTermSupport"),
    "1.34": ("KubernetesOfficial", "AKSLongTermSupport"),
}
"""Minor versions of every location, with the support plans under which Azure supports them."""


def keep_cluster(
    store: Store,
    identifier: str,
    *,
    version: str,
    channel: str | None,
    node_os_channel: str | None,
    windows: tuple[str, ...],
    support_plan: str,
) -> None:
    """Changes the cluster `identifier`, which exists, to one with these settings."""
    cluster = store[identifier]
    profile = {"upgradeChannel": channel, "nodeOSUpgradeChannel": node_os_channel}
    cluster["properties"] = {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": version,
        "currentKubernetesVersion": version,
        "supportPlan": support_plan,
        "autoUpgradeProfile": {key: value for key, value in profile.items() if value is not None},
    }
    store.keep(cluster)
    for configuration in store.of_type(CONFIGURATIONS, identifier):
        store.remove(configuration["id"])
    for name in windows:
        store.keep(_window(cluster["id"], name))


def versions() -> dict[str, Any]:
    """What a location offers."""
    return {
        "values": [
            {
                "version": minor,
                "capabilities": {"supportPlan": list(plans)},
                "isDefault": minor == "1.33" or None,
                "isPreview": None,
                "patchVersions": {f"{minor}.{patch}": {"upgrades": []} for patch in (1, 3)},
            }
            for minor, plans in VERSIONS.items()
        ]
    }


def _window(cluster: str, name: str) -> Resource:
    """Four hours, Saturday night."""
    return {
        "id": f"{cluster}/maintenanceConfigurations/{name}",
        "name": name,
        "type": CONFIGURATIONS,
        "properties": {
            "maintenanceWindow": {
                "schedule": {"weekly": {"intervalWeeks": 1, "dayOfWeek": "Saturday"}},
                "durationHours": 4,
                "utcOffset": "+00:00",
                "startDate": "2026-01-01",
                "startTime": "22:00",
            }
        },
    }
