"""Writes the table of docs/evidence/wrong-settings.md anew: ``PYTHONPATH=constructs python -m tests.azurerm.write_page``."""

from tests import conftest  # noqa: F401 (Node is started as the product starts it)
from tests.azurerm.wrong_settings import HEADER, PAGE, table

before, header, after = PAGE.read_text(encoding="utf-8").partition(HEADER)
assert header, f"{PAGE} has no table"
PAGE.write_text(before + table() + "\n" + after.partition("\n\n")[2], encoding="utf-8")
