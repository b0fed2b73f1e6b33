"""What Microsoft's own KQL parser and binder says: of all that is rendered, of broken queries, of injected texts."""

from __future__ import annotations

import pytest
from tools import check_queries
from tools.check_queries import COLUMNS, Examined, examine, main, problems, variants

from aks_communication_manager.kql.templates import Selection
from tests.kql.kql_strategies import NASTY
from tests.kql.kql_table import PROD, hardened

WHOLE = hardened()
BROKEN = {
    "an unknown column": (
        WHOLE.replace("tostring(properties.eventStatus)", "tostring(property.eventStatus)"),
        "The name 'property' does not refer to any known column, table, variable or function.",
    ),
    "an unknown function": (
        WHOLE.replace("todatetime(started)", "todate(started)"),
        "The name 'todate' does not refer to any known function.",
    ),
    "a wrong type": (
        WHOLE.replace("eventTime >= ago(6h)", "updated >= ago(6h)"),
        "The operator '>=' is not defined for the operand types string and datetime.",
    ),
    "a missing column": (
        WHOLE.replace(
            "| project eventTime, upgradeType, status, plannedTime, ", "| project eventTime, upgradeType, plannedTime, "
        ),
        "returns {",
    ),
    "a column of another type": (
        WHOLE.replace("eventName = name,", "eventName = properties,"),
        "returns {",
    ),
    "an unknown table": (
        WHOLE.replace("containerserviceeventresources", "containerserviceevents"),
        "containerserviceevents",
    ),
    "a sentence without its end": (WHOLE.replace("| order by eventTime asc", "| order by"), "Missing expression"),
    "too many clusters": (hardened(scopes=[PROD] * 500), " bytes"),
}

INJECTED = [
    hardened(scopes=[text, PROD], selection=Selection(only=(text,), excluding=(text,)))
    for text in ["x", *NASTY, "".join(NASTY)]
]
HONEST, FORGED = 'print "x"', 'print "x" or "y"'


@pytest.fixture(scope="module")
def examined() -> dict[str, Examined]:
    """All texts of this module in one run of Node: loading the language service takes longer than any query."""
    texts = [HONEST, FORGED, *INJECTED, *(text for text, _ in BROKEN.values())]
    return dict(zip(texts, examine(texts), strict=True))


@pytest.mark.long
def test_every_rendered_query_is_sound_and_returns_the_columns_it_should(capfd):
    assert main() == 0
    assert capfd.readouterr().out == f"{len(list(variants()))} rendered queries, 0 problems\n"


def test_every_shipped_query_is_among_those_that_are_checked():
    assert {kind for _, kind, _ in variants()} == set(COLUMNS)


@pytest.mark.long
def test_the_check_finds_what_is_broken(examined, monkeypatch):
    monkeypatch.setattr(check_queries, "examine", lambda texts: [examined[text] for text in texts])
    kind = ("hardened", "cluster-auto-upgrade", "event")
    assert WHOLE not in [text for text, _ in BROKEN.values()]
    said = problems([(title, kind, text) for title, (text, _) in BROKEN.items()])
    found = {title: [line for line in said if line.startswith(f"{title}: ")] for title in BROKEN}
    assert not {
        title: found[title] for title, (_, words) in BROKEN.items() if not any(words in line for line in found[title])
    }


@pytest.mark.long
def test_no_text_that_is_filled_in_changes_the_tokens_of_a_query(examined):
    assert examined[HONEST].tokens != examined[FORGED].tokens, "tokens tell an injection from a value"
    harmless, *injected = (examined[text] for text in INJECTED)
    assert {one.tokens for one in injected} == {harmless.tokens}
    assert not [said for one in injected for said in one.diagnostics]
