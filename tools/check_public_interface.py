"""Compares the public interface with that of the last release: a name or argument that went is a breaking change.

``make lint`` runs it. Public is what can be imported from the package itself (docs/reference/stability.md), with what those classes
inherit; modules below are not. What else a release must not break, logical ids above all, snapshots of the tests hold.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
PACKAGE = "aks_communication_manager"


def last_release(root: Path) -> str | None:
    """The youngest tag before this commit that names a version."""
    command = ["git", "-C", str(root), "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD"]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.stdout.strip() or None


def names(package: griffe.Module) -> set[str]:
    """What the package imports for others: its own ``__all__`` is made of these."""
    return {
        name
        for name, member in package.members.items()
        if isinstance(member, griffe.Alias) and member.target_path.startswith(PACKAGE) and not name.startswith("_")
    }


def public_paths(package: griffe.Module) -> Iterator[str]:
    """Where each public name is defined, and each class that it inherits from."""
    for name in names(package):
        member = package[name]
        target = member.final_target if isinstance(member, griffe.Alias) else member
        yield target.path
        if isinstance(target, griffe.Class):
            yield from (each.path for each in target.mro() if each.path.startswith(PACKAGE))


def breakages(root: Path, release: str) -> list[str]:
    """What somebody's program would miss, one line each."""
    options = {"search_paths": ["constructs"], "resolve_aliases": True}
    old = griffe.load_git(PACKAGE, ref=release, repo=root, **options)
    new = griffe.load(PACKAGE, search_paths=[root / "constructs"], resolve_aliases=True)
    if not isinstance(old, griffe.Module) or not isinstance(new, griffe.Module):
        raise TypeError(f"{PACKAGE} is not a package")
    public = set(public_paths(old))
    return [f"{PACKAGE}.{name}: is gone" for name in sorted(names(old) - names(new))] + sorted(
        {
            breakage.explain(griffe.ExplanationStyle.ONE_LINE)
            for breakage in griffe.find_breaking_changes(old, new)
            if any(f"{breakage.obj.path}.".startswith(f"{path}.") for path in public)
        }
    )


def main(root: Path = ROOT) -> int:
    release = last_release(root)
    if release is None:
        sys.stdout.write("public interface: not compared, because there is no tag v<version> yet\n")
        return 0
    found = breakages(root, release)
    sys.stderr.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"public interface: {len(found)} breaking changes since {release}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
