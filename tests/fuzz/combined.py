"""Random combinations of all options: what compiles keeps the invariants, and Terraform takes it."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aks_communication_manager.compiler import CompiledStack
from tests.fuzz import combinations, invariants
from tests.fuzz.trial import prepare

BUNDLE = 100
"""Stacks of one config, and of one Terraform document as far as they compile."""


@dataclass
class Combined:
    """What became of the combinations."""

    compiled: int = 0
    made: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """How often each mistake was reported for the others."""
    broken: list[str] = field(default_factory=list)


def bundles(
    seed: int, wanted: int, folder: Path, size: int = BUNDLE
) -> Iterator[tuple[Combined, tuple[CompiledStack, ...]]]:
    """Bundles of stacks, until so many have compiled; with each what has been seen so far."""
    prepare(folder)
    seen = Combined()
    number = 0
    while seen.compiled < wanted:
        compilation, stacks = combinations.compiled(seed, number, size, folder)
        seen.compiled += len(stacks)
        seen.made += size
        seen.refused.update(mistake.code for mistake in compilation.mistakes)
        for stack in stacks:
            seen.broken += (f"{stack.name} of seed {seed}: {problem}" for problem in invariants.broken(stack))
        seen.broken += (f"seed {seed}: {problem}" for problem in invariants.broken_together(stacks))
        yield seen, stacks
        number += 1


def validate(stacks: tuple[CompiledStack, ...], version: str, cache: Path) -> list[str]:
    """What ``terraform validate`` has against these stacks. `cache` has the provider."""
    from tests.fuzz.bundle import document
    from tests.stand_in.terraform import Terraform

    with tempfile.TemporaryDirectory(prefix="fuzz-terraform-") as folder:
        whole = document(stacks, Path(folder) / "cdktf.out", version)
        (Path(folder) / "cdk.tf.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
        terraform = Terraform(Path(folder))
        terraform.init(version, cache)
        return terraform.validate()
