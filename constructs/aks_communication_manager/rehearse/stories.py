"""Synthetic events of a cluster over several days, for rehearsals without recorded events.

The shape is that of the published records; a record of a real upgrade has not been published, so these are synthetic.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aks_communication_manager.arm import resource_types
from aks_communication_manager.arm.id_parts import is_within
from aks_communication_manager.notices import catalog
from aks_communication_manager.notices.record import Record, stamp, write
from aks_communication_manager.rehearse.event_records import states

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CLUSTER, NODE_OS = "cluster-auto-upgrade", "node-os-auto-upgrade"
_DETAILS = {CLUSTER: "K8sVersionUpgrade from 1.33.5 to 1.34.1", NODE_OS: "NodeOSUpgrade"}


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Writes the records of one cluster."""

    id: str
    chance: random.Random
    lag: timedelta

    def maintenance(self, notice: str, planned: datetime, *steps: tuple[str, timedelta]) -> Iterator[Record]:
        """Records of one maintenance: one for each status, at an offset from the planned start."""
        event_id = self._guid()
        for status, after in steps:
            time = planned + after
            yield write(
                self.id,
                notice,
                status,
                self._guid(),
                event_id=event_id,
                scheduled=planned,
                started=planned,
                updated=time,
                details=_DETAILS[notice],
                visible_from=self._shown(time),
            )

    def end_of_support(self, stage: str, time: datetime, end: datetime) -> Record:
        """As published: the end itself is the only time."""
        details = {
            "kubernetesVersion": "1.32.3",
            "eolDate": stamp(end),
            "supportType": "Community",
            "daysUntilEOL": (end - time) // DAY,
            "region": "westeurope",
        }
        return write(
            self.id,
            "end-of-support",
            f"KubernetesVersion{stage}",
            self._guid(),
            scheduled=end,
            details=details,
            visible_from=self._shown(time),
        )

    def _shown(self, time: datetime) -> datetime:
        """Time at which Resource Graph shows a record written at `time`."""
        return time + self.lag * self.chance.random()

    def _guid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


Story = Callable[[_Cluster, datetime], Iterator[Record]]

_ANNOUNCED = (("Scheduled", -7 * DAY), ("Scheduled", -1 * DAY))
_WENT_WELL = (*_ANNOUNCED, ("Started", 4 * MINUTE), ("Completed", 52 * MINUTE))


def _both_upgrades(*statuses: tuple[str, timedelta]) -> Story:
    """A maintenance of the version after a week, and of the node OS a day later, with the same statuses."""

    def story(cluster: _Cluster, start: datetime) -> Iterator[Record]:
        yield from cluster.maintenance(CLUSTER, start + 7 * DAY, *statuses)
        yield from cluster.maintenance(NODE_OS, start + 8 * DAY, *statuses)

    return story


def _cancellation(cluster: _Cluster, start: datetime) -> Iterator[Record]:
    # The how-to and the API's schema spell the status in two ways: which of them arrives is not known.
    for notice, spelling, day in ((CLUSTER, "Canceled", 7), (NODE_OS, "Cancelled", 8)):
        yield from cluster.maintenance(notice, start + day * DAY, *_ANNOUNCED, (spelling, -3 * HOUR))


def _end_of_support(cluster: _Cluster, start: datetime) -> Iterator[Record]:
    end = start + 15 * DAY
    for stage, days in (("EOLTwoWeeks", -14), ("EOLOneWeek", -7), ("OutOfSupport", 1), ("OutOfSupport", 8)):
        yield cluster.end_of_support(stage, end + days * DAY, end)


def _month(cluster: _Cluster, start: datetime) -> Iterator[Record]:
    yield from cluster.maintenance(NODE_OS, start + 7 * DAY, *_WENT_WELL)
    yield from cluster.maintenance(NODE_OS, start + 14 * DAY, _ANNOUNCED[0], ("Canceled", -1 * DAY))
    yield from cluster.maintenance(
        CLUSTER, start + 21 * DAY, *_ANNOUNCED, ("Started", 6 * MINUTE), ("Failed", 2 * HOUR)
    )
    yield from cluster.maintenance(CLUSTER, start + 28 * DAY, *_WENT_WELL)


STORIES: Mapping[str, Story] = {
    "upgrade": _both_upgrades(*_WENT_WELL),
    "failure": _both_upgrades(*_ANNOUNCED, ("Started", 4 * MINUTE), ("Failed", 97 * MINUTE)),
    "cancellation": _cancellation,
    "missed": _both_upgrades(*_ANNOUNCED),
    "end-of-support": _end_of_support,
    "month": _month,
}

NOTICES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("upgrade", "failure", "cancellation"), frozenset({CLUSTER, NODE_OS})),
    "missed": frozenset({"missed-maintenance"}),
    "end-of-support": frozenset({"end-of-support"}),
}
"""Notices that each story plays. Month, which repeats the others, is played only where it is named."""


def watched_by(families: Collection[str], notices: Collection[str]) -> Sequence[str]:
    """Stories that fit these families and notices; ``upgrade`` if none does."""
    watched = {*notices, *(name for name, notice in catalog.NOTICES.items() if notice.family in families)}
    return [story for story, names in NOTICES.items() if not names.isdisjoint(watched)] or ["upgrade"]


def sequence(
    stories: Sequence[str], clusters: Sequence[str], start: datetime, lag: timedelta = timedelta(0), seed: int = 0
) -> tuple[Record, ...]:
    """Records of several stories; each starts at the second midnight after the previous one."""
    found: list[Record] = []
    for place, story in enumerate(stories):
        played = records(story, clusters, start, lag, f"{seed} {story}" if place else seed)
        found += played
        if played:
            last = max(record.visible_from for record in played)
            start = last.replace(hour=0, minute=0, second=0, microsecond=0) + 2 * DAY
    return states(found)


def records(
    story: str, clusters: Sequence[str], start: datetime, lag: timedelta = timedelta(0), seed: int | str = 0
) -> tuple[Record, ...]:
    """Records of a story for each cluster, each visible within `lag` after its own time."""
    written: list[Record] = []
    for cluster in clusters:
        chance = random.Random(f"{seed} {cluster.lower()}")
        # In the evening, and not all at once: a maintenance window is at least four hours long.
        begin = start + 20 * HOUR + chance.randrange(240) * MINUTE
        written += STORIES[story](_Cluster(cluster, chance, lag), begin)
    return states(written)


def clusters_of(scopes: Sequence[str]) -> tuple[str, ...]:
    """Clusters among the scopes, plus two invented ones for each wider scope without a listed cluster."""
    clusters = [scope for scope in scopes if "/managedclusters/" in scope.lower()]
    for scope in scopes:
        if not any(is_within(cluster, scope) for cluster in clusters):
            group = scope if "/resourcegroups/" in scope.lower() else f"{scope}/resourceGroups/rg-aks"
            clusters += [f"{group}/providers/{resource_types.CLUSTER.arm}/{name}" for name in ("aks-prod", "aks-test")]
    return tuple(clusters)
