"""The table containerserviceeventresources on DuckDB, for queries to run on with a pinned clock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.kql.templates import ALL, Grouping, Selection, load, render
from aks_communication_manager.notices import record
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.rehearse.kql_engine.reading import without_arg
from aks_communication_manager.rehearse.kql_engine.table import Table
from tests.stand_in import records
from tests.stand_in.resource_graph_tables import run_on

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
FREQUENCY = timedelta(minutes=30)
LOOK_BACK = timedelta(hours=6)
GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
TYPE = "microsoft.containerservice/managedclusters/scheduledevents"


def cluster(name: str, group: str = GROUP) -> str:
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


PROD = cluster("prod")


@dataclass(frozen=True)
class Record:
    """One row. `properties` is a bag, None, or JSON text that is taken as it is."""

    name: str
    properties: Any
    cluster: str = PROD
    type: str = TYPE
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.cluster}/scheduledEvents/{self.name}")

    @property
    def bag(self) -> str:
        bag = self.properties
        return bag if isinstance(bag, str) else json.dumps(bag, separators=(",", ":"), ensure_ascii=False)

    @property
    def read(self) -> record.Record:
        """The row as the product reads it."""
        return record.Record({"id": self.id, "name": self.name, "properties": json.loads(self.bag)})


@cache
def _table() -> Table:
    # One for the process: opening it costs more than most queries. Tests that run none do not even import DuckDB.
    return Table()


def close() -> None:
    if _table.cache_info().currsize:
        _table().close()
        _table.cache_clear()


def run(query: str, found: Iterable[Record], now: datetime = NOW) -> list[dict[str, Any]]:
    """The rows that the query returns of these records at that time, on the table of rehearsals."""
    rows = [{"id": row.id, "name": row.name, "type": row.type, "properties": row.bag} for row in found]
    return run_on(_table(), without_arg(query) or query, rows, now)


def watched(text: str) -> Scope:
    """A scope of this text, whatever the text is: queries are tested with more than ids."""
    if re.fullmatch(
        r"/subscriptions/[0-9a-fA-F-]{36}(/resourceGroups/[^/]+)?(/providers/[^/]+/managedClusters/[\w-]+)?", text, re.I
    ):
        return Scope.parse(text)
    return Scope(
        text=text,
        key=text,
        label=text,
        kind="cluster",
        subscription_id="",
        resource_group=None,
        cluster=None,
        arm=None,
        readers=("", ""),
    )


def hardened(
    notice: str = "cluster-auto-upgrade",
    scopes: Sequence[str] = (PROD,),
    look_back: timedelta = LOOK_BACK,
    selection: Selection = ALL,
    grouping: Grouping = "event",
) -> str:
    return render(
        load(notice, grouping=grouping),
        scopes=[watched(scope) for scope in scopes],
        look_back=look_back,
        selection=selection,
        dimension=NOTICES[notice].dimension if notice in NOTICES else "",
    )


def documented(notice: str = "cluster-auto-upgrade", scope: str = PROD, frequency: timedelta = FREQUENCY) -> str:
    return render(load(notice, "documented"), scopes=[watched(scope)], look_back=frequency)


def stamp(moment: datetime, digits: int = 7) -> str:
    """The moment as the table writes times, with that many digits of a second."""
    fraction = f"{moment.microsecond:06d}".ljust(9, "0")[:digits]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if digits else "") + "Z"


def upgrade(event: str = "K8sVersionUpgrade", status: str = "Scheduled", **changed: Any) -> dict[str, Any]:
    """A synthetic bag in the published shape, ten minutes old; a key whose value is `...` is left out."""
    planned = stamp(NOW + timedelta(days=7))
    times = {"scheduledTime": planned, "startTime": planned, "lastUpdateTime": stamp(NOW - timedelta(minutes=10))}
    return records.upgrade(event, status, **{**times, "resources": [PROD], **changed})


STARTED = records.STARTED | {"resources": [PROD]}
