"""What the alert rules ask: windows that Azure takes, and queries that fit the rest of the options."""

import pytest

from aks_communication_manager import Route
from tests.compiling import SUB, cluster, planned, said

GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
DOCUMENTED_FIX = "    Remove `query`, or set `query: hardened`."
NAMES_ONE = "query: the documented query is written for one cluster and does not return its name, but"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"scopes": [cluster(), f"{GROUP}-2"]}, f"{NAMES_ONE} scopes[1] covers many [ACM102]\n{DOCUMENTED_FIX}"),
        ({"rules": "shared"}, f"{NAMES_ONE} rules: shared puts many into one rule [ACM102]\n{DOCUMENTED_FIX}"),
        (
            {"routes": [Route(statuses=["Failed"], severity=1)]},
            f"query: the documented query cannot select rows for routes [ACM102]\n{DOCUMENTED_FIX}",
        ),
        (
            {"notices": ["end-of-support"]},
            f"query: Microsoft's how-to has no query for end-of-support [ACM102]\n{DOCUMENTED_FIX}",
        ),
        (
            {"look_back": "PT6H"},
            "look_back: is not used with the documented query [ACM120]\n    Remove it, or set `query: hardened`.",
        ),
    ],
)
def test_documented_query_supports_neither_wide_scopes_nor_routes(arguments, text):
    assert said(query="documented", **arguments) == text


def test_own_query_for_an_unwatched_notice_is_reported(tmp_path):
    file = tmp_path / "own.kql"
    file.write_text(
        'arg("").containerserviceeventresources | where <scopes> | extend eventTime = now(), description = ""\n'
        "| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)"
    )
    assert said(queries={"end-of-support": file}) == (
        "queries.end-of-support: end-of-support is not listed in `notices` [ACM104]\n    Add it to `notices`, or remove the query."
    )


def test_own_query_with_a_fixed_cluster_fits_one_scope(tmp_path):
    own = tmp_path / "own.kql"
    own.write_text(
        'arg("").containerserviceeventresources\n'
        f'| where id startswith "{cluster()}/"\n'
        "| extend status = tostring(properties.eventStatus), eventTime = todatetime(tostring(properties.lastUpdateTime))\n"
        "| where <window>\n"
        "| project eventTime, status, eventName = name, plannedTime = tostring(properties.scheduledTime)\n",
        encoding="utf-8-sig",
    )
    queries = {"cluster-auto-upgrade": str(own)}
    assert planned(queries=queries).alert_rules[0].query.endswith("plannedTime = tostring(properties.scheduledTime)\n")
    assert said(queries=queries, scopes=[cluster(), cluster("dev")]) == (
        f"queries.cluster-auto-upgrade: {own}: it filters by its own list of clusters, but there are 2 scopes: "
        "the rules of all of them would report the same events [ACM105]\n"
        "    Filter by <scopes>: | where <scopes>"
    )
    own.write_text(own.read_text(encoding="utf-8-sig").replace(f'id startswith "{cluster()}/"', "true"))
    assert said(queries=queries, scopes=[cluster(), cluster("dev")]) == (
        f"queries.cluster-auto-upgrade: {own}: the query does not filter by cluster [ACM106]\n"
        '    arg("") returns the rows of every cluster that the identity may read. Add a line: | where <scopes>'
    )


def test_own_query_without_planned_time_gives_no_such_dimension(tmp_path):
    file = tmp_path / "own.kql"
    file.write_text(
        'arg("").containerserviceeventresources\n| where <scopes>\n| extend status = tostring(properties.eventStatus)\n'
        "| extend eventTime = todatetime(properties.lastUpdateTime)\n| where <window>\n"
        "| project eventTime, status, eventName = name\n"
    )
    own, ours = planned(queries={"cluster-auto-upgrade": str(file)}).alert_rules
    assert [one.name for one in own.dimensions] == ["status", "eventName"]
    assert [one.name for one in ours.dimensions] == ["status", "eventName", "plannedTime", "reason"]
