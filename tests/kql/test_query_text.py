"""Templates, how they are composed and rendered, and that no value changes the structure of a query."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager.arm.durations import parse
from aks_communication_manager.arm.limits import QUERY_BYTES
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.kql.lexer import pieces
from aks_communication_manager.kql.templates import ALL, Selection, load, quote, render
from aks_communication_manager.notices.catalog import DEFAULT_NOTICES
from tests.kql.kql_strategies import NASTY
from tests.kql.kql_table import GROUP, LOOK_BACK, PROD, cluster, watched

HARDENED = [
    (name, "hardened", grouping)
    for name in ("cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support", "missed-maintenance")
    for grouping in ("event", "digest")
]
SHIPPED = [*HARDENED, *((name, "documented", "event") for name in DEFAULT_NOTICES)]
QUERIES = Path(__file__).parents[2] / "queries"


def rendered(template: str, scopes=(PROD,), **changed):
    return render(
        template,
        scopes=[watched(scope) if isinstance(scope, str) else scope for scope in scopes],
        **{"look_back": LOOK_BACK, **changed},
    )


@pytest.mark.parametrize("form", SHIPPED)
def test_a_rendered_query_has_one_comment_and_no_placeholder(form):
    text = rendered(load(*form))
    assert [piece.kind for piece in pieces(text) if piece.kind in ("comment", "placeholder")] == ["comment"]
    assert "\n\n" not in text


@pytest.mark.parametrize("form", HARDENED)
def test_a_query_begins_with_its_table_and_a_comment_for_people(form):
    table, comment, first, *_ = load(*form).splitlines()
    assert table == 'arg("").containerserviceeventresources'
    assert comment.startswith("// ")
    assert not re.search(r"https?:|\d+\.\d+", comment), "a link or a version would change every rule"
    assert first == '| where type =~ "microsoft.containerservice/managedclusters/scheduledevents"'


def test_the_two_upgrade_queries_differ_by_their_family_alone():
    one, other = (load(name).splitlines()[2:] for name in DEFAULT_NOTICES)
    swapped = {"K8sVersionUpgrade": "NodeOSUpgrade", "NodeOSUpgrade": "K8sVersionUpgrade"}
    assert [re.sub("|".join(swapped), lambda match: swapped[match[0]], line) for line in one] == other
    assert one != other


def test_end_of_support_has_one_form():
    assert load("end-of-support", grouping="digest") == load("end-of-support")


def test_every_shared_file_is_part_of_a_query():
    included = {
        name
        for path in QUERIES.rglob("*.kql")
        for line in re.findall(r"^// include: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in (line.replace("<grouping>", "event"), line.replace("<grouping>", "digest"))
    }
    assert included == {f"shared/{path.name}" for path in (QUERIES / "shared").glob("*.kql")}


@pytest.mark.parametrize("form", SHIPPED)
def test_a_shipped_query_has_nothing_that_terraform_would_fill_in(form):
    assert not re.search(r"[$%]\{", load(*form))


def test_an_unknown_variant_is_reported():
    with pytest.raises(
        InvalidArgument, match=r"there is no documented query for end-of-support \[ACM051\]\n    Take the hardened"
    ):
        load("end-of-support", "documented")


@pytest.mark.parametrize(
    ("form", "look_back", "conditions"),
    [
        (("cluster-auto-upgrade", "hardened", "event"), "PT6H", ["where eventTime >= ago(6h)"]),
        (("cluster-auto-upgrade", "hardened", "digest"), "PT6H", ["where since >= ago(8h)", "or since <= ago(75m)"]),
        (("end-of-support", "hardened", "event"), "PT90M", ['where reported == "untimed" or eventTime >= ago(90m)']),
        (("missed-maintenance", "hardened", "event"), "PT6H", ["planned < ago(1d) and planned >= ago(30h)"]),
        (("missed-maintenance", "hardened", "digest"), "P1D", ["since <= ago(25h) and since >= ago(50h)"]),
        (("cluster-auto-upgrade", "documented", "event"), "PT30M", ["eventTime >= ago(30m)"]),
    ],
)
def test_the_window_follows_the_look_back(form, look_back, conditions):
    text = rendered(load(*form), look_back=parse(look_back))
    assert all(condition in text for condition in conditions)
    assert text.count("ago(") == len(re.findall(r"ago\(", "".join(conditions)))


def test_the_window_placeholders_are_timespan_literals():
    assert rendered("<window>; <window-start>") == "eventTime >= ago(6h); 6h"


@pytest.mark.parametrize(
    ("scopes", "label"),
    [
        ([PROD], "tolower(clusterName)"),
        ([PROD, cluster("test", GROUP.upper())], "tolower(clusterName)"),
        ([GROUP], "tolower(clusterName)"),
        ([GROUP, f"{GROUP}-2"], 'strcat(tolower(clusterName), "@", groupName)'),
        ([PROD, cluster("prod", f"{GROUP}-2")], 'strcat(tolower(clusterName), "@", groupName)'),
        ([GROUP.rsplit("/", 2)[0]], 'strcat(tolower(clusterName), "@", groupName)'),
        (
            [PROD, PROD.replace("1111", "2222")],
            'strcat(tolower(clusterName), "@", groupName, "@", substring(clusterId, strlen("/subscriptions/"), 36))',
        ),
    ],
)
def test_a_digest_names_a_cluster_as_briefly_as_it_can(scopes, label):
    assert rendered("<label>", scopes=scopes) == label


def test_one_scope_is_one_comparison_and_several_are_one_expression():
    assert rendered("<scopes>", scopes=["/a"]) == 'id startswith "/a/"'
    assert rendered("<scopes>", scopes=["/a", "/b"]) == '(id startswith "/a/"\nor id startswith "/b/")'
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


def test_rendering_a_selection_needs_its_placeholder():
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


@pytest.mark.parametrize("form", HARDENED)
def test_a_shared_rule_grows_by_less_than_180_bytes_a_cluster_and_350_fit(form):
    # A subscription's id, a resource group of 20 and a cluster of 15 characters.
    group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/" + "g" * 20
    scopes = [cluster(f"cluster-{number:07d}", group) for number in range(350)]
    length = len(rendered(load(*form), scopes=scopes).encode())
    assert length < QUERY_BYTES
    assert length - len(rendered(load(*form), scopes=scopes[:-1]).encode()) < 180


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
