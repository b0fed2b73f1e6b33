"""Build events as AKS writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import ALIASES, END_OF_SUPPORT, NOTICES
from aks_communication_manager.notices.record import Record, stamp, write
from aks_communication_manager.text import did_you_mean, quoted

HAPPENED = datetime(2026, 1, 5, 20, tzinfo=UTC)
"""Default time of an event: fixed, so that tests do not depend on the current day."""

_VISIBLE = timedelta(minutes=1)
"""Delay until Resource Graph shows an event."""


def event(
    cluster: str,
    notice: str,
    status: str,
    *,
    happened: datetime = HAPPENED,
    visible: datetime | None = None,
    planned: datetime | None = None,
    updated: datetime | None = None,
    details: Any = None,
) -> Record:
    """Build one event of a cluster as a row of ``containerserviceeventresources``.

    `cluster`: the ARM id. `status`: of an upgrade such as ``Failed``, of end-of-support a stage such as
    ``KubernetesVersionOutOfSupport``. `visible`: when Resource Graph shows it, a minute after it happened unless given.
    `planned`: the planned start, or the day support ends; a week later unless given. Events of one cluster, notice and
    planned start have one `eventId`. `updated`: `lastUpdateTime`, by default when the event happened; end-of-support has none
    unless given, as in the published record. `details`: `eventDetails`, text or a bag, by default the family's name.
    Raises `InvalidArgument`.
    """
    arm = ArmId.parse(cluster)
    if arm.kind != "cluster":
        raise invalid("ACM030", f"cluster: {quoted(cluster)} is not the id of a cluster", "An event is of one cluster.")
    if notice not in NOTICES:
        raise invalid("ACM025", f"notice: {quoted(notice)} is not a notice", did_you_mean(notice, NOTICES))
    known = (*NOTICES[notice].values, *(ALIASES if notice != END_OF_SUPPORT else ()))
    if status not in known:
        raise invalid("ACM025", f"status: {quoted(status)} is not a status of {notice}", did_you_mean(status, known))
    start = planned or happened + timedelta(days=7)
    maintenance = f"{arm}/{notice}/{stamp(start)}"
    upgrade = notice != END_OF_SUPPORT
    return write(
        cluster,
        notice,
        status,
        str(uuid5(NAMESPACE_URL, f"{maintenance}/{status}/{stamp(happened)}")),
        event_id=str(uuid5(NAMESPACE_URL, maintenance)),
        scheduled=start,
        started=start if upgrade else None,
        updated=updated or (happened if upgrade else None),
        details=details,
        visible_from=visible or happened + _VISIBLE,
    )
