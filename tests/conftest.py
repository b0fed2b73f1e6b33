"""One jsii kernel serves a whole test process, and starts as the product starts it."""

from __future__ import annotations

import pytest

from aks_communication_manager import fast_start

fast_start.enable()

from tests import framework  # noqa: E402 (the framework is loaded after the line above)

framework.use()

from cdktf import Testing  # noqa: E402 (after the lines above)

Testing.__test__ = False  # pytest would take it for a class of tests


@pytest.fixture
def snapshot(snapshot):
    """Snapshots are the JSON files beside the tests, one for each case."""
    from syrupy.extensions.json import JSONSnapshotExtension

    return snapshot.use_extension(JSONSnapshotExtension)
