"""Draws docs/rehearsal.png, the page of a rehearsal: ``PYTHONPATH=constructs python tools/draw_rehearsal.py``.

Chromium draws it, without a window; without Chromium there is only an error where the picture is stale. The hash of the page
that was drawn is beside the picture: with ``--check`` it is compared with that of the page now, which needs no browser.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aks_communication_manager.cli.rehearse_page import page
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.plan.resources import PlannedGroup, ProcessingRule
from aks_communication_manager.rehearse import stories
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.rehearsal import rehearse
from aks_communication_manager.rehearse.rule_set import RuleSet

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "rehearsal.png"
HASH = PICTURE.with_suffix(".sha256")
_CONFIG = "examples/several-clusters.yaml"
_START = datetime(2026, 12, 1, tzinfo=UTC)
_SIZE = (1280, 850)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def drawn() -> str:
    """The page with closed lists: a month of three clusters, in which one failure shows up a day late."""
    [stack] = compile_config(ROOT / _CONFIG).checked()
    plan = stack.plan
    deployment = Deployment(stack.name, plan.alert_rules, tuple(plan.of(PlannedGroup)), tuple(plan.of(ProcessingRule)))
    rules = RuleSet.from_deployments([deployment])
    records = list(stories.records("month", stories.clusters_of(rules.scopes), _START))
    late = next(place for place, record in enumerate(records) if record.stage_or_status == "Failed")
    records[late] = replace(records[late], visible_from=records[late].visible_from + timedelta(days=1))
    return page(rehearse(rules, records), f"{_CONFIG}, stack {stack.name}").replace("<details open>", "<details>")


def digest(text: str) -> str:
    """The hash that is stored beside the picture."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n"


def is_fresh(text: str) -> bool:
    """Whether the picture is of this page."""
    return PICTURE.exists() and HASH.exists() and HASH.read_text(encoding="utf-8") == digest(text)


def _draw(text: str, browser: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(text, encoding="utf-8")
        options = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        )
        size = f"--window-size={_SIZE[0]},{_SIZE[1]}"
        light = "--blink-settings=preferredColorScheme=1"
        subprocess.run(
            [browser, *options, size, light, f"--screenshot={PICTURE}", file.as_uri()], check=True, capture_output=True
        )
    HASH.write_text(digest(text), encoding="utf-8")


def main() -> str | None:
    """Draw or check; the error, or None."""
    text = drawn()
    if is_fresh(text):
        return None
    if "--check" in sys.argv:
        return f"{PICTURE.relative_to(ROOT)} is of an older page: run make generate where Chromium is installed."
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not browser:
        return f"{PICTURE.relative_to(ROOT)} is of an older page, and Chromium, which draws it, was not found."
    _draw(text, browser)
    return None


if __name__ == "__main__":
    sys.exit(main())
