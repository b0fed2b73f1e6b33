"""Says whether this commit may be released: its tag, the version of pyproject.toml and CHANGELOG.md agree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def problems(version: str, tags: list[str], changelog: str) -> list[str]:
    """What is in the way, one line each."""
    found = []
    if f"v{version}" not in tags:
        found.append(f"pyproject.toml has version {version}, but this commit has no tag v{version} (tags: {tags})")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}$", changelog, re.MULTILINE):
        found.append(f"CHANGELOG.md has no heading `## [{version}] - <date>`")
    return found


def main() -> int:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    command = ["git", "-C", str(ROOT), "tag", "--points-at", "HEAD"]
    tags = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    found = problems(version, tags, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
