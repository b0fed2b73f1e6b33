"""A notice: a family of events announced by Azure Kubernetes Service, and everything specific to it.

Each notice is a file beside this one with one `Notice` in it, listed in `catalog`, and a query of its name. Names of
events and statuses are Azure's: "AKS Communication Manager" and "End of support notifications" in the AKS documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STATUSES = ("Scheduled", "Started", "Completed", "Canceled", "Failed")
"""Statuses of an upgrade."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Settings that a cluster needs for Azure to announce a notice ("AKS Communication Manager", prerequisites)."""

    setting: str
    """The channel's key in the cluster's `autoUpgradeProfile`."""

    channels: tuple[str, ...]
    """Channels that upgrade; a fix proposes the first."""

    option: str
    """The channel's option of ``az aks update``."""

    window: str
    """The name of the maintenance configuration."""

    otherwise: str
    """Azure's behaviour on other channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A family of events that a rule can watch."""

    name: str
    """The notice in a config, in a rule's name and in its query's file name."""

    family: str = ""
    """Event type as it appears in Azure's records; empty for a notice about several of them."""

    markers: tuple[str, ...] = ()
    """Names of the family in a record or in a query's filter, in lower case."""

    title: str
    """The family in plain words."""

    dimension: str
    """Column with the status or stage, such as ``status``: the first dimension of the notice's rules."""

    values: tuple[str, ...] = ()
    """Known values of `dimension`, as our queries spell them. Queries let unknown ones through."""

    routed_by: Literal["statuses", "stages"] | None = None
    """The key of a route that selects among `values`; None where a route can only name the notice."""

    event_columns: tuple[str, ...]
    """Further dimensions of a rule that reports events one by one. Columns that tell clusters apart come before them."""

    digest_columns: tuple[str, ...] = ()
    """All dimensions of a rule that reports digests; `()` where events of the family are always reported one by one."""

    documented: bool = False
    """Whether Microsoft's how-to has a query for it."""

    prerequisite: Prerequisite | None = None
    """None where Azure announces the family for every cluster."""

    monthly_events: tuple[tuple[tuple[str, ...], int], ...]
    """Maximum number of monthly events of one cluster for groups of values, for cost estimates; `()` means all values."""

    announcement: str
    """First sentence of a rule's description, with ``{scopes}`` in it."""

    explanation: str
    """Meaning of the dimensions, for the rule's description."""


def upgrade_notice(
    name: str,
    family: str,
    title: str,
    *,
    monthly: int,
    documented: bool = False,
    prerequisite: Prerequisite | None = None,
) -> Notice:
    """Describe a family of upgrades, whose records have a status.

    `monthly`: upgrades of one cluster in a month. Each is announced twice, starts, and completes, fails or is canceled.
    """
    return Notice(
        name=name,
        family=family,
        markers=(family.lower(),),
        title=title,
        dimension="status",
        values=STATUSES,
        routed_by="statuses",
        event_columns=("eventName", "plannedTime", "reason"),
        digest_columns=("status", "hour", "plannedTime", "events", "clusters"),
        documented=documented,
        prerequisite=prerequisite,
        monthly_events=(
            (("Scheduled",), 2 * monthly),
            (("Started",), monthly),
            (("Completed", "Canceled", "Failed"), monthly),
        ),
        announcement=f"AKS announces or reports a {title} of {{scopes}}.",
        explanation=(
            "After Failed or Canceled, read the cluster's Activity log, and look for pods that cannot be evicted "
            "(kubectl get poddisruptionbudgets -A). The dimension status says what happened: Scheduled comes a week and a day "
            "before, then Started, and at the end Completed, Failed or Canceled."
        ),
    )
