"""The SQL that a rehearsal runs is shorter than the translator's own, and gives the same."""

from __future__ import annotations

from datetime import UTC

import duckdb_kql
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rule_samples import FIELDS, HEAD
from tests.kql import kql_table
from tests.kql.kql_strategies import records
from tests.stand_in.records import END_OF_SUPPORT
from tests.stand_in.resource_graph_tables import run_on

from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.rehearse.kql_engine.reading import without_arg
from aks_communication_manager.rehearse.kql_engine.table import Table
from aks_communication_manager.rehearse.kql_engine.tables import SCHEMA

QUERIES = {
    **{notice: kql_table.hardened(notice) for notice in NOTICES if notice != "missed-maintenance"},
    "documented": kql_table.documented(),
    "nested in a condition": f"{HEAD} | {FIELDS} | where tolower(substring(tostring(status), 0, 1)) == 's'",
    "a column twice": f"{HEAD} | extend name = strcat(tostring(name), '!'), eventName = tolower(tostring(name))",
    "of a branch": f"{HEAD} | extend begun = iff(isempty(name), now(), todatetime(substring(tostring(properties.startTime), 0, 27)))",
}

ALIKE = ("node-os-auto-upgrade", "end-of-support")
"""Their calls are those of the first."""

SURE = [
    kql_table.Record("upgrade", kql_table.upgrade()),
    kql_table.Record("image", kql_table.upgrade("NodeOSUpgrade")),
    kql_table.Record("end", END_OF_SUPPORT | {"lastUpdateTime": kql_table.upgrade()["lastUpdateTime"]}),
]
"""What each of the queries returns something of."""


@pytest.mark.parametrize(
    "query",
    [pytest.param(query, marks=[pytest.mark.long] * (name in ALIKE)) for name, query in QUERIES.items()],
    ids=QUERIES,
)
@settings(
    max_examples=1, phases=[Phase.generate], deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(found=records(60))
def test_the_rows_are_those_of_the_translators_own_sql(query, found):
    text = without_arg(query)
    found = [*found, *SURE]
    own = duckdb_kql.to_sql(text, schema=SCHEMA, query_now=kql_table.NOW)
    with Table() as table:
        rows_in = [{"id": one.id, "name": one.name, "type": one.type, "properties": one.bag} for one in found]
        given_back = run_on(table, text, rows_in, kql_table.NOW)
        now = {name: kql_table.NOW.astimezone(UTC).replace(tzinfo=None) for name in own.parameters}
        expected = table.execute(str(own), now or None)
        rows = [dict(zip(expected.types, row, strict=True)) for row in expected.rows]
    assert rows
    assert sorted(map(_comparable, given_back)) == sorted(map(_comparable, rows))


def _comparable(row):
    return repr(sorted((name, str(value).removesuffix("+00:00")) for name, value in row.items()))
