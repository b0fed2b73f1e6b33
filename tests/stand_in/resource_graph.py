"""Azure Resource Graph: answers a query in KQL by running it, on the rows that the caller may read.

Sources: REST specification 2021-03-01 (`$top`, `$skip`, `$skipToken`, `resultFormat`), "Working with large data sets".
"""

from __future__ import annotations

from typing import Any

from tests.stand_in.addresses import subscription_of
from tests.stand_in.container_service import CLUSTERS
from tests.stand_in.exchange import Answer, Request
from tests.stand_in.refusal import Refusal, bad_request
from tests.stand_in.resource_graph_tables import QueryError, Row, TableMissing, run
from tests.stand_in.rights import Rights
from tests.stand_in.shapes import Flag, ListOf, MapOf, Number, Object, Text
from tests.stand_in.store import Store

PATH = "/providers/microsoft.resourcegraph/resources"
API_VERSIONS = frozenset({"2021-03-01", "2022-10-01", "2024-04-01"})

PAGE = 1000
"""Records in one answer at most."""

EVENT_TYPE = "microsoft.containerservice/managedclusters/scheduledevents"

_BODY = Object(
    required={"query": Text()},
    optional={
        "subscriptions": ListOf(Text()),
        "managementGroups": ListOf(Text()),
        "facets": ListOf(MapOf(Text())),
        "options": Object(
            optional={
                "$top": Number(1, PAGE),
                "$skip": Number(0),
                "$skipToken": Text(),
                "resultFormat": Text(choices=("objectArray", "table")),
                "allowPartialScopes": Flag(),
                "authorizationScopeFilter": Text(),
            }
        ),
    },
)


class ResourceGraph:
    """The scheduled events that were published, and a view of the store."""

    def __init__(self, store: Store, rights: Rights) -> None:
        self.events: list[Row] = []
        """Rows of ``containerserviceeventresources``, in the order they were published."""
        self._store = store
        self._rights = rights

    def publish(self, cluster: str, name: str, properties: Any) -> Row:
        """A scheduled event of a cluster; `properties` may be a bag or JSON text that is taken as it is."""
        row = _row(f"{cluster}/scheduledEvents/{name}", name, EVENT_TYPE, properties)
        self.events.append(row)
        return row

    def answer(self, request: Request) -> Answer:
        if request.method != "POST":
            raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed here.")
        body = _BODY.read(request.body, "")
        options = body.get("options", {})
        wanted = {one.lower() for one in body.get("subscriptions", [])}
        # Terraform's tables with `arg("")` do not exist here: this is Resource Graph itself.
        try:
            rows = run(body["query"], self._tables(wanted))
        except TableMissing as missing:
            raise _invalid(f"Table {missing} was not found") from None
        except QueryError as error:
            raise _invalid(str(error)) from None
        start = int(options.get("$skipToken", 0) or options.get("$skip", 0))
        page = rows[start : start + int(options.get("$top", PAGE))]
        answer: dict[str, Any] = {
            "totalRecords": len(rows),
            "count": len(page),
            "data": page,
            "facets": [],
            "resultTruncated": "false",
        }
        # Without the id among the columns Azure cannot go on from one page to the next.
        if start + len(page) < len(rows):
            answer["resultTruncated"] = "false" if "id" in page[0] else "true"
            if "id" in page[0]:
                answer["$skipToken"] = str(start + len(page))
        return Answer(200, answer)

    def _tables(self, subscriptions: set[str]) -> dict[str, list[Row]]:
        """Resource Graph never refuses: rows that the caller may not read are not there."""
        clusters = [
            _row(one["id"], one["name"], CLUSTERS.lower(), one["properties"]) | {"location": one["location"]}
            for one in self._store.of_type(CLUSTERS)
        ]
        return {
            "containerserviceeventresources": self._readable(self.events, subscriptions),
            "resources": self._readable(clusters, subscriptions),
        }

    def _readable(self, rows: list[Row], subscriptions: set[str]) -> list[Row]:
        return [
            row
            for row in rows
            if (not subscriptions or subscription_of(row["id"]).lower() in subscriptions)
            and self._rights.may(f"{CLUSTERS}/read", row["id"])
        ]


def _row(identifier: str, name: str, kind: str, properties: Any) -> Row:
    parts = identifier.split("/")
    return {
        "id": identifier,
        "name": name,
        "type": kind,
        "location": "",
        "subscriptionId": parts[2],
        "resourceGroup": parts[4].lower(),
        "properties": properties,
    }


def _invalid(message: str) -> Refusal:
    return bad_request(f"Please provide below info when asking for support: {message}", "BadRequest")
