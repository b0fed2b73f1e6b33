"""Shipped queries use only operators and functions with evidence that they work through ``arg("")``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.check_queries import variants

from aks_communication_manager.kql.evidence import EVIDENCE, items

WITHOUT_REPLACEMENT = {"array_sort_asc"}
"""Class B: seen only in queries of Resource Graph itself."""

RENDERED = [(title, form, text) for title, form, text in variants()]


@pytest.mark.parametrize(("title", "form", "text"), RENDERED, ids=[title for title, *_ in RENDERED])
def test_every_item_of_a_rendered_query_has_evidence(title, form, text):
    used = {item for item, _ in items(text)}
    assert {"where", "extend", "tostring"} <= used
    assert used <= EVIDENCE.keys()
    assert {item for item in used if EVIDENCE[item].kind == "B"} <= WITHOUT_REPLACEMENT


@pytest.mark.parametrize(("title", "form", "text"), RENDERED, ids=[title for title, *_ in RENDERED])
def test_a_hardened_query_uses_nothing_that_was_replaced(title, form, text):
    replaced = {"coalesce", "isnull", "iff", "split", "array_slice", "bin", "format_datetime", "trim", "replace_string"}
    used = {item for item, _ in items(text)}
    assert form[0] == "documented" or not replaced & used


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('T | where a has_cs "x" and b !in ("y") or c matches regex "z"', "where has_cs and !in or matches regex"),
        ("T | summarize n = dcount(x), avg (y) by bin(z, 1d) | sort by n", "summarize dcount avg bin sort by"),
        ("T | where a!~'x' and not(b<=c) and d between (1 .. 2) // | take 1", "where !~ and not <= and between"),
        ("T | where <scopes> and properties.has == properties.count", "where and =="),
        ('T | mv-expand x | project-away y, a.trim | extend z = "trim(x) | take 1"', "mv-expand project-away extend"),
        ("T | where x hasprefix 'a' and y !contains_cs 'b' | order  by z", "where hasprefix and !contains_cs order by"),
        ("T | extend a = b / c % d * e", "extend / % *"),
        ("T|where(a in~ ('b'))|join kind=inner (U) on x", "where in~ join"),
    ],
)
def test_items_are_found_in_code_alone(text, found):
    assert " ".join(item for item, _ in items(text)) == found


def test_the_documentation_shows_the_table():
    page = (Path(__file__).parents[2] / "docs" / "evidence" / "queries.md").read_text(encoding="utf-8")
    shown = {
        item: (kind, source)
        for names, kind, source in re.findall(r"^\| (`.*`) \| ([ABC]\'?) \| (.*) \|$", page, re.MULTILINE)
        for item in re.findall(r"`([^`]+)`", names)
    }
    assert shown == {item: (evidence.kind, evidence.source) for item, evidence in EVIDENCE.items()}
