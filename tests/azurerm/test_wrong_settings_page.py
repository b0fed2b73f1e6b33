"""The page that says who finds which wrong setting."""

from __future__ import annotations

import pytest

from tests.azurerm.wrong_settings import PAGE, ROWS, Wrong, our_mistakes, table

REFUSED = (PAGE.parents[1] / "reference" / "refused.md").read_text(encoding="utf-8")


def test_the_page_has_the_table():
    # PYTHONPATH=constructs python -m tests.azurerm.write_page
    assert table() in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("wrong", ROWS, ids=lambda wrong: wrong.setting[:60])
def test_we_find_what_anybody_could(wrong: Wrong):
    """Each with one mistake, the one that is meant. What only Azure can know is let through."""
    assert len(our_mistakes(wrong)) == (1 if wrong.ours else 0)


@pytest.mark.parametrize(
    "wrong", [one for one in ROWS if one.found_by == "nobody"], ids=lambda wrong: wrong.setting[:60]
)
def test_what_azure_takes_and_we_refuse_is_listed_with_the_reason(wrong: Wrong):
    assert f"| `{wrong.setting}` |" in REFUSED
