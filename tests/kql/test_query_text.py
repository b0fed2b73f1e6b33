"""How a template becomes a query text, and that nothing that is filled in changes its structure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager.arm.limits import QUERY_BYTES
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.kql.lexer import pieces
from aks_communication_manager.kql.templates import ALL, Selection, Window, load, quote, render
from aks_communication_manager.notices.catalog import DEFAULT_NOTICES, NOTICES
from tests.kql.kql_strategies import NASTY
from tests.kql.kql_table import DELAY, FREQUENCY, NO_DELAY, PROD, cluster, hardened, watched

SHIPPED = [("hardened", name) for name in NOTICES] + [("documented", name) for name in DEFAULT_NOTICES]


def rendered(template: str, scopes=(PROD,), **changed):
    return render(
        template,
        scopes=[watched(scope) if isinstance(scope, str) else scope for scope in scopes],
        **{"window": Window(FREQUENCY + DELAY, DELAY), **changed},
    )


@pytest.mark.parametrize(("variant", "name"), SHIPPED)
def test_a_rendered_query_has_no_placeholder_left_and_keeps_its_comments(variant, name):
    text = rendered(load(name, variant))
    assert not [piece for piece in pieces(text) if piece.kind == "placeholder"]
    comments = [piece.text for piece in pieces(load(name, variant)) if piece.kind == "comment"]
    assert comments
    assert [piece.text for piece in pieces(text) if piece.kind == "comment"] == comments


@pytest.mark.parametrize(("variant", "name"), SHIPPED)
def test_a_shipped_query_has_nothing_that_terraform_or_arg_cannot_take(variant, name):
    text = load(name, variant)
    assert "${" not in text
    assert "%{" not in text
    code = "".join(piece.text for piece in pieces(text) if piece.kind != "comment")
    assert code.lstrip().startswith('arg("").containerserviceeventresources')
    assert not re.search(r"\b(arg_max|arg_min|mv-apply|bag_unpack|take|limit|count|join|union|let)\b", code)


def test_an_unknown_variant_is_reported():
    with pytest.raises(
        InvalidArgument, match=r"there is no documented query for end-of-support \[ACM051\]\n    Take the hardened"
    ):
        load("end-of-support", "documented")


def test_the_window_is_the_frequency_shifted_by_the_delay():
    assert "eventTime >= ago(35m) and eventTime < ago(5m)" in hardened()
    assert "eventTime >= ago(30m) and eventTime < ago(0s)" in hardened(delay=NO_DELAY)
    assert "eventTime >= ago(1805s) and eventTime < ago(5s)" in hardened(delay=timedelta(seconds=5))


def test_one_scope_is_one_comparison_and_several_are_one_expression():
    assert rendered("<scopes>", scopes=["/a"]) == 'id startswith "/a/"'
    assert rendered("<scopes>", scopes=["/a", "/b"]) == '(id startswith "/a/"\n  or id startswith "/b/")'
    assert rendered("<scope>", scopes=["/a"]) == '"/a"'


def test_a_scope_that_only_terraform_knows_is_quoted_by_terraform():
    token = "${TfToken[TOKEN.3]}"
    literals = tuple(f"${{jsonencode({text!r})}}" for text in (token, f"{token}/"))
    scope = replace(watched(token), literals=literals)
    assert rendered("<scopes>", scopes=[scope]) == "id startswith ${jsonencode('${TfToken[TOKEN.3]}/')}"
    assert rendered("<scope>", scopes=[scope]) == "${jsonencode('${TfToken[TOKEN.3]}')}"


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (ALL, "isnotempty(status)"),
        (Selection(only=("Failed", "Canceled")), 'status in~ ("Failed", "Canceled")'),
        (Selection(excluding=("Failed",)), 'isnotempty(status) and status !in~ ("Failed")'),
        (Selection(("Failed", "Started"), ("Failed",)), 'status in~ ("Failed", "Started") and status !in~ ("Failed")'),
    ],
)
def test_a_selection_filters_the_dimension(selection, text):
    assert rendered("<selection>", selection=selection) == text


def test_the_dimension_of_end_of_support_is_filtered_by_its_own_name():
    assert rendered("<selection>", dimension="description") == "isnotempty(description)"


def test_a_query_without_a_place_for_the_selection_is_not_silently_unfiltered():
    with pytest.raises(AssertionError):
        rendered(load("cluster-auto-upgrade", "documented"), selection=Selection(only=("Failed",)))


@pytest.mark.parametrize(("variant", "count"), [("hardened", 0), ("documented", 0), ("documented", 2)])
def test_a_query_without_its_scopes_is_not_a_query_for_everything(variant, count):
    with pytest.raises(AssertionError):
        rendered(load("cluster-auto-upgrade", variant), scopes=["/a", "/b"][:count])


def test_what_is_filled_in_is_not_searched_for_placeholders_again():
    assert rendered("<scopes> <selection>", scopes=["<selection>"], selection=Selection(only=("<scopes>",))) == (
        'id startswith "<selection>/" status in~ ("<scopes>")'
    )


def test_placeholders_in_comments_and_strings_stay():
    text = '// <scopes> <nonsense>\n"<scopes> // <b>" @"\\" <scopes> \'// \' ```\n<scopes>```'
    assert rendered(text) == text.replace('@"\\" <scopes>', f'@"\\" id startswith "{PROD}/"')


def test_a_comparison_is_not_a_placeholder():
    assert rendered("a < b and c > d") == "a < b and c > d"


def test_a_shared_rule_grows_by_less_than_180_bytes_a_cluster_and_350_fit():
    # A subscription's id, a resource group of 20 and a cluster of 15 characters.
    group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/" + "g" * 20
    scopes = [cluster(f"cluster-{number:07d}", group) for number in range(350)]
    assert len(hardened(scopes=scopes).encode()) < QUERY_BYTES
    assert len(hardened(scopes=scopes).encode()) - len(hardened(scopes=scopes[:-1]).encode()) < 180


nasty = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), min_size=1, max_size=5).map("".join)


def shape(text: str) -> list[str]:
    """The pieces of a text by kind, with code as it is: strings may differ in what they hold, and nothing else may."""
    return [piece.text if piece.kind == "code" else piece.kind for piece in pieces(text)]


def shape_of_a_query(scopes: list[str], only: list[str], excluding: list[str]) -> list[str]:
    selection = Selection(tuple(only), tuple(excluding))
    return shape(rendered(load("end-of-support"), scopes=scopes, selection=selection))


@cache
def harmless(scopes: int, only: int, excluding: int) -> list[str]:
    return shape_of_a_query(["x"] * scopes, ["x"] * only, ["x"] * excluding)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    scopes=st.lists(nasty, min_size=1, max_size=3),
    only=st.lists(nasty, max_size=2),
    excluding=st.lists(nasty, max_size=2),
)
def test_no_scope_and_no_value_changes_the_structure_of_a_query(scopes, only, excluding):
    assert shape_of_a_query(scopes, only, excluding) == harmless(len(scopes), len(only), len(excluding))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from([*NASTY, "<window-start>", "a < b"]) | st.text(max_size=5)).map("".join))
def test_the_pieces_of_any_text_make_it_whole_again(text):
    assert "".join(piece.text for piece in pieces(text)) == text
    for piece in pieces(text):
        assert text[piece.start :].startswith(piece.text)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(nasty)
def test_a_quoted_text_is_one_string_and_reads_as_it_was(text):
    literal = quote(text)
    assert [piece.kind for piece in pieces(literal)] == ["string"]
    assert re.sub(r"\\u([0-9a-f]{4})|\\(.)", lambda m: chr(int(m[1], 16)) if m[1] else m[2], literal[1:-1]) == text
