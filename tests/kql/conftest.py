import pytest

from tests.kql import kql_table


@pytest.fixture(autouse=True, scope="session")
def _closed_database():
    yield
    kql_table.close()
