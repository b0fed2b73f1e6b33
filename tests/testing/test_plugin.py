"""The plugin for pytest, as a team has it: tests of a folder of its own, in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = "aks_communication_manager.testing.plugin"
SNAPSHOT = """
import pytest

@pytest.mark.parametrize("name", ["default", "shared"])
def test_the_terraform_json_is_as_it_was(name, synthesize_config, terraform_snapshot):
    terraform_snapshot(synthesize_config(f"{name}.yaml")[name])
"""


def run(folder: Path, *options: str, autoload: bool = False) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").touch()
    own = {"PYTHONPATH": os.pathsep.join([str(ROOT / "constructs"), str(folder)])}
    if not autoload:
        own["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *options],
        cwd=folder,
        # Where CI is set pytest shows each message twice.
        env={name: value for name, value in os.environ.items() if name != "CI"} | own,
        capture_output=True,
        text=True,
    )


@pytest.mark.long
def test_the_example_of_a_team_passes(tmp_path):
    for name in ("test_notices.py", "routes.yaml"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    done = run(tmp_path, "-p", PLUGIN)
    assert re.search(r"\n13 passed in .*\n$", done.stdout), done.stdout
    assert done.stderr == ""


@pytest.mark.long
def test_the_example_notices_a_route_that_is_lost(tmp_path):
    shutil.copy(ROOT / "examples" / "test_notices.py", tmp_path)
    config = (ROOT / "examples" / "routes.yaml").read_text(encoding="utf-8")
    (tmp_path / "routes.yaml").write_text(config.replace("[Failed, Canceled]", "[Failed]"), encoding="utf-8")
    done = run(tmp_path, "-p", PLUGIN, "-k", "on_call")
    assert done.stdout.count("Canceled of prod: on-call should be notified once\n") == 2
    assert "2 failed, 2 passed" in done.stdout


@pytest.mark.long
def test_a_snapshot_is_written_once_compared_and_shows_what_changed(tmp_path):
    (tmp_path / "test_snapshot.py").write_text(SNAPSHOT, encoding="utf-8")
    for name in ("default.yaml", "shared.yaml"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    missing = run(tmp_path, "-p", PLUGIN)
    assert missing.stdout.count("does not exist: write it with pytest --update-terraform-snapshots") >= 2
    assert "2 failed" in missing.stdout
    assert "2 passed" in run(tmp_path, "-p", PLUGIN, "--update-terraform-snapshots").stdout
    written = sorted(path.name for path in (tmp_path / "__terraform__/test_snapshot").iterdir())
    assert written == [f"test_the_terraform_json_is_as_it_was-{name}.json" for name in ("default", "shared")]
    config = tmp_path / "shared.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("PT15M", "PT10M"), encoding="utf-8")
    changed = run(tmp_path, "-p", PLUGIN)
    assert "1 failed, 1 passed" in changed.stdout
    assert '-        "evaluation_frequency": "PT15M",\n+        "evaluation_frequency": "PT10M",\n' in changed.stdout


def test_the_plugin_imports_neither_the_framework_nor_the_kql_engine(tmp_path):
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\n"
        "def test_nothing_heavy_is_imported():\n"
        "    heavy = {'cdktf', 'cdktn', 'jsii', 'constructs', 'pydantic', 'duckdb', 'yaml'}\n"
        f"    assert '{PLUGIN}' in sys.modules\n"
        "    assert not heavy & set(sys.modules)\n",
        encoding="utf-8",
    )
    assert "1 passed" in run(tmp_path, "-p", PLUGIN).stdout


@pytest.mark.long
def test_it_is_found_when_it_is_installed_unless_it_is_turned_off(tmp_path):
    installed = tmp_path / "aks_communication_manager-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: aks-communication-manager\nVersion: 0\n")
    (installed / "entry_points.txt").write_text(f"[pytest11]\naks_communication_manager = {PLUGIN}\n")
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    found = run(tmp_path, "--fixtures", autoload=True)
    assert "\nsynthesize_config [session scope]" in found.stdout, found.stderr
    turned_off = run(tmp_path, "--fixtures", "-p", "no:aks_communication_manager", autoload=True)
    assert turned_off.returncode == 0
    assert "synthesize_config" not in turned_off.stdout


@pytest.mark.long
@pytest.mark.parametrize("example", ["fixture", "function"])
def test_a_synthesis_starts_fast(example, tmp_path):
    shutil.copy(ROOT / "examples" / "default.yaml", tmp_path)
    get = {
        "fixture": "def test_it(synthesize_config):\n    made = synthesize_config",
        "function": "from aks_communication_manager import testing\ndef test_it():\n    made = testing.synthesize_config",
    }[example]
    (tmp_path / "test_it.py").write_text(
        f"import sys\n{get}('default.yaml')\n"
        "    assert made['default'].alert_rules\n"
        "    assert sum(name.startswith('cdktf_cdktf_provider_azurerm.') for name in sys.modules) < 60\n",
        encoding="utf-8",
    )
    done = run(tmp_path, "-p", PLUGIN)
    assert "1 passed" in done.stdout, done.stdout
    assert done.stderr == ""


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
    assert f"```python\n{(ROOT / 'examples' / 'test_notices.py').read_text(encoding='utf-8')}```\n" in page
