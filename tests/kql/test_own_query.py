"""What is reported of a team's own query."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule
from aks_communication_manager.kql.templates import Window, load, render
from aks_communication_manager.notices.catalog import CLUSTER_DIMENSIONS, NOTICES
from tests.kql.kql_table import DELAY, FREQUENCY, NO_DELAY, PROD, Record, cluster, run, upgrade, watched

OWN = """// Ours.
arg("").containerserviceeventresources
| where <scopes>
| extend status = tostring(properties.eventStatus), eventTime = todatetime(properties.lastUpdateTime)
| where <selection>
| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)
| project eventTime, status, clusterId = tolower(id), clusterName = tostring(split(id, "/")[8])
"""
WINDOW_FIX = "    Write: | where <window>\n    For this rule that is: eventTime >= ago(35m) and eventTime < ago(5m)"


def problems(text, *, notice="cluster-auto-upgrade", delay=DELAY, many_clusters=True, routed=True, frequency=FREQUENCY):
    mistakes = [
        *check_own_query(text, routed=routed),
        *check_own_query_of_rule(
            text,
            window=Window(frequency + delay, delay or None),
            columns=(NOTICES[notice].dimension, *(CLUSTER_DIMENSIONS if many_clusters else ())),
        ),
    ]
    return ["\n".join([problem, *(f"    {line}" for line in fix.splitlines())]) for problem, fix in mistakes]


def changed(old, new):
    assert old in OWN
    return OWN.replace(old, new)


@pytest.mark.parametrize("notice", NOTICES)
def test_our_own_queries_pass(notice):
    assert problems(load(notice), notice=notice) == []


def test_the_example_passes_also_with_the_window_as_one_placeholder():
    assert problems(OWN) == []
    assert (
        problems(changed("eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)", "<window>")) == []
    )


def test_the_example_of_the_documentation_passes_and_runs():
    page = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```kusto\n(.*?)```", page, re.DOTALL)
    assert problems(example) == []
    query = render(example, scopes=[watched(PROD)], window=Window(FREQUENCY + DELAY, DELAY))
    (row,) = run(query, [Record("event", upgrade()), Record("other", upgrade(), cluster("prod-2"))])
    assert (row["status"], row["clusterId"], row["clusterName"]) == ("Scheduled", PROD.lower(), "prod")


@pytest.mark.parametrize(
    "beginning",
    ["containerserviceeventresources", 'arg("other")', 'print "arg(\\"\\")."; arg("")'],
)
def test_it_begins_with_arg(beginning):
    assert problems(changed('arg("").containerserviceeventresources', f"{beginning}.containerserviceeventresources"))[
        0
    ] == (
        'the query does not start with arg("")\n    Start it with arg("").containerserviceeventresources: '
        "otherwise Azure Monitor looks for the table in a workspace."
    )


def test_a_let_statement_before_arg_is_our_rule_and_not_azures():
    text = changed('arg("").containerserviceeventresources', 'let x = 1; arg("").containerserviceeventresources')
    assert problems(text)[0] == (
        "the query starts with let\n"
        '    Azure takes it, but this package takes queries that start with arg("").containerserviceeventresources: '
        "write each value where it is used."
    )


def test_it_says_how_far_it_looks_back():
    text = changed("| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)\n", "// ago(35m)\n")
    assert problems(text) == [f"the query has no ago(), so it returns old events again and again\n{WINDOW_FIX}"]


@pytest.mark.parametrize("literal", ["2h", "30m", "36min", "1.5h", "99999999999d"])
def test_a_look_back_of_another_length_is_wrong(literal):
    assert problems(changed("ago(<window-start>)", f"ago({literal})")) == [
        f"line 6: ago({literal}) is not the window of the rule, which covers 35m to 5m ago\n{WINDOW_FIX}"
    ]


@pytest.mark.parametrize("literal", ["35m", "35min", "2100s", "35 minutes".replace(" ", "")])
def test_literal_values_may_be_written_if_they_are_the_rules_own(literal):
    text = changed(
        "ago(<window-start>) and eventTime < ago(<ingestion-delay>)", f"ago({literal}) and eventTime < ago(5m)"
    )
    assert problems(text) == []


@pytest.mark.parametrize("argument", ["1h + 5m", "window", "30", "35M"])
def test_ago_takes_literals_only(argument):
    assert problems(changed("ago(<window-start>)", f"ago({argument})")) == [
        f"line 6: ago({argument}) is not a literal, and Resource Graph accepts nothing else\n{WINDOW_FIX}"
    ]


def test_with_a_delay_the_window_has_an_end_too():
    assert problems(changed(" and eventTime < ago(<ingestion-delay>)", "")) == [
        f"the query does not say where its window ends, 5m ago: events would be counted twice\n{WINDOW_FIX}"
    ]


def test_the_window_has_a_beginning():
    assert problems(changed("eventTime >= ago(<window-start>) and ", "")) == [
        f"the query does not say where its window begins, 35m ago\n{WINDOW_FIX}"
    ]


def test_without_a_delay_the_look_back_of_the_documented_query_is_right():
    text = changed("ago(<window-start>) and eventTime < ago(<ingestion-delay>)", "ago(30m) // as documented")
    assert problems(text, delay=NO_DELAY) == []
    assert problems(text, delay=NO_DELAY, frequency=timedelta(minutes=15)) == [
        "line 6: ago(30m) is not the window of the rule, which covers the last 15m\n"
        "    Write: | where <window>\n    For this rule that is: eventTime >= ago(15m)"
    ]
    assert problems(OWN, delay=NO_DELAY) == []


def test_rows_of_other_clusters_are_kept_out():
    assert problems(changed("| where <scopes>", "// <scopes>")) == [
        "the query does not filter by cluster\n"
        '    arg("") returns the rows of every cluster that the identity may read. Add a line: | where <scopes>'
    ]


def test_a_literal_id_says_whose_events_it_returns():
    assert problems(changed("<scopes>", 'id startswith "/subscriptions/1/resourceGroups/rg/"')) == []


def test_a_route_needs_a_place_to_choose():
    text = changed("| where <selection>", "| where isnotempty(status)")
    assert problems(text) == [
        "the query has no <selection>, so routes cannot select their rows\n"
        "    Add a line, after the dimension is made: | where <selection>"
    ]
    assert problems(text, routed=False) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("<selecton>", "<selection>"), ("<scope>", "<scopes>"), ("<window_start>", "<window-start>")],
)
def test_an_unknown_placeholder_is_reported_with_its_line(name, nearest):
    assert f"line 5: {name} is not a placeholder\n    Did you mean {nearest}?" in problems(
        changed("<selection>", name), routed=False
    )


def test_a_placeholder_in_a_string_is_reported():
    fix = "\n    Write the placeholder without quotes (| where <scopes>), or the value itself."
    assert problems(changed("<scopes>", 'id contains "/subscriptions/<subid>/resourcegroups/<rgname>"')) == [
        f"line 3: <subid> is inside a string, where placeholders are not replaced{fix}",
        f"line 3: <rgname> is inside a string, where placeholders are not replaced{fix}",
    ]
    assert problems(changed("<scopes>", "<scopes> and id != '<scopes>'")) == [
        f"line 3: <scopes> is inside a string, where placeholders are not replaced{fix}"
    ]
    assert problems(changed("<scopes>", '<scopes> and name != "<b>"')) == []


@pytest.mark.parametrize(
    "step", ["take 10", "limit 10", "count", "mv-apply x = y on (extend z = 1)", "smv-apply x = y on (extend z = 1)"]
)
def test_operators_that_arg_does_not_take_are_reported(step):
    name = step.split()[0]
    fix = (
        "Use mv-expand, and filter what it returns with where."
        if name.endswith("mv-apply")
        else "Azure Monitor counts the rows itself: remove it."
    )
    assert problems(f"{OWN}| {step}") == [f"line 8: {name} is not supported through arg()\n    {fix}"]


@pytest.mark.parametrize(
    "function",
    [
        "arg_max(eventTime, *)",
        "arg_min(eventTime, *)",
        "avg(x)",
        "countif(x)",
        "percentile(x, 5)",
        "stdev(x)",
        "variance(x)",
    ],
)
def test_functions_that_arg_does_not_take_are_reported(function):
    name = function.split("(")[0]
    text = f"{OWN}| summarize {function} by status, clusterId, clusterName"
    assert problems(text) == [
        f"line 8: {name} is not supported through arg()\n"
        "    Select the rows with where, and return one for each event: Azure Monitor counts them."
    ]


@pytest.mark.parametrize("function", ["bag_unpack(properties)", "pivot(status)", "narrow()"])
def test_plugins_that_arg_does_not_take_are_reported(function):
    assert problems(f"{OWN}| evaluate {function}") == [
        f"line 8: {function.partition('(')[0]} is not supported through arg()\n"
        "    Make each column with extend: status = tostring(properties.eventStatus)."
    ]


@pytest.mark.parametrize(
    "opened", ['"abc', "'abc", '"abc\ndef"', '@"abc', "```abc", "~~~abc", "\"abc and status == 'x'", '"abc\\"']
)
def test_a_string_that_is_not_closed_is_reported_with_its_line(opened):
    assert problems(f"{OWN}| where clusterName == {opened}")[0] == (
        "line 8: a string is not closed\n    Close it with the same quote, on the same line."
    )


@pytest.mark.parametrize(
    "closed", ['"it\'s"', "'say \"'", '@"a\\"', '@"two\nlines"', "```two\n'lines```", "~~~'~~~", '"\\""']
)
def test_a_string_that_is_closed_may_hold_other_quotes(closed):
    assert problems(f"{OWN}| where clusterName == {closed} // don't") == []


def test_a_forbidden_word_in_a_comment_a_string_or_a_name_is_none():
    assert (
        problems(f"{OWN}// | take 1, arg_max(x)\n| where clusterName != \"| take 1 arg_max(\" and status != '| count'")
        == []
    )
    assert problems(changed("eventTime, status", "eventTime, status, limit_ = 1, taken = 2")) == []


@pytest.mark.parametrize(
    "second",
    [
        "let x = 1",
        "let ['/etc/passwd'] = toscalar(['/etc/passwd']); ['/etc/passwd']",
        "containerserviceeventresources",
        "set query_now = datetime(2020-01-01)",
        "// a comment\nlet x = 1;",
        ";",
    ],
)
def test_a_second_statement_is_reported(second):
    line = 9 if second.startswith("//") else 8
    assert problems(f"{OWN};{second}") == [
        f"line {line}: a second statement after `;`: the query has to be one statement\n"
        "    Write a single pipeline without let, set or declare; one ; at its end is allowed."
    ]


def test_a_final_semicolon_and_semicolons_in_strings_are_allowed():
    assert problems(f"{OWN}| where status != ';x' // ; let\n;\n// the end\n") == []


def test_a_second_table_is_reported():
    assert problems(f'{OWN}| join (arg("").resources) on $left.clusterId == $right.id') == [
        'line 8: arg("") is used a second time\n    Azure Monitor does not join two tables of Resource Graph.'
    ]


FIX = "    Return at least {}, as strings: without them a notification does not say what happened."


@pytest.mark.parametrize(
    "end",
    [
        "| project eventTime, clusterId, clusterName",
        "| project\n    eventTime,\n    clusterId, clusterName, state = status",
        "| project-away status",
        "| project-away stat*",
        "| project-away *tus // and a semicolon\n;",
        "| project-keep cluster*",
        "| project-rename state = status",
        "| summarize n = count() by clusterId, clusterName",
        "| project-keep clusterId, clusterName",
        "| extend a = f(status), b = 1 | project clusterId, clusterName, x = strcat(status, status)",
    ],
)
def test_the_column_by_which_the_rule_splits_is_returned(end):
    assert problems(OWN + end) == [
        "the query does not return a column status, by which the rule splits\n"
        + FIX.format("status, clusterId and clusterName")
    ]


@pytest.mark.parametrize(
    "end",
    [
        "| project status, clusterId, clusterName | extend more = 1 | order by more asc",
        "| summarize n = count() by status, clusterId, clusterName",
        "| distinct status, clusterId, clusterName",
        "| project clusterId, clusterName, old = status | project-rename status = old",
        "| parse-where name with status",
        "| project-keep cluster*, status",
        "| project-keep cluster*, *Time, stat*",
        "| union x | project-keep cluster*, *Time, stat*",
        "| distinct *",
        "| project-away event*, *id",
        "| project clusterId, clusterName, status;",
        "| project clusterId, clusterName, status ;\n// the end\n",
    ],
)
def test_a_column_counts_however_it_is_made(end):
    assert problems(OWN + end) == []


def test_a_rule_over_many_clusters_needs_to_tell_them_apart():
    text = changed(', clusterId = tolower(id), clusterName = tostring(split(id, "/")[8])', "")
    fix = FIX.format("status, clusterId and clusterName")
    assert problems(text) == [
        f"the query does not return a column clusterId, by which the rule splits\n{fix}",
        f"the query does not return a column clusterName, by which the rule splits\n{fix}",
    ]
    assert problems(text, many_clusters=False) == []


def test_end_of_support_splits_by_description():
    assert problems(OWN, notice="end-of-support", many_clusters=False) == [
        "the query does not return a column description, by which the rule splits\n" + FIX.format("description")
    ]


def test_a_query_that_is_too_long_is_reported_with_its_size():
    assert problems(OWN + "// " + "é" * 32 * 1024) == [
        "the query has 65,902 bytes; Azure Monitor takes at most 65,536 for a whole rule\n    Shorten it."
    ]


def test_everything_is_reported_together():
    assert len(problems("resources | take 1 | where ago(1h) > <x>")) == 9
