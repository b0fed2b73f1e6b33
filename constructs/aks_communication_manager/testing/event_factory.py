"""Events as AKS writes them, to ask who is notified of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import ALIASES, END_OF_SUPPORT, NOTICES
from aks_communication_manager.rehearse.events import TYPE, Record
from aks_communication_manager.text import did_you_mean, quoted

HAPPENED = datetime(2026, 1, 5, 20, tzinfo=UTC)
"""When an event happens unless a test says otherwise: a fixed moment, so that tests do not depend on the day."""

_VISIBLE = timedelta(minutes=1)
"""How long Resource Graph takes to show it."""


def event(
    cluster: str,
    notice: str,
    status: str,
    *,
    happened: datetime = HAPPENED,
    visible: datetime | None = None,
    planned: datetime | None = None,
) -> Record:
    """One event of a cluster, as the table ``containerserviceeventresources`` has it.

    `cluster`: the ARM id. `status`: of an upgrade such as ``Failed``, of end-of-support a stage such as
    ``KubernetesVersionOutOfSupport``. `visible`: when Resource Graph shows it, a minute after it happened unless given.
    `planned`: the planned start, a week later unless given. Raises `InvalidArgument`.
    """
    arm = ArmId.parse(cluster)
    if arm.kind != "cluster":
        raise invalid("ACM030", f"cluster: {quoted(cluster)} is not the id of a cluster", "An event is of one cluster.")
    if notice not in NOTICES:
        raise invalid("ACM025", f"notice: {quoted(notice)} is not a notice", did_you_mean(notice, NOTICES))
    known = (*NOTICES[notice].values, *(ALIASES if notice != END_OF_SUPPORT else ()))
    if status not in known:
        raise invalid("ACM025", f"status: {quoted(status)} is not a status of {notice}", did_you_mean(status, known))
    start = _stamp(planned or happened + timedelta(days=7))
    name = str(uuid5(NAMESPACE_URL, f"{arm}/{notice}/{status}/{happened}/{start}"))
    properties = {
        "eventId": name,
        "scheduledTime": start,
        "startTime": start,
        "lastUpdateTime": _stamp(happened),
        "resources": [cluster],
        "resourceType": "ManagedCluster",
    }
    if notice == END_OF_SUPPORT:
        properties |= {"description": status, "eventSource": "EOLNotification", "eventStatus": "Scheduled"}
    else:
        properties |= {
            "description": "Auto upgrade maintenance event.",
            "eventSource": "AutoUpgrader",
            "eventStatus": status,
            "eventDetails": NOTICES[notice].family,
        }
    row = {"id": f"{cluster}/scheduledEvents/{name}", "name": name, "type": TYPE, "properties": properties}
    return Record(row, visible or happened + _VISIBLE)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"
