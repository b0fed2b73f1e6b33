"""The families of events that Azure Kubernetes Service announces, and what a rule can say about each.

Names of events and statuses are Azure's: "AKS Communication Manager" and "End of support notifications" in the AKS
documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

NoticeName: TypeAlias = Literal["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A family of events that a rule can watch."""

    name: str
    """How a config, a rule's name and a query's file name call it."""

    event: str
    """The word by which Azure marks the family's records."""

    dimension: str
    """The column by which a rule splits. No rows are sent, so it is all that a notification says of what happened.

    Azure Monitor takes string and number columns as dimensions, six at most for one rule. A rule over more than one
    cluster splits by `CLUSTER_DIMENSIONS` too.
    """

    values: tuple[str, ...]
    """The dimension's known values, as our queries spell them. Others may come; a query lets them through."""

    title: str
    """The family in plain words."""


ALIASES: Mapping[str, str] = MappingProxyType({"Cancelled": "Canceled"})
"""The how-to writes Canceled, the API's schema Cancelled: one status to us, whichever arrives."""

CLUSTER_DIMENSIONS = ("clusterId", "clusterName")
"""The columns that tell clusters apart: clusterId is unique and in lower case, clusterName is what people read."""

EVENT_DIMENSION = "eventName"
"""The column that tells two events of one cluster, minute and status apart: the record's name."""

PLANNED_DIMENSION = "plannedTime"
"""The column with the planned start of an upgrade, UTC, to the minute: ``2026-11-27T22:00Z``, or empty where unknown."""

_STATUSES = ("Scheduled", "Started", "Completed", "Canceled", "Failed")

NOTICES: Mapping[str, Notice] = MappingProxyType(
    {
        notice.name: notice
        for notice in (
            Notice(
                name="cluster-auto-upgrade",
                event="K8sVersionUpgrade",
                dimension="status",
                values=_STATUSES,
                title="Kubernetes version auto-upgrade",
            ),
            Notice(
                name="node-os-auto-upgrade",
                event="NodeOSUpgrade",
                dimension="status",
                values=_STATUSES,
                title="node OS image auto-upgrade",
            ),
            Notice(
                name="end-of-support",
                event="EOLNotification",
                dimension="description",
                values=(
                    "KubernetesVersionEOLTwoWeeks",
                    "KubernetesVersionEOLOneWeek",
                    "KubernetesVersionOutOfSupport",
                ),
                title="Kubernetes version end of support",
            ),
        )
    }
)
"""Every notice, by its name."""

END_OF_SUPPORT = "end-of-support"
"""The only notice without statuses: its dimension is the stage."""

DEFAULT_NOTICES: tuple[NoticeName, ...] = ("cluster-auto-upgrade", "node-os-auto-upgrade")
"""The two that the documented procedure sets up."""
