"""What is looked at before a release: tag, version and changelog, and the public interface against the last one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "somebody"), ("EMAIL", "somebody@example.com"))
}

FILES = {
    "__init__.py": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from aks_communication_manager.rules import Rule as Rule
""",
    "rules.py": """
class Base:
    def url(self) -> str:
        return ""

class Rule(Base):
    def __init__(self, *, name: str) -> None: ...

def internal() -> None: ...
""",
}


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | AUTHOR, check=True, capture_output=True)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A repository whose only commit is a release of a small package."""
    package = tmp_path / "constructs" / "aks_communication_manager"
    package.mkdir(parents=True)
    for name, text in FILES.items():
        (package / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "A release")
    git(tmp_path, "tag", "v1.2.3")
    return tmp_path


def interface(repository: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools/check_public_interface.py", repository]
    return subprocess.run(command, capture_output=True, text=True)


def change(repository: Path, name: str, old: str, new: str) -> None:
    path = repository / "constructs" / "aks_communication_manager" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_without_a_tag_a_line_says_that_nothing_was_compared(released: Path):
    git(released, "tag", "-d", "v1.2.3")
    run = interface(released)
    assert (run.returncode, run.stdout) == (
        0,
        "public interface: not compared, because there is no tag v<version> yet\n",
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("__init__.py", "from aks_communication_manager.rules import Rule as Rule", "pass", "Rule: is gone"),
        ("rules.py", "name: str", "title: str", "Rule.__init__(name)"),
        ("rules.py", "def url", "def address", "Base.url"),
    ],
)
def test_what_somebodys_program_would_miss_fails_and_is_named(
    name: str, old: str, new: str, named: str, released: Path
):
    change(released, name, old, new)
    run = interface(released)
    assert run.returncode == 1
    assert named in re.sub(r"\x1b\[[0-9;]*m", "", run.stderr)
    assert re.search(r"^public interface: [1-9]\d* breaking changes since v1\.2\.3$", run.stdout, re.MULTILINE)


def test_what_is_new_or_not_public_breaks_nothing(released: Path):
    change(released, "rules.py", "def internal()", "def renamed()")
    change(released, "rules.py", "name: str", "name: str, severity: int = 3")
    assert interface(released).stdout == "public interface: 0 breaking changes since v1.2.3\n"


def test_release_needs_the_tag_and_the_changelog_of_its_version():
    run = subprocess.run([sys.executable, ROOT / "tools/check_release.py"], capture_output=True, text=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    tags = subprocess.run(
        ["git", "tag", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    dated = re.search(rf"^## \[{re.escape(version)}\] - ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert run.returncode == (0 if f"v{version}" in tags and dated else 1)
    assert (f"no tag v{version}" in run.stderr) == (f"v{version}" not in tags)
    assert ("CHANGELOG.md has no heading" in run.stderr) == (dated is None)


WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / "examples/pipelines/github-actions.yml"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit_with_its_version_beside_it(workflow: Path):
    used = [line.strip() for line in workflow.read_text().splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_workflows_call_targets_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for workflow in WORKFLOWS:
        assert set(re.findall(r"run: make ([a-z-]+)$", workflow.read_text(), re.MULTILINE)) <= targets
