"""Rows of the hardened queries, executed: scopes, windows, times, spellings, columns."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from functools import cache

import pytest

from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.catalog import NOTICES
from tests.kql.kql_table import (
    FREQUENCY,
    GROUP,
    LOOK_BACK,
    NOW,
    PROD,
    STARTED,
    TYPE,
    Record,
    cluster,
    hardened,
    run,
    stamp,
    upgrade,
)
from tests.stand_in.records import END_OF_SUPPORT, NOT_SET

SUBSCRIPTION = GROUP.rsplit("/", 2)[0]
MICROSECOND = timedelta(microseconds=1)
START = NOW - LOOK_BACK


def names(query, records, now=NOW):
    return {row["name"] for row in run(query, records, now)}


NEIGHBOURS = [
    Record("itself", upgrade(), PROD),
    Record("shouted", upgrade(), PROD.upper()),
    Record("other-spelling", upgrade(), PROD.replace("resourceGroups", "resourcegroups")),
    Record("longer-name", upgrade(), cluster("prod-2")),
    Record("same-group", upgrade(), cluster("test")),
    Record("group-alike", upgrade(), cluster("prod", GROUP + "-2")),
    Record("other-subscription", upgrade(), PROD.replace("1111", "2222")),
]
OF_PROD = {"itself", "shouted", "other-spelling"}
OF_GROUP = OF_PROD | {"longer-name", "same-group"}


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        ((PROD,), OF_PROD),
        ((PROD.lower(),), OF_PROD),
        ((GROUP,), OF_GROUP),
        ((SUBSCRIPTION.upper(),), OF_GROUP | {"group-alike"}),
        ((PROD, cluster("test")), OF_PROD | {"same-group"}),
        ((cluster("pro"),), set()),
    ],
    ids=["cluster", "cluster in lower case", "resource group", "subscription", "two clusters", "a prefix of a name"],
)
def test_a_scope_matches_its_own_clusters_and_no_other(scopes, found):
    assert names(hardened(scopes=scopes), NEIGHBOURS) == found


SPELLINGS = {
    "Canceled": "Canceled",
    "Cancelled": "Canceled",
    "cancelled": "Canceled",
    "Failed": "Failed",
    "failed": "failed",
    "Paused": "Paused",
    "Größer": "Größer",
}


@cache
def rows_by_name(notice="cluster-auto-upgrade"):
    """All the records below in one run: a run costs a third of a second."""
    event = NOTICES[notice].family
    records = [
        *(Record(f"status {status}", upgrade(event, status)) for status in SPELLINGS),
        Record("no status", upgrade(event, eventStatus=...)),
        Record("null status", upgrade(event, eventStatus=None)),
        Record("empty status", upgrade(event, eventStatus="")),
        Record("null properties", None),
        Record("text for properties", '"text"'),
        Record("details object", upgrade(event, eventDetails={"type": event, "to": "1.33.1"})),
        Record("details JSON", upgrade(event, eventDetails=json.dumps({"type": event, "to": "1.33.1"}))),
        Record("details word", upgrade(event, eventDetails=event.lower())),
        Record("details other script", upgrade(event, eventDetails=f"{event} – “größer” 完了 🚀")),
        Record("details null, word elsewhere", upgrade(event, eventDetails=None, extra=f"of {event}")),
        Record("details without word, word elsewhere", upgrade(event, eventDetails="x", description=event)),
        Record("details longer word", upgrade(event, eventDetails=f"Aks{event}Planned")),
        Record("no word", upgrade(event, eventDetails="maintenance")),
        Record("published, started", STARTED),
        Record(
            "published, started, with the word and a time", {**STARTED, "eventDetails": event, "startTime": recent()}
        ),
        *(Record(f"{digits} digits", upgrade(event, lastUpdateTime=recent(digits))) for digits in (0, 3, 7, 9)),
        Record("27 characters of it are a time", upgrade(event, lastUpdateTime=recent(9)[:-1] + "?")),
        *(
            Record(f"{unset} for {key}", upgrade(event, **{**fallback, key: unset}))
            for unset in (NOT_SET, None, "", "soon", ...)
            for key, fallback in FALLBACKS.items()
        ),
        Record("no time at all", upgrade(event, lastUpdateTime=NOT_SET, startTime=NOT_SET, scheduledTime=NOT_SET)),
        Record("lastUpdateTime wins", upgrade(event, lastUpdateTime=stamp(START - FREQUENCY), startTime=recent())),
        Record("spaced", json.dumps(upgrade(event), separators=(" , ", " : "))),
        Record("type in other letter case", upgrade(event), type=TYPE.title()),
        Record("27 characters of the first moment", upgrade(event, lastUpdateTime=f"{stamp(START)[:-1]}+?")),
        Record("27 characters too early", upgrade(event, lastUpdateTime=f"{stamp(START - MICROSECOND)[:-1]}+?")),
        Record("other type", upgrade(event), type="microsoft.containerservice/managedclusters"),
    ]
    return {row["name"]: row for row in run(hardened(notice), records)}


def recent(digits=7):
    return stamp(NOW - timedelta(minutes=10), digits)


FALLBACKS = {
    "lastUpdateTime": {"startTime": recent()},
    "startTime": {"lastUpdateTime": None, "scheduledTime": recent()},
}

both_upgrades = pytest.mark.parametrize("notice", ["cluster-auto-upgrade", "node-os-auto-upgrade"])


@both_upgrades
def test_canceled_and_cancelled_are_one_status_and_unknown_ones_are_kept(notice):
    rows = rows_by_name(notice)
    assert {status: rows[f"status {status}"]["status"] for status in SPELLINGS} == SPELLINGS


@both_upgrades
@pytest.mark.parametrize("name", ["no status", "null status", "empty status", "null properties", "text for properties"])
def test_a_record_without_a_status_is_not_a_notice(notice, name):
    assert name not in rows_by_name(notice)


@both_upgrades
@pytest.mark.parametrize(
    "name",
    [
        "details object",
        "details JSON",
        "details word",
        "details other script",
        "details null, word elsewhere",
        "details without word, word elsewhere",
        "details longer word",
        "spaced",
    ],
)
def test_the_family_is_found_wherever_and_however_it_is_written(notice, name):
    assert rows_by_name(notice)[name]["upgradeType"] == NOTICES[notice].family


@both_upgrades
def test_a_time_that_cannot_be_read_counts_by_its_first_27_characters(notice):
    assert {"27 characters of the first moment", "27 characters too early"} & rows_by_name(notice).keys() == {
        "27 characters of the first moment"
    }


@both_upgrades
def test_the_letter_case_of_the_type_does_not_matter(notice):
    assert "type in other letter case" in rows_by_name(notice)


@both_upgrades
@pytest.mark.parametrize(
    "name", ["no word", "published, started", "other type", "no time at all", "lastUpdateTime wins"]
)
def test_what_is_not_a_notice_of_the_family_or_not_due_is_left_out(notice, name):
    assert name not in rows_by_name(notice)


@both_upgrades
def test_details_are_equal_from_an_object_and_from_json_text(notice):
    rows = rows_by_name(notice)
    assert json.loads(rows["details object"]["details"]) == json.loads(rows["details JSON"]["details"])
    assert json.loads(rows["details object"]["details"])["to"] == "1.33.1"


@both_upgrades
def test_times_have_any_number_of_digits_and_fall_back_if_unset(notice):
    rows = rows_by_name(notice)
    timely = [
        name
        for name in rows
        if "digits" in name or "characters of it" in name or " for " in name or "and a time" in name
    ]
    assert len(timely) == 4 + 1 + 5 * 2 + 1
    assert {rows[name]["eventTime"] for name in timely} == {NOW - timedelta(minutes=10)}


def test_a_record_that_names_both_families_reaches_both_rules():
    both = [Record("both", upgrade(eventDetails="K8sVersionUpgrade, then NodeOSUpgrade"))]
    assert names(hardened(), both) == names(hardened("node-os-auto-upgrade"), both) == {"both"}


ENDS = ["clusterName", "clusterId", "eventName", "details", "name", "properties"]


def test_the_columns_are_those_of_the_contract():
    assert list(rows_by_name()["spaced"]) == ["eventTime", "upgradeType", "status", "plannedTime", "reason", *ENDS]
    assert list(stages()["KubernetesVersionEOLOneWeek"]) == ["eventTime", "upgradeType", "description", "status", *ENDS]


def test_a_cluster_has_one_id_however_it_is_spelled_and_its_name_as_given():
    rows = run(hardened(scopes=[GROUP]), [record for record in NEIGHBOURS if record.name in OF_PROD])
    assert {row["clusterId"] for row in rows} == {PROD.lower()}
    assert {row["clusterName"] for row in rows} == {"prod", "PROD"}


def test_the_cluster_id_is_cut_by_position_and_not_by_name():
    group = GROUP.replace("rg-aks", "scheduledEvents")
    record = Record("event", upgrade(), cluster("scheduledEvents", group))
    (row,) = run(hardened(scopes=[group]), [record])
    assert (row["clusterId"], row["clusterName"]) == (record.cluster.lower(), "scheduledEvents")


@cache
def stages():
    due = {"lastUpdateTime": recent()}
    records = [
        *(Record(stage, {**END_OF_SUPPORT, **due, "description": stage}) for stage in NOTICES["end-of-support"].values),
        Record("as published", END_OF_SUPPORT),
        Record("as published, on its day", {**END_OF_SUPPORT, "scheduledTime": recent()}),
        Record("without any time", {**END_OF_SUPPORT, "scheduledTime": None}),
        Record("lastUpdateTime is unreadable", {**END_OF_SUPPORT, "lastUpdateTime": "soon", "startTime": NOT_SET}),
        Record("lastUpdateTime is past", {**END_OF_SUPPORT, "lastUpdateTime": stamp(START - MICROSECOND)}),
        Record("startTime is past", {**END_OF_SUPPORT, "startTime": stamp(START - MICROSECOND)}),
        Record("new stage", {**END_OF_SUPPORT, **due, "description": "KubernetesVersionEOLOneDay"}),
        Record(
            "source in lower case, new stage",
            {**END_OF_SUPPORT, **due, "eventSource": "eolnotification", "description": "KubernetesVersionEOLOneDay"},
        ),
        Record("source misspelt", {**END_OF_SUPPORT, **due, "eventSource": "EOLNotifcation"}),
        Record("no source", {key: value for key, value in {**END_OF_SUPPORT, **due}.items() if key != "eventSource"}),
        Record("no status", {**END_OF_SUPPORT, **due, "eventStatus": None}),
        Record("no description", {**END_OF_SUPPORT, **due, "description": None}),
        Record(
            "details as text", {**END_OF_SUPPORT, **due, "eventDetails": json.dumps(END_OF_SUPPORT["eventDetails"])}
        ),
        Record("an upgrade", upgrade()),
    ]
    return {row["name"]: row for row in run(hardened("end-of-support"), records)}


def test_each_stage_is_a_notice_and_stays_where_it_has_no_time_of_its_own():
    found = set(stages())
    assert found == {
        *NOTICES["end-of-support"].values,
        "as published",
        "as published, on its day",
        "without any time",
        "lastUpdateTime is unreadable",
        "new stage",
        "source in lower case, new stage",
        "source misspelt",
        "no source",
        "no status",
        "details as text",
    }
    assert stages()["new stage"]["description"] == "KubernetesVersionEOLOneDay"
    assert json.loads(stages()["details as text"]["details"])["daysUntilEOL"] == 5


def test_the_window_takes_its_first_moment_and_has_no_end():
    moments = {
        "just before": START - MICROSECOND,
        "first": START,
        "inside": START + timedelta(seconds=1),
        "ahead of the clock": NOW + timedelta(hours=3),
    }
    records = [Record(name, upgrade(lastUpdateTime=stamp(moment))) for name, moment in moments.items()]
    assert names(hardened(), records) == {"first", "inside", "ahead of the clock"}


def test_routes_share_out_the_rows_without_a_gap_or_an_overlap():
    records = [Record(status, upgrade(status=status)) for status in SPELLINGS]
    first = names(hardened(selection=Selection(only=("Failed", "Canceled"))), records)
    rest = names(hardened(selection=Selection(excluding=("Failed", "Canceled"))), records)
    assert first == {"Failed", "failed", "Canceled", "Cancelled", "cancelled"}
    assert rest == {"Paused", "Größer"}


def test_fifteen_hundred_rows_come_back_in_the_order_of_their_time():
    moments = [START + number * timedelta(seconds=1) for number in range(1500)]
    random.Random(0).shuffle(moments)
    records = [Record(f"event-{n}", upgrade(lastUpdateTime=stamp(moment))) for n, moment in enumerate(moments)]
    times: list[datetime] = [row["eventTime"] for row in run(hardened(), records)]
    assert times == sorted(moments)
