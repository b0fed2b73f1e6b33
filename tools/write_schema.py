"""Writes the JSON Schema of the config, which editors read: ``PYTHONPATH=constructs python tools/write_schema.py``.

With ``--check`` it only says whether the committed file is up to date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from aks_communication_manager.config.json_schema import config_schema

FILE = Path(__file__).parents[1] / "communication-manager.schema.json"


def text() -> str:
    """The file's content."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        FILE.write_text(text(), encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text():
        sys.exit(f"{FILE.name} is not up to date: run make generate")
