import pytest


@pytest.fixture(autouse=True, scope="session")
def _closed_database():
    """Closes the database before the interpreter ends: DuckDB complains of what is still open then."""
    yield
    import gc

    import kql_table

    kql_table._connection().close()
    kql_table._connection.cache_clear()
    gc.collect()
