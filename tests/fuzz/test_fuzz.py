"""The short profile of ``make fuzz``, and proof that it would find what it looks for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aks_communication_manager.compiler import Compilation, CompiledStack, compile_config
from aks_communication_manager.errors import Mistake
from aks_communication_manager.plan.resources import AlertRule, Dimension
from tests.fuzz import combined, event_documents, invariants, terraform_documents, trial
from tests.fuzz.hostile import ENVIRONMENT, SECRET
from tests.fuzz.inputs import made


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "")  # put back afterwards
    with tempfile.TemporaryDirectory(dir=trial.somewhere()) as folder:
        yield Path(folder)


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in (1, 2, 3))])
def test_every_config_ends_in_a_plan_or_in_mistakes(part: int, folder: Path):
    outcome = trial.run(seed=1, numbers=range(part * 500, (part + 1) * 500), folder=folder)
    assert [(finding.number, finding.problem, finding.details) for finding in outcome.findings] == []
    assert sum(outcome.ends.values()) == 500
    assert min(outcome.ends["a plan"], outcome.ends["mistakes"]) > 20


def test_a_seed_and_a_number_always_give_the_same_config():
    assert made(3, 4) == made(3, 4)
    assert len({made(3, number) for number in range(100)}) == 100
    assert made(3, 4) != made(4, 4)


def _leaks(path: Path) -> Compilation:
    return Compilation(str(path), (), (Mistake("ACM001", (), f"{SECRET} is wrong"),), ())


def _leaks_in_a_plan(path: Path) -> Compilation:
    found = compile_config(path)
    renamed = (CompiledStack(SECRET, stack.settings, stack.plan) for stack in found.stacks)
    return replace(found, stacks=tuple(renamed))


def _hides_nothing(path: Path) -> Compilation:
    return Compilation(str(path), (), (Mistake("ACM001", (), "a\x1b[2J"),), ())


def _takes_long(path: Path) -> Compilation:
    while True:
        pass


def _takes_memory(path: Path) -> Compilation:
    return Compilation(str(bytes(600 * 2**20)), (), (), ())


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (lambda path: 1 / 0, "ZeroDivisionError in test_fuzz.py"),
        (_leaks, "a mistake ACM001 shows a secret"),
        (_leaks_in_a_plan, "repr shows a secret"),
        (_hides_nothing, "a mistake ACM001 has characters that do not show"),
        (_takes_long, "TooSlow in test_fuzz.py"),
        (_takes_memory, "MemoryError in test_fuzz.py"),
        (lambda path: Compilation(str(path), (), (), ()), "neither a plan nor a mistake"),
    ],
)
def test_the_fuzzer_finds_what_it_looks_for(
    broken: Callable[[Path], Compilation], problem: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    calls = iter([compile_config] * len(trial.sources()))
    monkeypatch.setattr(trial, "compile_config", lambda path: next(calls, broken)(path))
    monkeypatch.setattr(trial, "SECONDS", 0.2)
    monkeypatch.setattr(trial, "made", lambda seed, number: trial.sources()[0].encode())
    outcome = trial.run(0, range(1), folder)
    assert any(finding.problem.startswith(problem) for finding in outcome.findings), outcome.findings


def test_plans_of_random_combinations_keep_the_invariants(folder: Path):
    for seen, _ in combined.bundles(seed=1, wanted=80, folder=folder, size=40):
        assert seen.broken == []
    assert seen.compiled >= 80


def _without(stack: CompiledStack, kind: str) -> CompiledStack:
    kept = tuple(resource for resource in stack.plan.resources if type(resource).__name__ != kind)
    return replace(stack, plan=replace(stack.plan, resources=kept))


def _changed(stack: CompiledStack, **changes: object) -> CompiledStack:
    resources = [
        replace(resource, **changes) if isinstance(resource, AlertRule) else resource
        for resource in stack.plan.resources
    ]
    return replace(stack, plan=replace(stack.plan, resources=tuple(resources)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda stack: _without(stack, "PlannedRule"), "0 rules take Scheduled of cluster-auto-upgrade"),
        (lambda stack: _without(stack, "RoleAssignment"), "cannot read"),
        (lambda stack: _without(stack, "PlannedGroup"), "which is not made before it"),
        (lambda stack: _without(stack, "ProcessingRule"), "there are 0 processing rules"),
        (lambda stack: _changed(stack, description="a"), "lacks [aks-notices@"),
        (lambda stack: _changed(stack, severity=0), "has severity 0, not 3"),
        (lambda stack: _changed(stack, name="a" * 261), "has 261 characters"),
        (lambda stack: _changed(stack, construct_id="a"), "resources have the construct id a"),
        (lambda stack: _changed(stack, dimensions=tuple(map(Dimension, "abcdefg"))), "has the dimensions"),
        (lambda stack: _changed(stack, watched=()), "0 rules take"),
    ],
)
def test_the_invariants_notice_what_is_broken(
    change: Callable[[CompiledStack], CompiledStack], problem: str, request: pytest.FixtureRequest
):
    [stack] = compile_config(request.config.rootpath / "examples" / "default.yaml").checked()
    assert list(invariants.broken(stack)) == []
    assert any(problem in found for found in invariants.broken(change(stack)))


def test_a_marker_that_another_manager_has_is_noticed(request: pytest.FixtureRequest):
    [stack] = compile_config(request.config.rootpath / "examples" / "default.yaml").checked()
    again = CompiledStack("again", stack.settings, stack.plan)
    assert any(
        "the processing rule of default matches" in found for found in invariants.broken_together([stack, again])
    )
    assert any("is made by default and again" in found for found in invariants.broken_together([stack, again]))


def test_the_environment_of_the_tests_is_left_as_it_was():
    assert not set(ENVIRONMENT) & set(os.environ)


@pytest.mark.long
def test_changed_terraform_documents_end_in_a_rehearsal_or_a_message():
    outcome = terraform_documents.run(seed=2, numbers=range(300))
    assert [finding.details for finding in outcome.findings] == []
    assert set(outcome.ends) == {"a rehearsal", "silence or reasons", "a message"}


@pytest.mark.long
def test_changed_files_of_records_end_in_a_rehearsal_or_a_message():
    outcome = event_documents.run(seed=2, numbers=range(300))
    assert [finding.details for finding in outcome.findings] == []
    assert set(outcome.ends) >= {"a rehearsal", "a message"}
