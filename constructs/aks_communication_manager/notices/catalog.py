"""Every notice, by name. A new notice is a file beside this one, a query of its name, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from aks_communication_manager.notices import cluster_auto_upgrade, end_of_support, node_os_auto_upgrade
from aks_communication_manager.notices.notice import Notice

NoticeName: TypeAlias = Literal["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"]

NOTICES: Mapping[str, Notice] = MappingProxyType(
    {
        notice.name: notice
        for notice in (cluster_auto_upgrade.NOTICE, node_os_auto_upgrade.NOTICE, end_of_support.NOTICE)
    }
)

DEFAULT_NOTICES: tuple[NoticeName, ...] = ("cluster-auto-upgrade", "node-os-auto-upgrade")
"""The two that the documented procedure sets up."""

ALIASES: Mapping[str, str] = MappingProxyType({"Cancelled": "Canceled"})
"""The how-to writes Canceled, the API's schema Cancelled: one status to us, whichever arrives."""

CLUSTER_DIMENSIONS = ("clusterId", "clusterName")
"""Columns that tell clusters apart: clusterId is unique and in lower case, clusterName is for people."""

EVENT_DIMENSION = "eventName"
"""The column that tells two events of one cluster, minute and status apart: the record's name."""

PLANNED_DIMENSION = "plannedTime"
"""The column with the planned start of an upgrade, UTC, to the minute: ``2026-11-27T22:00Z``, or empty where unknown."""

END_OF_SUPPORT = end_of_support.NOTICE.name
