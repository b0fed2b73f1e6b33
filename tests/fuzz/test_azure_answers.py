"""The short profile of mutated answers, and proof that it would find what it looks for."""

from __future__ import annotations

import json

import pytest

from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Reply
from aks_communication_manager.azure.findings import Finding, ok
from tests.fuzz import azure_answers
from tests.fuzz.azure_answers import TOKEN


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_every_answer_ends_in_rows_or_in_one_line(part: int):
    outcome = azure_answers.run(seed=1, numbers=range(part * 100, (part + 1) * 100))
    assert [(finding.number, finding.problem, finding.details) for finding in outcome.findings] == []
    assert sum(outcome.ends.values()) == 100
    assert min(outcome.ends["rows"], outcome.ends["a failure"]) > 10


def leaks(*_: object) -> list[Finding]:
    row = ok("subject", "check", "text")
    object.__setattr__(row, "text", TOKEN)
    return [row]


def moves_the_cursor(*_: object) -> list[Finding]:
    row = ok("subject", "check", "text")
    object.__setattr__(row, "text", "\x1b[2J")
    return [row]


def raises(*_: object) -> list[Finding]:
    raise KeyError("value")


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (leaks, "the output shows a secret"),
        (moves_the_cursor, "the output has characters that do not show"),
        (raises, "KeyError in test_azure_answers.py"),
    ],
)
def test_what_it_looks_for_is_found(monkeypatch: pytest.MonkeyPatch, broken, problem: str):
    azure_answers.recorded()
    monkeypatch.setattr(azure_answers, "preflight", broken)
    found = azure_answers.run(seed=1, numbers=range(1)).findings
    assert any(finding.problem.startswith(problem) for finding in found), found


@pytest.mark.parametrize("body", azure_answers.BODIES)
def test_no_body_makes_reading_an_error_an_error(body: bytes):
    details = answers.ErrorAnswer.read(body)
    assert isinstance(details.code, str)


def test_a_seed_and_a_number_always_give_the_same_answers(monkeypatch: pytest.MonkeyPatch):
    question = ("GET", "/subscriptions/x", "[]")
    recorded = ((None, {question: json.dumps({"state": "Enabled"}).encode()}),)
    monkeypatch.setattr(azure_answers, "recorded", lambda: recorded)
    first, again = azure_answers.made(3, 4), azure_answers.made(3, 4)
    assert first == again
    assert isinstance(first[1][question], Reply)
