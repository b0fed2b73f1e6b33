"""Each test is run by exactly one target, and ``make test`` names those that run the others."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
KINDS: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"azurerm"}),
    frozenset({"wheel"}),
    frozenset({"wheel", "package"}),
    frozenset({"nightly"}),
)
TARGETS = ("test", "test-long", "test-azurerm", "test-package", "test-nightly")
"""``make test-wheel`` runs a part of what ``make test-package`` runs, and ``make test-cdktn`` runs tests once more."""


def recipe(target: str) -> str:
    return re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]


def runs(target: str, markers: frozenset[str]) -> bool:
    """Whether a target runs a test with these markers."""
    program = recipe(target)
    if "-m tests.azurerm" in program:
        assert '"-m", "azurerm"' in (ROOT / "tests/azurerm/__main__.py").read_text(encoding="utf-8")
        return "azurerm" in markers
    expression = re.search(r'-m (?:"([^"]+)"|(nightly|wheel)\b)', program)
    names = ("azurerm", "wheel", "package", "nightly", "long")
    return eval(expression[1] or expression[2], {}, {name: name in markers for name in names})


@pytest.mark.parametrize(
    "markers",
    [kind | more for kind, more in product(KINDS, ({"long"}, frozenset()))],
    ids=lambda kind: " ".join(sorted(kind)),
)
def test_a_test_is_run_by_exactly_one_target(markers):
    assert [runs(target, markers) for target in TARGETS].count(True) == 1


@pytest.mark.parametrize("markers", [frozenset(), frozenset({"long"})], ids=["quick", "long"])
def test_cdk_terrain_is_tested_with_what_takes_seconds_too(markers):
    assert runs("test-cdktn", markers)


def test_make_test_says_in_its_last_line_what_it_does_not_run():
    said = recipe("test").partition("echo")[2]
    assert said.lstrip().startswith('"not run here: ')
    assert set(re.findall(r"make (test-[a-z]+)", said)) == {"test-long", "test-wheel", "test-azurerm", "test-nightly"}
