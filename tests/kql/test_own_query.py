"""Mistakes and warnings of a team's own query."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule, unproven
from aks_communication_manager.kql.templates import load, render
from aks_communication_manager.notices.catalog import CLUSTER_DIMENSIONS, NOTICES
from tests.kql.kql_table import LOOK_BACK, PROD, Record, cluster, run, upgrade, watched

OWN = """// Ours.
arg("").containerserviceeventresources
| where <scopes>
| extend status = tostring(properties.eventStatus), eventTime = todatetime(properties.lastUpdateTime)
| where <selection>
| where eventTime >= ago(<window-start>)
| project eventTime, status, clusterId = tolower(id), clusterName = tostring(split(id, "/")[8])
"""
WINDOW_FIX = "    Write: | where <window>\n    For this rule that is: eventTime >= ago(6h)"


def problems(text, *, notice="cluster-auto-upgrade", many_clusters=True, routed=True, look_back=LOOK_BACK):
    mistakes = [
        *check_own_query(text, routed=routed),
        *check_own_query_of_rule(
            text,
            look_back=look_back,
            columns=(NOTICES[notice].dimension, *(CLUSTER_DIMENSIONS if many_clusters else ())),
        ),
    ]
    return ["\n".join([problem, *(f"    {line}" for line in fix.splitlines())]) for problem, fix in mistakes]


def changed(old, new):
    assert old in OWN
    return OWN.replace(old, new)


@pytest.mark.parametrize("notice", [name for name in NOTICES if name != "missed-maintenance"])  # it has two windows
def test_our_own_queries_pass(notice):
    assert problems(load(notice), notice=notice) == []


def test_the_example_passes_also_with_the_window_as_one_placeholder():
    assert problems(OWN) == []
    assert problems(changed("eventTime >= ago(<window-start>)", "<window>")) == []


def test_the_example_of_the_documentation_passes_and_runs():
    page = (Path(__file__).parents[2] / "docs" / "use" / "own-queries.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```kusto\n(.*?)```", page, re.DOTALL)
    assert problems(example) == []
    assert list(unproven(example)) == []
    query = render(example, scopes=[watched(PROD)], look_back=LOOK_BACK)
    (row,) = run(query, [Record("event", upgrade()), Record("other", upgrade(), cluster("prod-2"))])
    assert (row["status"], row["clusterId"], row["clusterName"]) == ("Scheduled", PROD.lower(), "prod")


@pytest.mark.parametrize(
    "beginning", ["containerserviceeventresources", 'arg("other")', 'print "arg(\\"\\")."; arg("")']
)
def test_it_begins_with_arg(beginning):
    text = changed('arg("").containerserviceeventresources', f"{beginning}.containerserviceeventresources")
    assert problems(text)[0] == (
        'the query does not start with arg("")\n    Start it with arg("").containerserviceeventresources: '
        "otherwise Azure Monitor looks for the table in a workspace."
    )


def test_let_before_arg_is_refused_as_a_rule_of_this_package():
    assert problems(f"let x = 1;\n{OWN.removeprefix('// Ours.' + chr(10))}") == [
        'the query begins with let, and this package takes only queries that begin with arg("")\n'
        "    Write the value where it is used. (Azure itself takes let.)",
        "line 2: a second statement after `;`: the query has to be one statement\n"
        "    Write a single pipeline without let, set or declare; one ; at its end is allowed.",
    ]


def test_it_says_how_far_it_looks_back():
    text = changed("| where eventTime >= ago(<window-start>)\n", "// ago(6h)\n")
    assert problems(text) == [f"the query has no ago(), so it returns old events again and again\n{WINDOW_FIX}"]


@pytest.mark.parametrize("literal", ["2h", "30m", "361min", "5.5h", "99999999999d"])
def test_a_look_back_of_another_length_is_wrong(literal):
    assert problems(changed("ago(<window-start>)", f"ago({literal})")) == [
        f"line 6: ago({literal}) is not the look-back of the rule, 6h\n{WINDOW_FIX}"
    ]


@pytest.mark.parametrize("literal", ["6h", "360m", "360min", "6hours", "0.25d"])
def test_a_literal_may_be_written_if_it_is_the_rules_own(literal):
    assert problems(changed("ago(<window-start>)", f"ago({literal}) // as agreed")) == []


@pytest.mark.parametrize("argument", ["1h + 5m", "window", "30", "35M"])
def test_ago_takes_literals_only(argument):
    assert problems(changed("ago(<window-start>)", f"ago({argument})")) == [
        f"line 6: ago({argument}) is not a literal, and Resource Graph accepts nothing else\n{WINDOW_FIX}"
    ]


def test_the_removed_placeholder_is_reported_with_what_replaced_it():
    text = changed("ago(<window-start>)", "ago(<window-start>) and eventTime < ago(<ingestion-delay>)")
    assert problems(text) == [
        "line 6: <ingestion-delay> is no longer a placeholder\n"
        "    Remove the condition: a rule looks back `look_back`, and Azure keeps an alert for each event."
    ]


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
        "avg_if(x, y)",
        "countif(x)",
        "sumif(x, y)",
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
        "the query does not return a column status, and the rule splits by it\n"
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
        f"the query does not return a column clusterId, and the rule splits by it\n{fix}",
        f"the query does not return a column clusterName, and the rule splits by it\n{fix}",
    ]
    assert problems(text, many_clusters=False) == []


def test_end_of_support_splits_by_description():
    assert problems(OWN, notice="end-of-support", many_clusters=False) == [
        "the query does not return a column description, and the rule splits by it\n" + FIX.format("description")
    ]


def test_a_query_that_is_too_long_is_reported_with_its_size():
    assert problems(OWN + "// " + "é" * 32 * 1024) == [
        "the query has 65,863 bytes; Azure Monitor takes at most 65,536 for a whole rule\n    Shorten it."
    ]


def test_everything_is_reported_together():
    assert len(problems("resources | take 1 | where ago(1h) > <x>")) == 9


def test_bin_at_is_not_supported():
    assert problems(f"{OWN}| extend day = bin_at(eventTime, 1d, now())") == [
        "line 8: bin_at is not supported through arg()\n    Compare with literals instead."
    ]


def test_an_item_without_evidence_is_a_warning_at_its_first_use():
    text = f"{OWN}| extend a = trim(' ', name), b = trim('x', name)\n| where a endswith 'x' or a has_cs 'y'\n| top 5 by a\n| take 5"
    fix = (
        "Run the query in the Logs blade of Azure Monitor, where errors show; in an alert rule they do not. "
        "docs/evidence/queries.md lists what is known to work."
    )
    assert list(unproven(text)) == [
        ('line 8: nothing is known about trim through arg("")', fix),
        ('line 9: nothing is known about endswith through arg("")', fix),
        ('line 9: nothing is known about has_cs through arg("")', fix),
        ('line 10: nothing is known about top through arg("")', fix),
    ]
    assert list(unproven(OWN)) == []
