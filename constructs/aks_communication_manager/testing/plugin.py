"""pytest fixtures, installed with the package. Each imports its dependencies when a test requests it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aks_communication_manager.testing.view import SynthesizedStack

UPDATE = "--update-terraform-snapshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option."""
    group = parser.getgroup("aks-communication-manager")
    group.addoption(UPDATE, action="store_true", help="write the files of terraform_snapshot anew")


@pytest.fixture(scope="session")
def synthesize_config() -> Callable[..., dict[str, SynthesizedStack]]:
    """``synthesize_config(file, resolve=None)``: the stacks of a config file by name, synthesized once as long as the file stays the same."""
    from aks_communication_manager.testing import synthesis

    known: dict[object, dict[str, SynthesizedStack]] = {}

    def synthesize(file: Path | str, resolve: Mapping[str, str] | None = None) -> dict[str, SynthesizedStack]:
        path = Path(file).resolve()
        key = (path, path.stat().st_mtime_ns if path.exists() else 0, tuple((resolve or {}).items()))
        if key not in known:
            known[key] = synthesis.synthesize_config(file, resolve)
        return dict(known[key])

    return synthesize


@pytest.fixture(scope="session")
def synthesize_stack() -> Callable[..., SynthesizedStack]:
    """``synthesize_stack(stack, resolve=None)``: a stack of a program."""
    from aks_communication_manager.testing import synthesis

    return synthesis.synthesize_stack


@pytest.fixture
def terraform_snapshot(request: pytest.FixtureRequest) -> Callable[[SynthesizedStack], None]:
    """``terraform_snapshot(stack)``: its Terraform JSON is as in ``__terraform__/<module>/<test>.json``, but for versions and metadata.

    Secrets are hidden in the file and in the diff; a fingerprint shows when one changed.
    """
    test = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    file = Path(request.path.parent, "__terraform__", request.path.stem, f"{test}.json")
    compared: list[SynthesizedStack] = []

    def compare(stack: SynthesizedStack) -> None:
        from aks_communication_manager.testing.snapshot import stable

        if compared:
            pytest.fail("terraform_snapshot compares one stack in each test: parametrize the test")
        compared.append(stack)
        before = _saved(file)
        key = str(before.get("//") or secrets.token_hex(8))
        now = {"//": key, **stable(stack.document, key)}
        if request.config.getoption(UPDATE):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_text(now), encoding="utf-8")
        elif not file.exists():
            pytest.fail(f"{file} does not exist: write it with pytest {UPDATE}", pytrace=False)
        elif before != now:
            # A file of an earlier version has secrets in it.
            was = _text({"//": key, **stable(before, key)}).splitlines()
            changes = unified_diff(was, _text(now).splitlines(), "as it was", "as it is", lineterm="")
            pytest.fail("\n".join([f"{file} differs: pytest {UPDATE} writes it anew", *changes]), pytrace=False)

    return compare


def _saved(file: Path) -> dict[str, Any]:
    """Read the snapshot; empty if the file is missing or holds anything else."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
