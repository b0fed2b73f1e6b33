"""A query comes from a file that nobody may have reviewed: it reads the one table, and nothing else of the machine."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest
from rule_samples import PROD, record
from tests.cli.cli_support import run

from aks_communication_manager.rehearse.kql_engine.table import Rejected, Table

SECRET = "never-to-be-seen-8714"
T = 'arg("").containerserviceeventresources'

NAMES = [
    "{file}.json", "{file}.csv", "{file}.txt", "{folder}/*.json", "{folder}/**", "{folder}/*.c?v", "file://{file}.csv",
    "file:{file}.json", "~/secret.csv", "../secret.csv", "./secret.csv", "secret.csv", "/etc/passwd", "/proc/self/environ",
    "http://127.0.0.1:1/secret.csv", "https://127.0.0.1:1/secret.parquet", "s3://bucket/secret.csv", "gs://bucket/secret.json",
    "r2://bucket/secret.json", "hf://datasets/secret.csv", "az://container/secret.csv", "abfss://container/secret.csv",
    "{file}.xlsx", "{file}.parquet", "{file}.db", "md:secret", "read_csv('{file}.csv')", "x'; COPY (SELECT 1) TO '{file}.out'; --",
    'x\\" UNION SELECT content FROM read_text(\\"{file}.txt\\") --', "records", "__records", "duckdb_settings", "sqlite_master",
    "information_schema.tables", "pg_catalog.pg_class", "SECRET_ROWS",
]  # fmt: skip
"""What DuckDB, or Python beside it, would take for a table."""

READERS = [
    "['{name}']",
    f"let ['{{name}}'] = ({T} | extend leak = tostring(toscalar(['{{name}}'] | project AccessToken | take 1))); ['{{name}}']",
    f"{T} | union (['{{name}}'])",
]
"""Ways to read each of the names."""

NESTED = [
    f"{T} | join kind=inner (['{{name}}']) on name | extend leak = AccessToken",
    f"{T} | join kind=leftouter (['{{name}}'] | extend name = 'a') on name",
    f"{T} | lookup kind=leftouter (['{{name}}']) on name",
    f"union withsource=leak ['{{name}}'], ({T})",
    f"union ({T}), (['{{name}}'] | where true)",
    f"{T} | where name in (['{{name}}'])",
    f"{T} | where name !in~ ((['{{name}}'] | project AccessToken))",
    f"{T} | extend leak = tostring(toscalar(['{{name}}']))",
    f"{T} | where tostring(toscalar(['{{name}}'] | take 1)) != ''",
    f"{T} | summarize leak = max(tostring(toscalar(['{{name}}'] | take 1)))",
    f"{T} | extend leak = iff(true, tostring(toscalar(['{{name}}'] | take 1)), '')",
    f"let x = ['{{name}}']; {T} | join kind=inner (x) on name",
    f"let x = toscalar(['{{name}}'] | take 1); {T} | extend leak = tostring(x)",
    f"let f = () {{{{ toscalar(['{{name}}'] | take 1) }}}}; {T} | extend leak = tostring(f())",
    f"let f = (t:(AccessToken:string)) {{{{ t | take 1 }}}}; union ({T}), (['{{name}}'] | invoke f())",
    f"let containerserviceeventresources = ['{{name}}']; {T} | extend leak = AccessToken",
    f"let ContainerServiceEventResources = ['{{name}}']; {T} | extend leak = AccessToken",
    f"let x = (let ['{{name}}'] = {T}; ['{{name}}']); ['{{name}}'] | extend leak = AccessToken",
    f"let a = b; let b = ['{{name}}']; let c = {T}; union a, c",
    f"let x = {T}; let x = ['{{name}}']; x",
    f"{T} | extend leak = ''; let ['{{name}}'] = (['{{name}}']); ['{{name}}']",
    f"{T}; let x = ['{{name}}']",
    f"{T} | extend leak = ''\n// ';\n| union (['{{name}}'])",
    f"database('{{name}}').containerserviceeventresources | union ({T})",
    f"database('main').['{{name}}'] | union ({T})",
    f"database('temp').duckdb_settings | union ({T})",
    f"cluster('{{name}}').database('x').containerserviceeventresources | union ({T})",
    f"table('{{name}}') | union ({T})",
    f"externaldata(AccessToken:string)['{{name}}'] with (format='csv') | union ({T})",
    f"external_table('{{name}}') | union ({T})",
    f"{T} | extend leak = read_text('{{name}}')",
    f"{T} | extend leak = tostring(read_csv('{{name}}'))",
    f"{T} | extend leak = getenv('HOME')",
    f"{T} | extend leak = current_setting('home_directory')",
    f"{T} | evaluate http_request('{{name}}')",
    f"{T} | invoke ['{{name}}']()",
    f"find in (['{{name}}']) where AccessToken != '' | union ({T})",
    f"search in (['{{name}}']) 'never-to-be' | union ({T})",
    f"union isfuzzy=true ['{{name}}'], ({T})",
    f"union *, ({T})",
    f"union _*, ({T})",
    f"{T} | make-graph id --> name with ['{{name}}'] on AccessToken | graph-match (a)-->(b) project leak = a.AccessToken",
    f"let g = entity_group [database('{{name}}')]; macro-expand g as s (s.containerserviceeventresources | union ({T}))",
    f".show tables | union ({T})",
    f".set-or-replace x <| {T}",
    f".create database ['{{name}}'] // {T}",
    f".ingest into table x ('{{name}}') // \n{T}",
    f"set query_now = datetime(2020-01-01); {T} | union (['{{name}}'])",
    f"declare query_parameters(x:string = '{{name}}'); {T} | union (table(x))",
    f"alias database d = cluster('{{name}}').database('d'); {T}",
    f"restrict access to (['{{name}}']); {T}",
    f"{T} | where name matches regex \"' OR content FROM read_text('{{name}}') --\" | extend leak = ''",
    f"{T} | extend ['leak\" FROM read_text(\\'{{name}}\\') --'] = name, leak = ''",
    f"{T} | extend leak = tostring(datetime(2020-01-01'; COPY (SELECT 1) TO '{{name}}'; --))",
    f"{T} | extend leak = tostring(dynamic({{{{\"a\": \"' || (SELECT content FROM read_text('{{name}}')) || '\"}}}}).a)",
    f"{T} | parse name with leak \"' || (SELECT content FROM read_text('{{name}}')) || '\" rest",
    f"{T} | parse kind=regex name with \"' FROM read_text('{{name}}') --\" leak",
    f"{T} | project-rename ['\"; ATTACH \\'{{name}}\\'; --'] = name | extend leak = ''",
    f"{T} | order by (toscalar(['{{name}}'])) asc | extend leak = ''",
    f"{T} | top 1 by tostring(toscalar(['{{name}}'])) | extend leak = ''",
    f"{T} | mv-expand leak = toscalar(['{{name}}']) to typeof(string)",
]  # fmt: skip
"""Places in a query; each is tried with one name that DuckDB would read."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a secret in each format, which is the current and the home folder too."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "secret.json").write_text(json.dumps([{"AccessToken": SECRET, "name": "a"}]))
    (folder / "secret.csv").write_text(f"AccessToken,name\n{SECRET},a\n")
    (folder / "secret.txt").write_text(SECRET)
    with duckdb.connect(folder / "secret.db") as database:
        database.execute(
            f"CREATE TABLE containerserviceeventresources AS SELECT '{SECRET}' AS AccessToken, 'a' AS name"
        )
        database.execute(f"COPY (SELECT '{SECRET}' AS AccessToken) TO '{folder / 'secret.parquet'}'")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def attacks(folder):
    name = f"{folder}/secret.csv"
    yield from (query.format(name=name) for query in NESTED)
    for each in NAMES:
        yield from (query.format(name=each.format(file=folder / "secret", folder=folder)) for query in READERS)


def terraform(file, queries):
    rules = {
        f"rule-{number}": {
            "name": f"rule-{number}",
            "resource_group_name": "rg",
            "scopes": [PROD],
            "evaluation_frequency": "PT30M",
            "window_duration": "PT30M",
            "severity": 3,
            "identity": {"type": "SystemAssigned"},
            "action": {
                "action_groups": ["/subscriptions/1/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"]
            },
            "criteria": {
                "query": query,
                "operator": "GreaterThan",
                "threshold": 0,
                "time_aggregation_method": "Count",
                "dimension": [{"name": "leak", "operator": "Include", "values": ["*"]}],
            },
        }
        for number, query in enumerate(queries)
    }
    document = {"resource": {"azurerm_monitor_scheduled_query_rules_alert_v2": rules}}
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def files(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.long)], ids=["a sample", "all"])
def test_no_query_reads_or_writes_a_file(home, tmp_path, step):
    SECRET_ROWS = [(SECRET,)]  # noqa: F841 - DuckDB can read variables of Python too
    assert len(list(attacks(home))) > 160
    queries = [*list(attacks(home))[::step], f"{T} | extend leak = name"]
    events = tmp_path / "events.json"
    events.write_text(json.dumps([dict(record("a", timedelta(hours=1)).row)]))
    file = terraform(tmp_path / "main.tf.json", queries)
    before = files(tmp_path)
    outcome = run("rehearse", "--json", "--terraform", file, "--events", events)
    assert outcome.err == ""
    document = json.loads(outcome.out)
    assert f"rule-{len(queries) - 1}" in {one["rule"] for one in document["notifications"]}
    assert len(document["not_evaluated"]) > 0.9 * len(queries)
    assert SECRET not in outcome.out
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{file}.txt')", "SELECT * FROM read_csv('{file}.csv')", "SELECT * FROM '{file}.json'",
        "SELECT * FROM glob('{folder}/*')", "SELECT * FROM '{file}.parquet'", "ATTACH '{file}.db'", "ATTACH '{file}.new'",
        "COPY (SELECT 1) TO '{file}.out'", "COPY containerserviceeventresources FROM '{file}.csv'", "EXPORT DATABASE '{folder}/out'",
        "IMPORT DATABASE '{folder}'", "INSTALL httpfs", "LOAD httpfs", "LOAD '{file}.db'", "SELECT * FROM 'https://127.0.0.1:1/x.csv'",
        "SET enable_external_access = true", "SET lock_configuration = false", "RESET memory_limit", "SET temp_directory = '{folder}'",
        "SET threads = 8", "PRAGMA enable_profiling = 'json'", "SET profile_output = '{file}.out'", "SET python_enable_replacements = true",
        "SELECT * FROM SECRET_ROWS", "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')", "SELECT getenv('HOME')",
        "CALL enable_logging(storage = 'file')", "SELECT * FROM duckdb_secrets(redact = false)",
    ],
)  # fmt: skip
def test_the_database_has_no_access_to_the_machine(home, sql):
    SECRET_ROWS = [(SECRET,)]  # noqa: F841
    before = files(home)
    with Table() as table:
        try:
            shown = str(table.execute(sql.format(file=home / "secret", folder=home)).rows)
        except Rejected as error:
            shown = str(error)
    assert SECRET not in shown
    assert files(home) == before


def test_a_let_statement_makes_its_name_known_where_it_is_visible(tmp_path):
    queries = [
        f"let mine = {T} | extend leak = name; mine | where name in ((mine | project name))",
        f"let rows = {T}; let named = (rows | extend leak = name); named",
        f"let mine = (mine | extend leak = name); {T} | join kind=inner (mine) on name",
    ]
    events = tmp_path / "events.json"
    events.write_text(json.dumps([dict(record("a", timedelta(hours=1)).row)]))
    outcome = run(
        "rehearse", "--json", "--terraform", terraform(tmp_path / "main.tf.json", queries), "--events", events
    )
    document = json.loads(outcome.out)
    assert {one["rule"] for one in document["notifications"]} == {"rule-0", "rule-1"}
    assert document["not_evaluated"] == [
        {
            "rule": "rule-2",
            "stack": "main",
            "reason": 'its query reads "mine", and only containerserviceeventresources is rehearsed',
        }
    ]
