"""Clusters: upgrade channels, maintenance windows and versions against the notices that are wanted.

Sources: "AKS Communication Manager" (prerequisites), "Automatically upgrade an AKS cluster", "Use planned maintenance".
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.resource_types import CLUSTER
from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.failures import AzureFailure
from aks_communication_manager.azure.findings import Finding, attention, az, checked, ok, where, wrong
from aks_communication_manager.azure.maintenance_windows import LEAD_TIME, problem_of
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.notices.notice import Notice, Prerequisite

AKS_WINDOW = "default"
"""Name of the maintenance configuration for weekly AKS releases, for which no records are documented."""


def label_of(cluster: ArmId) -> str:
    """``prod@rg-aks``."""
    return f"{cluster.cluster}@{cluster.resource_group}"


def upgrades(cluster: answers.ManagedCluster, notice: Notice) -> bool:
    """Whether the cluster has an upgrade channel that the notice requires."""
    needed = notice.prerequisite
    return not needed or _channel(cluster, needed).lower() in map(str.lower, needed.channels)


def _channel(cluster: answers.ManagedCluster, needed: Prerequisite) -> str:
    profile = cluster.auto_upgrade_profile or answers.UpgradeProfile()
    return profile.model_dump(by_alias=True)[needed.setting] or "none"


def clusters_in(arm: Arm, scope: ArmId) -> list[answers.ManagedCluster]:
    """The clusters of a scope. Raises `NotFound` where the scope does not exist."""
    if scope.kind == "cluster":
        return [arm.get(str(scope), answers.ManagedCluster)]
    return list(arm.entries(f"{scope}/providers/{CLUSTER.arm}", answers.ManagedCluster))


def check_clusters(arm: Arm, clusters: Iterable[tuple[answers.ManagedCluster, frozenset[str]]]) -> list[Finding]:
    """Check every cluster, given with the notices configured for it."""
    clusters = list(clusters)
    places = sorted({(cluster.id.subscription_id, cluster.location) for cluster, _ in clusters})
    offered = dict(zip(places, arm.map("Versions", lambda place: _versions(arm, *place), places), strict=True))

    def check(pair: tuple[answers.ManagedCluster, frozenset[str]]) -> list[Finding]:
        cluster, notices = pair
        plans = offered[cluster.id.subscription_id, cluster.location]
        label = label_of(cluster.id)
        return [
            *_check_power(cluster),
            *checked(label, "maintenance windows", partial(_check_upgrades, arm, cluster, notices)),
            *_check_version(cluster, plans),
        ]

    unknown = [
        attention(location, "version", reason) for (_, location), reason in offered.items() if isinstance(reason, str)
    ]
    return [*unknown, *(row for rows in arm.map("Clusters", check, clusters) for row in rows)]


def is_stopped(cluster: answers.ManagedCluster) -> bool:
    """Whether the cluster is stopped. Stopped clusters are not upgraded in their maintenance windows."""
    return (cluster.power_state or "").lower() == "stopped"


def _check_power(cluster: answers.ManagedCluster) -> Iterator[Finding]:
    if is_stopped(cluster):
        text = "is stopped: nothing is upgraded in its windows until it runs again"
        yield attention(label_of(cluster.id), "power", text, _az(cluster, "aks start", "name"))


def _check_upgrades(arm: Arm, cluster: answers.ManagedCluster, notices: frozenset[str]) -> Iterator[Finding]:
    wanted = [notice for notice in NOTICES.values() if notice.name in notices and notice.prerequisite]
    windows = _windows(arm, cluster) if wanted else {}
    today = datetime.now(UTC).date()
    label = label_of(cluster.id)
    for notice in wanted:
        needed, name = notice.prerequisite, notice.name
        assert needed is not None, notice
        channel = _channel(cluster, needed)
        if not upgrades(cluster, notice):
            text = f"the channel is {channel}, so Azure announces nothing ({needed.otherwise}); set it to {' or '.join(needed.channels)}"
            yield wrong(label, name, text, _az(cluster, "aks update", "name", needed.option, needed.channels[0]))
        if windows is None:
            yield attention(label, name, "this login may not read maintenance windows")
        elif needed.window not in windows:
            only = (
                " (`default` is for releases of AKS itself, which are not announced)" if AKS_WINDOW in windows else ""
            )
            text = f"no maintenance window {needed.window}, which Microsoft requires for these notices{only}; create it {LEAD_TIME}"
            yield attention(label, name, text, _create_window(cluster, needed.window))
        elif problem := problem_of(windows[needed.window], today):
            show = _az(cluster, "aks maintenanceconfiguration show", "cluster_name", "--name", needed.window)
            yield attention(label, name, f"maintenance window {needed.window} {problem}; change it {LEAD_TIME}", show)
        elif upgrades(cluster, notice):
            yield ok(label, name, f"channel {channel}, maintenance window {needed.window}")


def _windows(arm: Arm, cluster: answers.ManagedCluster) -> dict[str, answers.MaintenanceConfiguration] | None:
    """Maintenance configurations by name; None if the login may not read them."""
    path = f"{cluster.id}/maintenanceConfigurations"
    found = arm.find_entries(path, answers.MaintenanceConfiguration)
    return None if found is None else {configuration.name: configuration for configuration in found}


def _versions(arm: Arm, subscription: str, location: str) -> Mapping[str, tuple[str, ...]] | str:
    """Minor versions offered in a location, with their support plans; or the reason why they are unknown."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}/kubernetesVersions"
    try:
        found = arm.get(path, answers.KubernetesVersions)
    except AzureFailure as failure:
        return f"the supported versions could not be read: {failure.problem}"
    return {offered.version: offered.support_plans for offered in found.values}


def _check_version(cluster: answers.ManagedCluster, offered: Mapping[str, tuple[str, ...]] | str) -> Iterator[Finding]:
    label = label_of(cluster.id)
    version = cluster.current_kubernetes_version or cluster.kubernetes_version
    if isinstance(offered, str):
        return  # reported once for the location
    if not version:
        yield attention(label, "version", "Azure does not say its version")
        return
    plans = offered.get(".".join(version.split(".")[:2]))
    upgrade = _az(cluster, "aks get-upgrades", "name", "--output", "table")
    plan = cluster.support_plan or "KubernetesOfficial"
    what = f"Kubernetes {version}"
    if plans is None:
        text = f"{what} is out of support in {cluster.location}, so AKS may upgrade it, whatever its channel"
        yield attention(label, "version", text, upgrade)
    elif plan not in plans:
        text = f"{what} is supported in {cluster.location} under {', '.join(plans) or 'no plan'} only"
        yield attention(label, "version", text, upgrade)
    else:
        yield ok(label, "version", f"{what} is supported ({plan})")


def _create_window(cluster: answers.ManagedCluster, window: str) -> str:
    options = f"--name {window} --schedule-type Weekly --day-of-week Saturday --interval-weeks 1 --start-time 00:00 --duration 8"
    return _az(cluster, "aks maintenanceconfiguration add", "cluster_name", *options.split())


def _az(cluster: answers.ManagedCluster, command: str, name: str, *words: str) -> str:
    line = az(command, **where(str(cluster.id), **{name: cluster.id.cluster or ""}))
    return f"{line} {shlex.join(words)}".rstrip()
