"""Names of the tables in the database, and their columns."""

from __future__ import annotations

NAME = "containerserviceeventresources"

TEXT = (
    "id", "name", "type", "tenantId", "kind", "location", "resourceGroup", "subscriptionId", "managedBy",
)  # fmt: skip
DYNAMIC = ("sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation")
"""The columns of every table of Resource Graph."""

NUMBER = "__number"
"""The column that carries the number of a row's record, or of the group that the row is counted in, through a query."""

RECORDS = "__records"
"""All records of a rehearsal, numbered."""

VISIBLE = "__visible"
"""Records that Resource Graph shows at a moment."""

CHOSEN = "__chosen"
"""Records whose ids begin with the prefixes of some rules, numbered anew."""

ROWS = "__rows"
"""The rows of a stage, with their indexes in `ROW`."""

ROW = "__row"

GROUPED = "__grouped"
"""The same rows, numbered by the groups that the next stage counts together."""

SCHEMA = {NAME: [*TEXT, *DYNAMIC]} | {name: [*TEXT, *DYNAMIC, NUMBER] for name in (RECORDS, VISIBLE, CHOSEN)}
