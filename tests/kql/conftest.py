import kql_table
import pytest


@pytest.fixture(autouse=True, scope="session")
def _closed_database():
    yield
    kql_table.close()
