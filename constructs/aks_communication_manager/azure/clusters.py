"""Clusters: upgrade channels, maintenance windows and versions against the notices that are wanted.

Sources: "AKS Communication Manager" (prerequisites), "Automatically upgrade an AKS cluster", "Use planned maintenance".
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm, Json
from aks_communication_manager.azure.failures import NO_ACCESS, AzureFailure
from aks_communication_manager.azure.findings import Finding, attention, az, ok, where, wrong
from aks_communication_manager.notices.catalog import NOTICES

API_VERSION = "2025-10-01"


PREREQUISITES = {notice.name: notice.prerequisite for notice in NOTICES.values() if notice.prerequisite}
"""By notice; others are announced for every cluster."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as Azure describes it."""

    id: ArmId
    location: str
    version: str
    support_plan: str
    channels: Mapping[str, str]

    @classmethod
    def read(cls, found: Json) -> Cluster:
        properties = found.get("properties", {})
        profile = properties.get("autoUpgradeProfile") or {}
        return cls(
            id=ArmId.parse(found["id"]),
            location=found.get("location", ""),
            version=properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion") or "",
            support_plan=properties.get("supportPlan") or "KubernetesOfficial",
            channels={one.setting: profile.get(one.setting) or "none" for one in PREREQUISITES.values()},
        )

    @property
    def label(self) -> str:
        return f"{self.id.cluster}@{self.id.resource_group}"

    def upgrades(self, notice: str) -> bool:
        """Whether the channel that the notice needs is chosen."""
        prerequisite = PREREQUISITES.get(notice)
        return not prerequisite or self.channels[prerequisite.setting].lower() in map(str.lower, prerequisite.channels)


def clusters_in(arm: Arm, scope: ArmId) -> list[Cluster]:
    """The clusters of a scope. Raises `NotFound` where the scope does not exist."""
    if scope.kind == "cluster":
        return [Cluster.read(arm.get(str(scope), API_VERSION))]
    path = f"{scope}/providers/Microsoft.ContainerService/managedClusters"
    return [Cluster.read(one) for one in arm.entries(path, API_VERSION)]


def check_clusters(arm: Arm, clusters: Iterable[tuple[Cluster, frozenset[str]]]) -> list[Finding]:
    """Rows for every cluster, given with the notices that are wanted of it."""
    clusters = list(clusters)
    places = sorted({(cluster.id.subscription_id, cluster.location) for cluster, _ in clusters})
    offered = dict(zip(places, arm.map("Versions", lambda place: _versions(arm, *place), places), strict=True))

    def check(pair: tuple[Cluster, frozenset[str]]) -> list[Finding]:
        cluster, notices = pair
        plans = offered[cluster.id.subscription_id, cluster.location]
        return [*_check_upgrades(arm, cluster, notices), *_check_version(cluster, plans)]

    return [row for rows in arm.map("Clusters", check, clusters) for row in rows]


def _check_upgrades(arm: Arm, cluster: Cluster, notices: frozenset[str]) -> list[Finding]:
    wanted = [(notice, PREREQUISITES[notice]) for notice in PREREQUISITES if notice in notices]
    windows = _windows(arm, cluster) if wanted else frozenset()
    found = []
    for notice, needed in wanted:
        channel = cluster.channels[needed.setting]
        if not cluster.upgrades(notice):
            allowed = ", ".join(needed.channels)
            found.append(
                wrong(
                    cluster.label,
                    notice,
                    f"the channel is {channel}, so Azure upgrades nothing and announces nothing; it has to be one of "
                    f"{allowed}",
                    _az(cluster, "aks update", "name", needed.option, needed.channels[0]),
                )
            )
        if windows is None:
            found.append(attention(cluster.label, notice, "this login may not read maintenance windows"))
        elif needed.window not in windows:
            found.append(
                attention(
                    cluster.label,
                    notice,
                    f"no maintenance window {needed.window}, which Microsoft requires for these notices",
                    _az(
                        cluster,
                        "aks maintenanceconfiguration add",
                        "cluster_name",
                        *f"--name {needed.window} --schedule-type Weekly --day-of-week Saturday".split(),
                        *["--interval-weeks", "1", "--start-time", "00:00", "--duration", "8"],
                    ),
                )
            )
        elif cluster.upgrades(notice):
            found.append(ok(cluster.label, notice, f"channel {channel}, maintenance window {needed.window}"))
    return found


def _windows(arm: Arm, cluster: Cluster) -> frozenset[str] | None:
    """The names of the maintenance configurations; None without the right to read them."""
    try:
        return frozenset(one["name"] for one in arm.entries(f"{cluster.id}/maintenanceConfigurations", API_VERSION))
    except NO_ACCESS:
        return None


def _versions(arm: Arm, subscription: str, location: str) -> Mapping[str, tuple[str, ...]] | None:
    """Minor versions that a location offers, with their support plans; None where Azure does not say."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}/kubernetesVersions"
    try:
        found = arm.get(path, API_VERSION)
    except AzureFailure:
        return None
    values = found.get("values", [])
    return {one["version"]: tuple((one.get("capabilities") or {}).get("supportPlan", ())) for one in values} or None


def _check_version(cluster: Cluster, offered: Mapping[str, tuple[str, ...]] | None) -> list[Finding]:
    minor = ".".join(cluster.version.split(".")[:2])
    if offered is None or not cluster.version:
        return []
    plans = offered.get(minor)
    upgrade = _az(cluster, "aks get-upgrades", "name", "--output", "table")
    what = f"Kubernetes {cluster.version}"
    if plans is None:
        return [attention(cluster.label, "version", f"{what} is out of support in {cluster.location}", upgrade)]
    if cluster.support_plan not in plans:
        text = f"{what} is supported in {cluster.location} under {', '.join(plans) or 'no plan'} only"
        return [attention(cluster.label, "version", text, upgrade)]
    return [ok(cluster.label, "version", f"{what} is supported ({cluster.support_plan})")]


def _az(cluster: Cluster, command: str, name: str, *words: str) -> str:
    return az(command, **where(str(cluster.id), **{name: cluster.id.cluster or ""})) + f" {shlex.join(words)}"
