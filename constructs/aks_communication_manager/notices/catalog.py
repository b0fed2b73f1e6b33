"""Every notice, by name. A new notice is a file beside this one, a query of its name, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aks_communication_manager.notices import (
    cluster_auto_upgrade,
    end_of_support,
    missed_maintenance,
    node_os_auto_upgrade,
)
from aks_communication_manager.notices.notice import Notice

NOTICES: Mapping[str, Notice] = MappingProxyType(
    {
        notice.name: notice
        for notice in (
            cluster_auto_upgrade.NOTICE,
            node_os_auto_upgrade.NOTICE,
            end_of_support.NOTICE,
            missed_maintenance.NOTICE,
        )
    }
)


def routed_by(key: str) -> list[str]:
    """Names of the notices whose values a route selects by ``statuses`` or ``stages``."""
    return [name for name, notice in NOTICES.items() if notice.routed_by == key]


DEFAULT_NOTICES: tuple[str, ...] = ("cluster-auto-upgrade", "node-os-auto-upgrade")
"""The two notices of the documented procedure."""

ALIASES: Mapping[str, str] = MappingProxyType({"Cancelled": "Canceled"})
"""The how-to writes Canceled, the API's schema Cancelled: one status to us, whichever arrives."""

CLUSTER_DIMENSIONS = ("clusterId", "clusterName")
"""Columns that identify a cluster: clusterId is unique and in lower case, clusterName is for people."""

END_OF_SUPPORT = end_of_support.NOTICE.name
