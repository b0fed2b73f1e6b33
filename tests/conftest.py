"""One jsii kernel serves a whole test process, and starts as the product starts it."""

from __future__ import annotations

import atexit
import gc
import os

import pytest

from aks_communication_manager import fast_start

fast_start.enable()

from tests import framework  # noqa: E402 (the framework is loaded after the line above)

framework.use()

from cdktf import Testing  # noqa: E402 (after the lines above)

Testing.__test__ = False  # pytest would take it for a class of tests


def pytest_collection_finish():
    # What is imported stays, and what tests make is little: looking for garbage again and again takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture
def snapshot(snapshot):
    """Snapshots are the JSON files beside the tests, one for each case."""
    from syrupy.extensions.json import JSONSnapshotExtension

    return snapshot.use_extension(JSONSnapshotExtension)


@atexit.register
def _without_the_last_words_of_duckdb():
    # Its bindings list on stderr, when the interpreter ends, every object that Python has not freed by then: some hundred
    # lines below the results. Registered early, so this runs after whatever else has something to say.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
