"""The queries return the rows of their earlier texts, which used functions without evidence for ``arg("")``.

`tests/kql/earlier/` has those texts. Intended differences: the column `reason`, ``-`` for an unknown planned time, and
records of end-of-support without lastUpdateTime and startTime, which stay in the window.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aks_communication_manager.kql.templates import ALL, Selection, render
from aks_communication_manager.notices.catalog import NOTICES
from tests.kql.kql_strategies import SCOPE_SETS, is_untimed, records
from tests.kql.kql_table import FREQUENCY, LOOK_BACK, hardened, run, watched
from tests.kql.test_query_properties import many

EARLIER = {path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "earlier").glob("*.kql")}
LOOK_BACKS = st.sampled_from([FREQUENCY, LOOK_BACK, timedelta(days=2)])
SELECTIONS = st.sampled_from([ALL, Selection(only=("Failed", "Canceled")), Selection(excluding=("Failed", "started"))])


def earlier_rows(notice, scopes, found, look_back, selection):
    query = render(
        EARLIER[notice],
        scopes=[watched(scope) for scope in scopes],
        look_back=look_back,
        selection=selection,
        dimension=NOTICES[notice].dimension,
    )
    rows = run(query, found)
    for row in rows:
        if "plannedTime" in row:
            row["plannedTime"] = row["plannedTime"] or "-"
    return rows


def agree(notice, scopes, found, look_back, selection):
    rows = run(hardened(notice, scopes, look_back, selection), found)
    reasons = [row.pop("reason", "-") for row in rows]
    assert all(reasons)
    if notice == "end-of-support":
        untimed = {record.name for record in found if is_untimed(record)}
        rows = [row for row in rows if row["name"] not in untimed]
        found = [record for record in found if record.name not in untimed]
    before = earlier_rows(notice, scopes, found, look_back, selection)
    assert sorted(rows, key=repr) == sorted(before, key=repr)
    assert [row["eventTime"] for row in rows] == [row["eventTime"] for row in before]
    return len(rows)


CASE = {"scopes": SCOPE_SETS, "look_back": LOOK_BACKS, "selection": SELECTIONS}


@pytest.mark.parametrize(
    "examples", [pytest.param(2, marks=pytest.mark.long), pytest.param(35, marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("notice", EARLIER)
def test_the_rows_are_those_of_the_earlier_query(notice, examples):
    """With 35 examples of 400 records, more than 20,000 records in all."""

    @many(examples)
    @given(found=records(400), **CASE)
    def check(scopes, found, look_back, selection):
        agree(notice, scopes, found, look_back, selection)

    check()
