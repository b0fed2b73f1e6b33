"""Every code has a reason and an example, and means one rule."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from tools import write_errors_page

from aks_communication_manager.checks import codes
from aks_communication_manager.checks.codes import REASONS
from tests.checks.mistakes import MISTAKES, found

PACKAGE = Path(codes.__file__).parents[1]

OF_SEVERAL_MODULES = {
    **dict.fromkeys(
        ("ACM020", "ACM021", "ACM022", "ACM023", "ACM024", "ACM025", "ACM026", "ACM027"), "forms of values"
    ),
    "ACM015": "placeholders: of the shipped examples, and of a pipeline",
    "ACM030": "ids: what is not even text, and text that is no id",
    "ACM054": "alert rules that are asked for: of a manager, and in a test of its Terraform JSON",
    "ACM055": "values that are somewhere else: the name of a variable where it is declared, and where it is used",
    "ACM033": "durations: what is not even text, and text that is no duration",
    "ACM160": "what a rehearsal needs: options that fit together, and stacks that are written",
    "ACM162": "files with records: the form of the file, and the record in it",
    "ACM165": "values that a test needs: of tokens, and of rules that were not evaluated without them",
    "ACM049": "tokens: in a list of scopes or a duration, and in what is adopted",
}
"""Codes that more than one module may use, and the one subject that they share."""


@cache
def used() -> dict[str, set[str]]:
    """The modules in which each code is written, by code."""
    places = defaultdict(set)
    for file in PACKAGE.rglob("*.py"):
        if file == Path(codes.__file__):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        compared = {id(side) for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in node.comparators}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in compared and re.fullmatch(r"ACM\d+", str(node.value)):
                places[node.value].add(file.relative_to(PACKAGE).as_posix())
    return places


def test_every_code_in_use_has_a_reason_and_every_reason_a_code_in_use():
    assert set(used()) == set(REASONS)
    assert len(REASONS) > 70


def test_reasons_are_sentences_and_no_two_are_the_same():
    assert [code for code, (_, reason) in REASONS.items() if not re.fullmatch(r"[A-Za-z`].*\.", reason)] == []
    assert len({reason for _, reason in REASONS.values()}) == len(REASONS)


def test_a_code_belongs_to_one_module_unless_its_subject_is_shared():
    several = {code for code, modules in used().items() if len(modules) > 1}
    assert several <= set(OF_SEVERAL_MODULES)


def test_codes_are_in_order():
    assert list(REASONS) == sorted(REASONS)
    assert all(re.fullmatch(r"ACM\d{3}", code) for code in REASONS)


@pytest.mark.parametrize("code", REASONS)
def test_the_example_of_a_code_has_that_mistake_and_no_other(code):
    assert {mistake.code for mistake in found(code)} == {code}


def test_every_example_belongs_to_a_code():
    assert set(MISTAKES) == set(REASONS)


def test_the_page_of_codes_is_up_to_date():
    assert write_errors_page.FILE.read_text(encoding="utf-8") == write_errors_page.text(), "run make generate"


def test_the_page_shows_every_reason_and_code_once():
    text = write_errors_page.FILE.read_text(encoding="utf-8")
    for code, (_, reason) in REASONS.items():
        assert text.count(f"### {code}\n\n{reason}\n\n    ") == 1
        assert f"[{code}]" in text
