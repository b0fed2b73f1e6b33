import atexit
import os

import pytest

from tests.kql import kql_table


@pytest.fixture(autouse=True, scope="session")
def _closed_database():
    yield
    kql_table.close()


@atexit.register
def _without_the_last_words_of_duckdb():
    # Its bindings list on stderr, when the interpreter ends, every object that Python has not freed by then: some hundred
    # lines below the results. Registered early, so this runs after whatever else has something to say.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
