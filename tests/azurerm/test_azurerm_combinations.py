"""A small bundle of ``make fuzz``: random combinations of all options, as one document for the real provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.azurerm.prepared import VERSION
from tests.fuzz import combined
from tests.fuzz.hostile import ENVIRONMENT

pytestmark = pytest.mark.azurerm


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "")  # put back afterwards
    [(seen, stacks)] = combined.bundles(seed=2, wanted=1, folder=tmp_path, size=50)
    assert seen.compiled > 15
    return stacks


def test_what_compiles_is_valid(stacks, provider_cache: Path):
    assert combined.validate(stacks, VERSION, provider_cache) == []


def test_what_is_wrong_in_one_of_many_stacks_is_not_valid(
    stacks, provider_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    """Or the rest would prove nothing."""
    from tests.fuzz import bundle

    whole = bundle.document

    def wrong(*arguments):
        document = whole(*arguments)
        rules = document["resource"]["azurerm_monitor_scheduled_query_rules_alert_v2"]
        rules[sorted(rules)[7]]["severity"] = 7
        return document

    monkeypatch.setattr(bundle, "document", wrong)
    [error] = combined.validate(stacks, VERSION, provider_cache)
    assert "expected severity to be in the range (0 - 4), got 7" in error
