"""Events to rehearse with, where there are none yet: what AKS would write about a cluster over some days.

The shape is that of the published records; a record of a real upgrade has not been published, so these are synthetic.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aks_communication_manager.rehearse.events import TYPE, Record, states

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_CLUSTER_TYPE = "Microsoft.ContainerService/managedClusters"
_DETAILS = {"K8sVersionUpgrade": "K8sVersionUpgrade from 1.33.5 to 1.34.1", "NodeOSUpgrade": "NodeOSUpgrade"}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the records of one cluster."""

    cluster: str
    chance: random.Random
    lag: timedelta

    def maintenance(self, family: str, planned: datetime, *steps: tuple[str, timedelta]) -> Iterator[Record]:
        """One maintenance, planned for a moment: a record for each status, so much after that moment."""
        event_id = self._guid()
        for status, after in steps:
            yield self._record(
                planned + after,
                description="Auto upgrade maintenance event.",
                eventId=event_id,
                eventSource="AutoUpgrader",
                eventStatus=status,
                eventDetails=_DETAILS[family],
                scheduledTime=_stamp(planned),
                startTime=_stamp(planned),
                lastUpdateTime=_stamp(planned + after),
            )

    def end_of_support(self, stage: str, time: datetime, end: datetime) -> Record:
        """As published: the only time in it is the end itself, so `visibleAt` is all that says when it came."""
        return self._record(
            time,
            description=f"KubernetesVersion{stage}",
            eventSource="EOLNotification",
            eventStatus="Scheduled",
            eventDetails={
                "kubernetesVersion": "1.32.3",
                "eolDate": _stamp(end),
                "supportType": "Community",
                "daysUntilEOL": (end - time) // DAY,
                "region": "westeurope",
            },
            scheduledTime=_stamp(end),
        )

    def _record(self, time: datetime, **properties: Any) -> Record:
        name = self._guid()
        row = {
            "id": f"{self.cluster}/scheduledEvents/{name}",
            "name": name,
            "type": TYPE,
            "properties": properties | {"resources": [self.cluster], "resourceType": "ManagedCluster"},
        }
        return Record(row, time + self.lag * self.chance.random())

    def _guid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


Story = Callable[[_Writer, datetime], Iterator[Record]]

_ANNOUNCED = (("Scheduled", -7 * DAY), ("Scheduled", -1 * DAY))
_WENT_WELL = (*_ANNOUNCED, ("Started", 4 * MINUTE), ("Completed", 52 * MINUTE))


def _upgrade(write: _Writer, start: datetime) -> Iterator[Record]:
    yield from write.maintenance("K8sVersionUpgrade", start + 7 * DAY, *_WENT_WELL)
    yield from write.maintenance("NodeOSUpgrade", start + 8 * DAY, *_WENT_WELL)


def _failure(write: _Writer, start: datetime) -> Iterator[Record]:
    failed = (*_ANNOUNCED, ("Started", 4 * MINUTE), ("Failed", 97 * MINUTE))
    yield from write.maintenance("K8sVersionUpgrade", start + 7 * DAY, *failed)
    yield from write.maintenance("NodeOSUpgrade", start + 8 * DAY, *failed)


def _cancellation(write: _Writer, start: datetime) -> Iterator[Record]:
    # The how-to and the API's schema spell the status in two ways: which of them arrives is not known.
    for family, spelling, day in (("K8sVersionUpgrade", "Canceled", 7), ("NodeOSUpgrade", "Cancelled", 8)):
        yield from write.maintenance(family, start + day * DAY, *_ANNOUNCED, (spelling, -3 * HOUR))


def _end_of_support(write: _Writer, start: datetime) -> Iterator[Record]:
    end = start + 15 * DAY
    stages = (("EOLTwoWeeks", -14), ("EOLOneWeek", -7), ("OutOfSupport", 1), ("OutOfSupport", 8))
    for stage, days in stages:
        yield write.end_of_support(stage, end + days * DAY, end)


def _month(write: _Writer, start: datetime) -> Iterator[Record]:
    yield from write.maintenance("NodeOSUpgrade", start + 7 * DAY, *_WENT_WELL)
    yield from write.maintenance("NodeOSUpgrade", start + 14 * DAY, _ANNOUNCED[0], ("Canceled", -1 * DAY))
    yield from write.maintenance(
        "K8sVersionUpgrade", start + 21 * DAY, *_ANNOUNCED, ("Started", 6 * MINUTE), ("Failed", 2 * HOUR)
    )
    yield from write.maintenance("K8sVersionUpgrade", start + 28 * DAY, *_WENT_WELL)


STORIES: Mapping[str, Story] = {
    "upgrade": _upgrade,
    "failure": _failure,
    "cancellation": _cancellation,
    "end-of-support": _end_of_support,
    "month": _month,
}


def records(
    story: str, clusters: Sequence[str], start: datetime, lag: timedelta = timedelta(0), seed: int = 0
) -> tuple[Record, ...]:
    """The records of a story for each of the clusters; each shows up within `lag` after its own time."""
    written: list[Record] = []
    for cluster in clusters:
        chance = random.Random(f"{seed} {cluster.lower()}")
        # In the evening, and not all at once: a maintenance window is at least four hours long.
        begin = start + 20 * HOUR + chance.randrange(240) * MINUTE
        written += STORIES[story](_Writer(cluster, chance, lag), begin)
    return states(written)


def clusters_of(scopes: Sequence[str]) -> tuple[str, ...]:
    """The clusters among the scopes, and two invented ones for a resource group or subscription that holds none of them."""
    clusters = [scope for scope in scopes if "/managedclusters/" in scope.lower()]
    for scope in scopes:
        known = any(f"{cluster.lower()}/".startswith(f"{scope.lower()}/") for cluster in clusters)
        if not known:
            group = scope if "/resourcegroups/" in scope.lower() else f"{scope}/resourceGroups/rg-aks"
            clusters += [f"{group}/providers/{_CLUSTER_TYPE}/{name}" for name in ("aks-prod", "aks-test")]
    return tuple(clusters)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"
