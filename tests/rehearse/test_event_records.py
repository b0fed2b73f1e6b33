"""Records are read from files with clear errors, and stories tell of the clusters that rules watch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from rule_samples import GROUP, HOUR, PROD, START, SUBSCRIPTION

from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.rehearse import events, stories

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
    as_array = events.read(written(tmp_path, json.dumps([RECORD, second], indent=2)))
    as_lines = events.read(written(tmp_path, f"{json.dumps(RECORD)}\n\n{json.dumps(second)}\n"))
    assert as_array == as_lines
    assert [one.name for one in as_array] == ["uuid2", "uuid1"]
    assert as_array[0].visible_from == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert as_array[1].visible_from == datetime(2026, 12, 1, 10, 0, 0, 123456, tzinfo=UTC)


def test_a_record_shows_up_within_the_lag_and_the_same_seed_gives_the_same(tmp_path):
    many = [RECORD | {"id": f"{PROD}/scheduledEvents/{number}"} for number in range(50)]
    file = written(tmp_path, json.dumps(many))
    own = datetime(2026, 12, 1, 10, 0, 0, 123456, tzinfo=UTC)
    lags = [one.visible_from - own for one in events.read(file, HOUR, seed=1)]
    assert timedelta(0) <= min(lags) < HOUR / 4
    assert 3 * HOUR / 4 < max(lags) <= HOUR
    assert events.read(file, HOUR, seed=1) == events.read(file, HOUR, seed=1)
    assert events.read(file, HOUR, seed=1) != events.read(file, HOUR, seed=2)


def test_the_last_state_of_an_id_is_the_one_that_is_visible(tmp_path):
    later = RECORD | {"visibleAt": "2026-12-01T12:00:00Z", "id": RECORD["id"].upper().replace("/SUBSCR", "/subscr", 1)}
    later["id"] = later["id"].replace("/subscrIPTIONS", "/subscriptions")
    first, second = events.read(written(tmp_path, json.dumps([later, RECORD])))
    assert first.visible_until == second.visible_from == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert second.visible_until is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty\n    It holds a JSON array of records, or one record a line."),
        (
            "[{]",
            "line 1, column 3: Expecting property name enclosed in double quotes\n    The array has to be valid JSON.",
        ),
        (
            f"{json.dumps(RECORD)}\n{{oops\n",
            "line 2, column 2: Expecting property name enclosed in double quotes\n"
            "    A file that does not begin with [ holds one whole JSON object a line.",
        ),
        (
            f"[{json.dumps(RECORD)}, 7]",
            'record [1]: "7" is not a record\n    A record is an object: {"id": …, "properties": {…}}.',
        ),
        (
            '[{"id": "prod"}]',
            'record [0]: its id is "prod"\n'
            "    Write the id of the row: /subscriptions/…/managedClusters/<cluster>/scheduledEvents/<name>.",
        ),
        (
            "{}",
            "line 1: it has no id\n"
            "    Write the id of the row: /subscriptions/…/managedClusters/<cluster>/scheduledEvents/<name>.",
        ),
        (
            "[" * 100_000,
            "line 1: nested too deeply\n    The array has to be valid JSON.",
        ),
        (
            json.dumps({"id": RECORD["id"]}),
            'line 1: it has no properties\n    Write them as the table has them: {"eventStatus": "Scheduled", …}.',
        ),
        (
            json.dumps(RECORD | {"visibleAt": "soon"}),
            'line 1: visibleAt "soon" is not a time\n    Write it as 2026-11-27T22:00:00Z.',
        ),
        (
            json.dumps(RECORD | {"properties": {"lastUpdateTime": "0001-01-01T00:00:00Z"}}),
            "line 1: lastUpdateTime, startTime and scheduledTime are not set, so when it shows up is not known\n"
            "    Add visibleAt, the moment at which Resource Graph shows it: 2026-11-27T22:00:00Z.",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(InvalidArgument) as error:
        events.read(file)
    problem, fix = message.split("\n")
    assert str(error.value) == f"{file}: {problem} [ACM162]\n{fix}"


def test_properties_may_be_text_as_an_export_writes_them(tmp_path):
    as_text = RECORD | {"properties": json.dumps(RECORD["properties"])}
    assert events.read(written(tmp_path, json.dumps([as_text]))) == events.read(written(tmp_path, json.dumps([RECORD])))


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
