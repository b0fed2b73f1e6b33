"""Courses that one maintenance can take, as the records that AKS writes of it, for queries about what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aks_communication_manager.notices.record import Record, write

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Variant:
    """`steps`: status, when it came about, when it became visible, and the planned start in it, all after the first planned start."""

    steps: tuple[tuple[str, timedelta, timedelta, timedelta], ...]
    missed: bool
    """Whether nothing began within a day of the latest planned start."""

    in_place: bool = False
    """Whether one row is overwritten, in place of a row for each status."""


def _step(
    status: str, after: timedelta, lag: timedelta = MINUTE, planned: timedelta = timedelta(0)
) -> tuple[str, timedelta, timedelta, timedelta]:
    return status, after, after + lag, planned


_WEEK_BEFORE, _DAY_BEFORE = _step("Scheduled", -7 * DAY), _step("Scheduled", -DAY)
_WENT_WELL = (_step("Started", 4 * MINUTE), _step("Completed", 52 * MINUTE))

VARIANTS = {
    "announced twice, then nothing": Variant((_WEEK_BEFORE, _DAY_BEFORE), missed=True),
    "announced once, then nothing": Variant((_WEEK_BEFORE,), missed=True),
    "announced five times, then nothing": Variant(
        tuple(_step("Scheduled", -day * DAY) for day in (7, 5, 3, 2, 1)), missed=True
    ),
    "went well": Variant((_WEEK_BEFORE, _DAY_BEFORE, *_WENT_WELL), missed=False),
    "began, and the start shows up 20 hours late": Variant(
        (_WEEK_BEFORE, _step("Started", 4 * MINUTE, 20 * HOUR)), missed=False
    ),
    "announced after its start, then nothing": Variant((_step("Scheduled", -HOUR, 6 * HOUR),), missed=True),
    "started without announcement": Variant(_WENT_WELL, missed=False),
    "canceled": Variant((_WEEK_BEFORE, _step("Cancelled", -3 * HOUR)), missed=False),
    "failed": Variant((_WEEK_BEFORE, _step("Started", 4 * MINUTE), _step("Failed", 2 * HOUR)), missed=False),
    "moved by two days, and went well then": Variant(
        (_WEEK_BEFORE, _step("Scheduled", -DAY, planned=2 * DAY), _step("Started", 2 * DAY + MINUTE, planned=2 * DAY)),
        missed=False,
    ),
    "moved by two days, then nothing": Variant((_WEEK_BEFORE, _step("Scheduled", -DAY, planned=2 * DAY)), missed=True),
    "updated in place, and went well": Variant((_WEEK_BEFORE, *_WENT_WELL), missed=False, in_place=True),
    "updated in place, then nothing": Variant((_WEEK_BEFORE, _DAY_BEFORE), missed=True, in_place=True),
}
"""By what happens."""


def records(
    variant: Variant, cluster: str, planned: datetime, notice: str = "cluster-auto-upgrade", event_id: str = "m"
) -> list[Record]:
    """The records of one maintenance, with one `eventId`; `rehearse.event_records.states` says until when each is visible."""
    return [
        write(
            cluster,
            notice,
            status,
            event_id if variant.in_place else f"{event_id}-{number}",
            event_id=event_id,
            scheduled=planned + moved,
            started=planned + moved,
            updated=planned + after,
            visible_from=planned + visible,
        )
        for number, (status, after, visible, moved) in enumerate(variant.steps)
    ]
