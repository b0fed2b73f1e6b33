"""Records are read from files with clear errors, and stories tell of the clusters that rules watch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rule_samples import GROUP, HOUR, PROD, START, STATEFUL, SUBSCRIPTION, TEAM, record, rule
from tests.stand_in.resource_graph_tables import run_on

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.rehearse import event_records, stories
from aks_communication_manager.rehearse.deployment import Deployment
from aks_communication_manager.rehearse.kql_engine.table import Table
from aks_communication_manager.rehearse.rule_set import RuleSet

RECORD = {
    "id": f"{PROD}/scheduledEvents/uuid1",
    "properties": {"eventStatus": "Scheduled", "lastUpdateTime": "2026-12-01T10:00:00.123456789Z"},
}


def written(tmp_path, text):
    file = tmp_path / "events.json"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_array_and_lines_are_read_alike(tmp_path):
    second = RECORD | {"id": f"{PROD}/scheduledEvents/uuid2", "visibleAt": "2026-12-01T11:00:00+01:00"}
    as_array = event_records.read(written(tmp_path, json.dumps([RECORD, second], indent=2)))
    as_lines = event_records.read(written(tmp_path, f"{json.dumps(RECORD)}\n\n{json.dumps(second)}\n"))
    assert as_array == as_lines
    assert [one.name for one in as_array] == ["uuid2", "uuid1"]
    assert as_array[0].visible_from == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert as_array[1].visible_from == datetime(2026, 12, 1, 10, 0, 0, 123456, tzinfo=UTC)


def test_a_record_shows_up_within_the_lag_and_the_same_seed_gives_the_same(tmp_path):
    many = [RECORD | {"id": f"{PROD}/scheduledEvents/{number}"} for number in range(50)]
    file = written(tmp_path, json.dumps(many))
    own = datetime(2026, 12, 1, 10, 0, 0, 123456, tzinfo=UTC)
    lags = [one.visible_from - own for one in event_records.read(file, HOUR, seed=1)]
    assert timedelta(0) <= min(lags) < HOUR / 4
    assert 3 * HOUR / 4 < max(lags) <= HOUR
    assert event_records.read(file, HOUR, seed=1) == event_records.read(file, HOUR, seed=1)
    assert event_records.read(file, HOUR, seed=1) != event_records.read(file, HOUR, seed=2)


def test_the_last_state_of_an_id_is_the_one_that_is_visible(tmp_path):
    later = RECORD | {"visibleAt": "2026-12-01T12:00:00Z", "id": RECORD["id"].upper().replace("/SUBSCR", "/subscr", 1)}
    later["id"] = later["id"].replace("/subscrIPTIONS", "/subscriptions")
    first, second = event_records.read(written(tmp_path, json.dumps([later, RECORD])))
    assert first.visible_until == second.visible_from == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert second.visible_until is None


ID_FIX = "Write the id of the row: /subscriptions/…/managedClusters/<cluster>/scheduledEvents/<name>."
FORM = "Name a file with a JSON array of records, one record a line, or the output of az graph query."
VALID = "Every record has to be valid JSON. A file that ends too early was cut: export it again."
BAG_FIX = 'Write them as the table has them: {"eventStatus": "Scheduled", …}.'
NOTHING = "Check the query and the rights of the login that made it, or play a story with --story."
TIME_FIX = "Write it as 2026-11-27T22:00:00Z, with a year from 1970 to 9999 in UTC."


def with_(**properties):
    return json.dumps(RECORD | {"properties": RECORD["properties"] | properties})


@pytest.mark.parametrize(
    ("text", "problem", "fix"),
    [
        ("", "the file is empty", FORM),
        ("[]", "there is no record in it", NOTHING),
        ('{"count": 0, "data": [], "skip_token": null, "total_records": 0}', "there is no record in it", NOTHING),
        ("id,properties\n", "there is no record in it", NOTHING),
        ("id,name\n/subscriptions/x,y\n", "neither JSON nor a CSV file with the columns id and properties", FORM),
        ("records to follow\n", "neither JSON nor a CSV file with the columns id and properties", FORM),
        ('id,properties\n"/subscriptions/x,{', "line 2: unexpected end of data",
         "Download the CSV file again, or use the output of az graph query."),
        ("[{]", "line 1, column 3: Expecting property name enclosed in double quotes", VALID),
        (f"{json.dumps(RECORD)}\n{{oops\n", "line 2, column 2: Expecting property name enclosed in double quotes", VALID),
        (f"{json.dumps(RECORD)}\noops\n{json.dumps(RECORD)}", 'line 2: "oops" is not JSON', FORM),
        (f"[{json.dumps(RECORD)}, 7]", 'record [1]: "7" is not a record', 'A record is an object: {"id": …, "properties": {…}}.'),
        ('[{"id": "prod"}]', 'record [0]: its id is "prod"', ID_FIX),
        ("{}", "line 1: it has no id", ID_FIX),
        ('{"data": [{"id": 7}]}', 'line 1: data[0]: its id is "7"', ID_FIX),
        ("[" * 100_000, "line 1: nested too deeply", "Export the records again."),
        (f'\n[{{"a": {"9" * 4301}}}]', "line 2: a number of 4,301 digits", "Write numbers as JSON has them."),
        ('[{"a": 1e999}]', "line 1: 1e999 is out of range", "Write numbers as JSON has them."),
        ('[{"a": NaN}]', "line 1: NaN is not a JSON number", "Write numbers as JSON has them."),
        (json.dumps({"id": RECORD["id"]}), "line 1: it has no properties", BAG_FIX),
        (json.dumps(RECORD | {"properties": "later"}), "line 1: it has no properties", BAG_FIX),
        (json.dumps(RECORD | {"properties": "@{eventStatus=Started; eventId=1}"}), "line 1: its properties are not JSON",
         "Windows PowerShell cut them off: export the records again with ConvertTo-Json -Depth 10."),
        (json.dumps(RECORD | {"visibleAt": "soon"}), 'line 1: visibleAt "soon" is not a time', "Write it as 2026-11-27T22:00:00Z."),
        (with_(lastUpdateTime="0001-01-01T00:00:00Z"),
         "line 1: lastUpdateTime, startTime and scheduledTime are not set, so when it shows up is not known",
         "Add visibleAt, the moment at which Resource Graph shows it: 2026-11-27T22:00:00Z."),
        (with_(lastUpdateTime="9999-12-31T23:59:59Z"), "line 1: it shows up in the year 9999, which is out of range",
         "Correct its times, or add visibleAt with a year before 3000."),
        *((with_(startTime=time), f'line 1: startTime "{time}" is not a time, or out of range', TIME_FIX)
          for time in ("9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "infinity", "soon", "/Date(999999999999999)/")),
        (with_(eventDetails="\ud83d"), "line 1: it contains \\ud83d, half of a character", "Export it again, as UTF-8."),
        (with_(eventDetails=json.loads("[" * 101 + "]" * 101)), "line 1: it is nested more than 100 levels deep",
         "Azure's records have two levels: export it again."),
        (json.dumps({"count": 1, "data": [RECORD], "skip_token": "x", "total_records": 1200}),
         "1 of the query's 1,200 records are in it",
         "Get the others too: az graph query --first 1000, and --skip-token for each further page."),
        (json.dumps({"data": {"columns": [{"name": "id"}], "rows": [[1, 2]]}}), "line 1: the rows of data do not fit its columns",
         "Export the records again."),
    ],
)  # fmt: skip
def test_a_message_says_what_is_wrong_in_a_file_and_where(tmp_path, text, problem, fix):
    file = written(tmp_path, text)
    with pytest.raises(InvalidArgument) as error:
        event_records.read(file)
    [mistake] = error.value.mistakes
    assert (mistake.problem, mistake.fix) == (f"{file}: {problem}", fix)
    assert mistake.code == (
        "ACM164"
        if ("out of range" in problem and "1e999" not in text) or "Azure" in fix or "half" in problem
        else "ACM162"
    )


SECOND = RECORD | {"id": f"{PROD}/scheduledEvents/uuid2"}
INDENTED = json.dumps(RECORD, indent=2) + "\n" + json.dumps(SECOND, indent=2)
ENVELOPE = {
    "id": "8945cf9b-e220-496e-ab4f-f3a239318995",
    "topic": "/subscriptions/11111111-1111-1111-1111-111111111111",
    "eventType": "Microsoft.ResourceNotifications.ContainerServiceEventResources.ScheduledEventEmitted",
    "eventTime": "2026-12-01T10:03:00Z",
    "data": {
        "resourceInfo": RECORD,
        "operationalInfo": {"resourceEventTime": "2026-12-01T10:00:00Z"},
        "apiVersion": "2023-11-02-preview",
    },
}
CLOUD_EVENT = {
    "id": "8945cf9b-e220-496e-ab4f-f3a239318995",
    "specversion": "1.0",
    "type": ENVELOPE["eventType"],
    "time": "2026-12-01T10:03:00Z",
    "data": ENVELOPE["data"],
}
TABLE = {
    "columns": [{"name": "id", "type": "string"}, {"name": "properties", "type": "object"}],
    "rows": [[RECORD["id"], RECORD["properties"]], [SECOND["id"], SECOND["properties"]]],
}


def csv_of(delimiter=",", header="id,properties"):
    cells = ((row["id"], json.dumps(row["properties"]).replace('"', '""')) for row in (RECORD, SECOND))
    return "\r\n".join([header.replace(",", delimiter), *(f'"{first}"{delimiter}"{bag}"' for first, bag in cells), ""])


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"count": 2, "data": [RECORD, SECOND], "skip_token": None, "total_records": 2}),
        json.dumps({"totalRecords": 2, "count": 2, "data": [RECORD, SECOND], "facets": [], "resultTruncated": "false"}),
        "\n".join(json.dumps({"count": 1, "data": [row], "total_records": 2}, indent=1) for row in (RECORD, SECOND)),
        json.dumps({"totalRecords": 2, "count": 2, "data": TABLE}),
        json.dumps({"value": [RECORD, SECOND]}),
        INDENTED,
        INDENTED.replace("\n", "\r\n"),
        json.dumps(RECORD) + json.dumps(SECOND),
        json.dumps(RECORD) + ",\n" + json.dumps(SECOND) + ",\n",
        f"[command]/usr/bin/az graph query\n{INDENTED}\n::debug::stdout: []\n::set-output name=exitcode::0\n",
        f"WARNING: Preview version of the extension is disabled.\n{json.dumps([RECORD, SECOND])}\nDone.\n",
        json.dumps([row | {"properties": json.dumps(row["properties"])} for row in (RECORD, SECOND)]),
        csv_of(),
        csv_of(";"),
        csv_of("\t"),
        csv_of(header='"ID","PROPERTIES"'),
        "\n" + csv_of(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_form_that_tools_give_is_read(tmp_path, text, encoding):
    file = tmp_path / "events.json"
    file.write_bytes(text.encode(encoding))
    found = [(one.id, one.properties) for one in event_records.read(file)]
    assert found == [(row["id"], row["properties"]) for row in (RECORD, SECOND)]


@pytest.mark.parametrize("envelope", [ENVELOPE, CLOUD_EVENT])
def test_an_envelope_says_when_its_row_was_sent(tmp_path, envelope):
    for text in (json.dumps(envelope), json.dumps([envelope], indent=2)):
        [found] = event_records.read(written(tmp_path, text))
        assert (found.id, found.properties) == (RECORD["id"], RECORD["properties"])
        assert found.visible_from == datetime(2026, 12, 1, 10, 3, tzinfo=UTC)


def test_a_time_of_windows_powershell_is_read_and_reaches_the_query(tmp_path):
    times = {
        "lastUpdateTime": "/Date(1713305832103)/",
        "startTime": "/Date(-62135596800000)/",
        "scheduledTime": "/Date(0+0200)/",
    }
    text = with_(**times).replace("/Date(0+0200)/", r"\/Date(0+0200)\/")
    [found] = event_records.read(written(tmp_path, text))
    assert found.updated == datetime(2024, 4, 16, 22, 17, 12, 103000, UTC)
    assert (found.started, found.scheduled) == (None, datetime(1970, 1, 1, tzinfo=UTC))
    assert found.properties["lastUpdateTime"] == "2024-04-16T22:17:12.1030000Z"


def test_other_columns_are_what_the_table_has(tmp_path):
    row = RECORD | {
        "tags": "x",
        "sku": '{"tier": "Free"}',
        "zones": "7",
        "tenantId": 5,
        "unknown": 1,
        "name": 8,
        "plan": None,
    }
    [found] = event_records.read(written(tmp_path, json.dumps(row)))
    row = {key: value for key, value in found.row.items() if key not in ("id", "properties", "type")}
    assert row == {"name": "8", "tenantId": "5", "tags": '"x"', "sku": {"tier": "Free"}, "zones": 7}
    with Table() as table:
        query = "containerserviceeventresources | project tags, tier = tostring(sku.tier)"
        [shown] = run_on(table, query, [found.columns], START)
    assert (shown["tags"], shown["tier"]) == ('"x"', "Free")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"\xff\xfe\x00", "not UTF-8 text"), (b"caf\xe9", "not UTF-8 text"), (b"\xef\xbb\xbf \n", "the file is empty")],
)
def test_bytes_that_are_not_text(tmp_path, content, problem):
    file = tmp_path / "events.json"
    file.write_bytes(content)
    with pytest.raises(InvalidArgument, match=problem):
        event_records.read(file)


def test_a_file_that_cannot_be_opened(tmp_path):
    for file, problem in ((tmp_path, "Is a directory"), (tmp_path / "x", "No such file"), (Path("a\0b"), "null")):
        with pytest.raises(InvalidArgument, match=problem):
            event_records.read(file)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("upgrade", ["Scheduled", "Scheduled", "Started", "Completed"] * 2),
        ("failure", ["Scheduled", "Scheduled", "Started", "Failed"] * 2),
        ("cancellation", ["Scheduled", "Scheduled", "Canceled"] * 2),
        ("missed", ["Scheduled"] * 4),
        (
            "end-of-support",
            ["KubernetesVersionEOLTwoWeeks", "KubernetesVersionEOLOneWeek", *["KubernetesVersionOutOfSupport"] * 2],
        ),
        ("month", [*["Scheduled"] * 7, *["Started"] * 3, *["Completed"] * 2, "Canceled", "Failed"]),
    ],
)
def test_a_story_has_its_statuses(story, expected):
    records = stories.records(story, [PROD], START)
    assert sorted(one.stage_or_status for one in records) == sorted(expected)
    assert {one.cluster for one in records} == {PROD}
    assert len({one.name for one in records}) == len(expected)
    assert min(one.visible_from for one in records) >= START
    assert records == stories.records(story, [PROD], START)
    assert records != stories.records(story, [PROD], START, seed=1)


def test_notices_come_a_week_and_a_day_before_the_planned_start():
    records = [one for one in stories.records("upgrade", [PROD], START) if one.families == ("K8sVersionUpgrade",)]
    before = [one.planned - one.time for one in records]
    assert before[:2] == [timedelta(days=7), timedelta(days=1)]
    assert timedelta(hours=-4) < before[3] < before[2] < timedelta(0)
    assert len({one.properties["eventId"] for one in records}) == 1


def test_a_wide_scope_gets_two_clusters_unless_one_of_its_own_is_known():
    assert stories.clusters_of([PROD]) == (PROD,)
    assert stories.clusters_of([PROD, GROUP, SUBSCRIPTION]) == (PROD,)
    names = [cluster.rpartition("/")[2] for cluster in stories.clusters_of([GROUP])]
    assert names == ["aks-prod", "aks-test"]
    assert all(
        cluster.startswith(f"{SUBSCRIPTION}/resourceGroups/rg-aks/") for cluster in stories.clusters_of([SUBSCRIPTION])
    )


@pytest.mark.parametrize(
    ("details", "wanted"),
    [
        ("NodeOSUpgrade", True),
        ("K8sVersionUpgrade and NodeOSUpgrade", True),
        ("K8sVersionUpgrade", False),
        ("a reboot", True),
    ],
)
def test_a_record_without_a_family_is_one_that_any_rule_may_want(details, wanted):
    of_node_images = rule(
        STATEFUL.replace(" | project", ' | where tostring(properties) contains "NodeOSUpgrade" | project')
    )
    rules = RuleSet.from_deployments([Deployment("production", (of_node_images,), (TEAM,))])
    assert rules.wants(record("a", HOUR, eventDetails=details)) is wanted
    assert not rules.wants(record("a", HOUR, eventDetails=details, cluster=PROD + "-2"))
