"""The hardened queries return what the reader of records reads, whatever the records are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from aks_communication_manager.notices.catalog import NOTICES
from tests.kql.kql_strategies import SCOPE_SETS, expected, records
from tests.kql.kql_table import hardened, run

RECORDS_A_QUERY = 160  # one execution costs a third of a second, however few its records are


pytestmark = pytest.mark.long


def many(examples: int):
    """Without shrinking: the first record that differs says more than minutes of smaller lists."""
    return settings(
        max_examples=examples,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def agree(notice, scopes, found):
    rows = run(hardened(notice, scopes), found)
    returned = {row["name"]: row for row in rows}
    assert len(returned) == len(rows), "a record came back twice"
    should = expected(notice, scopes, found)
    for record in found:
        row, read = returned.get(record.name), should.get(record.name)
        assert (row is None) == (read is None), f"{record.type} {record.id}\n{record.bag}"
        if row and read:
            same = {key: value for key, value in read.items() if key in row}
            assert {key: row[key] for key in same} == same, f"{record.id}\n{record.bag}"


@pytest.mark.parametrize("notice", NOTICES)
@many(6)
@given(scopes=SCOPE_SETS, found=records(RECORDS_A_QUERY))
def test_a_query_returns_what_the_reader_reads(notice, scopes, found):
    agree(notice, scopes, found)


@pytest.mark.nightly
@pytest.mark.parametrize("notice", NOTICES)
@many(100)
@given(scopes=SCOPE_SETS, found=records(RECORDS_A_QUERY))
def test_a_query_and_the_reader_agree_on_ten_thousand_records(notice, scopes, found):
    agree(notice, scopes, found)
