"""The command rehearse: what it prints, its exit statuses, its page."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from cli_support import run

from aks_communication_manager.cli.rehearse_timeline import says
from aks_communication_manager.rehearse.rehearsal import Notification

PROD = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
    "/providers/Microsoft.ContainerService/managedClusters/prod"
)
RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
START = ("--start", "2026-12-01", "--story", "upgrade")


def event(name="a", status="Scheduled", time="2026-12-01T10:00:00Z", **more):
    return {
        "id": f"{PROD}/scheduledEvents/{name}",
        "name": name,
        "properties": {"eventStatus": status, "eventDetails": "K8sVersionUpgrade", "lastUpdateTime": time},
        **more,
    }


def written(folder, name, value):
    file = folder / name
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return file


def answer(*words):
    outcome = run("rehearse", "--json", *words)
    assert outcome.err == ""
    return outcome.status, json.loads(outcome.out)


def test_each_event_of_a_story_is_heard_once(terraform_file):
    status, document = answer("--terraform", terraform_file, *START)
    assert status == 0
    assert [one["notified"] for one in document["events"]] == [1] * 8
    assert {one["cluster"] for one in document["events"]} == {"prod"}
    assert document["not_evaluated"] == []


def test_the_json_has_these_keys_and_no_others(terraform_file, tmp_path):
    events = written(tmp_path, "events.json", [event()])
    status, document = answer("--terraform", terraform_file, "--events", events, "--lag", "PT0S")
    (one,) = document["notifications"]
    assert re.fullmatch(r"2026-12-01T10:\d\d:\d\dZ", one.pop("time"))
    assert (status, document) == (
        0,
        {
            "notifications": [
                {
                    "rule": "cluster-auto-upgrade-prod@rg-aks",
                    "stack": "production",
                    "event": "a",
                    "dimensions": {"status": "Scheduled", "eventName": "a", "plannedTime": "-", "reason": "-"},
                    "severity": 3,
                    "condition": "Fired",
                    "action_group": "ag-aks-notices",
                    "receivers": [{"type": "email", "name": "platform-team"}],
                }
            ],
            "events": [{"name": "a", "cluster": "prod", "status": "Scheduled", "notified": 1}],
            "not_evaluated": [],
        },
    )


def stories(document):
    return [(one["status"], one["notified"]) for one in document["events"]]


def test_the_stories_of_what_the_rules_watch_are_played_by_default(terraform_file):
    status, document = answer("--terraform", terraform_file, "--start", "2026-12-01")
    assert status == 0
    endings = {"Completed": 2, "Failed": 2, "Canceled": 2}
    assert Counter(status for status, _ in stories(document) if status in endings) == endings
    assert {notified for _, notified in stories(document)} == {1}


def test_rules_for_end_of_support_alone_play_its_story(terraform_file, terraform_document):
    rules = terraform_document["resource"][RULE]
    del rules[next(key for key in rules if "node-os" in key)]
    (only,) = rules.values()
    only["criteria"][0]["query"] = (
        f'arg("").containerserviceeventresources | where id startswith "{PROD}/" '
        '| extend status = tostring(properties.description), eventName = name, plannedTime = "" '
        '| where properties.eventSource == "EOLNotification"'
    )
    only["action"]["custom_properties"] = {}
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    _, document = answer("--terraform", terraform_file, "--start", "2026-12-01")
    assert {one["status"].removeprefix("KubernetesVersion") for one in document["events"]} == {
        "EOLTwoWeeks",
        "EOLOneWeek",
        "OutOfSupport",
    }


def test_several_stories_follow_each_other(terraform_file):
    _, document = answer("--terraform", terraform_file, *START, "--story", "failure")
    times = [one["time"] for one in document["notifications"]]
    assert times == sorted(times)
    statuses = [status for status, _ in stories(document)]
    assert statuses[:8].count("Completed") == statuses[8:].count("Failed") == 2
    assert len({one["name"] for one in document["events"]}) == 16


def test_clusters_that_were_made_up_for_a_wide_scope_are_marked(terraform_file, terraform_document, tmp_path):
    text = json.dumps(terraform_document)
    group = PROD.partition("/providers/")[0]
    terraform_file.write_text(text.replace(PROD, group), encoding="utf-8")
    page = tmp_path / "page.html"
    _, document = answer("--terraform", terraform_file, *START, "--html", page)
    assert {(one["cluster"], one.get("invented")) for one in document["events"]} == {
        ("aks-prod", True),
        ("aks-test", True),
    }
    assert "aks-prod (invented)" in run("rehearse", "--terraform", terraform_file, *START).out
    assert page.read_text("utf-8").count(">invented: the scope is wider<") == 2


@pytest.mark.parametrize("kind", ["email", "sms"])
def test_what_is_above_azures_limit_is_not_sent_and_not_heard(kind, terraform_file, terraform_document, tmp_path):
    (group,) = terraform_document["resource"]["azurerm_monitor_action_group"].values()
    receiver = group.pop("email_receiver")[0]
    group[f"{kind}_receiver"] = [{**receiver, "country_code": "31", "phone_number": "612345678"}]
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    events = written(tmp_path, "events.json", [event(f"{number:03}") for number in range(120)])
    status, document = answer("--terraform", terraform_file, "--events", events, "--lag", "PT0S")
    sent = {"email": 100, "sms": 1}[kind]
    assert status == 1
    assert sorted(one["notified"] for one in document["events"]) == [0] * (120 - sent) + [1] * sent
    limited = [one for one in document["notifications"] if "not_sent" in one]
    assert len(limited) == 120 - sent
    assert (limited[0]["not_sent"], limited[0]["receivers"][0]["not_sent"]) == ("rate limit", "rate limit")
    shown = run("rehearse", "--terraform", terraform_file, "--events", events, "--lag", "PT0S").out
    limit = {"email": "100 in an hour for each address", "sms": "1 in 5 minutes for each number"}[kind]
    assert f"Not sent: {120 - sent} × {kind} platform-team: Azure's limit of {limit}." in shown
    assert shown.count("nobody: Azure's limit") == 120 - sent


def test_an_event_that_reaches_nobody_gives_status_1(terraform_file, tmp_path):
    late = event("late", visibleAt="2026-12-01T17:00:00Z")
    events = written(tmp_path, "events.jsonl", "\n".join(json.dumps(one) for one in (event(), late)))
    status, document = answer("--terraform", terraform_file, "--events", events)
    assert status == 1
    assert [one["notified"] for one in document["events"]] == [1, 0]


def test_a_rule_that_is_disabled_is_reported_and_its_events_reach_nobody(terraform_file, terraform_document):
    rules = terraform_document["resource"][RULE]
    disabled = next(rule for rule in rules.values() if rule["name"].startswith("node-os"))
    disabled["enabled"] = False
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    status, document = answer("--terraform", terraform_file, *START)
    assert status == 1
    assert sorted(one["notified"] for one in document["events"]) == [0] * 4 + [1] * 4
    assert document["not_evaluated"] == [
        {"rule": disabled["name"], "stack": "production", "reason": "it is disabled, so it notifies nobody"}
    ]


def test_a_family_that_no_rule_asks_for_is_shown_and_gives_status_0(terraform_file, terraform_document):
    rules = terraform_document["resource"][RULE]
    del rules[next(key for key in rules if "node-os" in key)]
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    shown = run("rehearse", "--terraform", terraform_file, *START)
    assert shown.status == 0
    assert shown.out.count("nobody: no rule asks for it") == 4
    assert "8 events: 4 notified once, 0 repeated, 4 to nobody." in shown.out


def test_a_story_of_which_nobody_hears_anything_gives_status_1(terraform_file):
    shown = run("rehearse", "--terraform", terraform_file, "--story", "end-of-support", "--start", "2026-12-01")
    assert shown.status == 1
    assert "Nobody is notified of anything." in shown.out


def test_the_timeline_is_readable_without_a_terminal(terraform_file):
    shown = run("rehearse", "--terraform", terraform_file, "--lag", "PT0S", *START)
    assert "\x1b" not in shown.out
    lines = [re.split(r" {2,}", line.strip()) for line in shown.out.splitlines()]
    assert lines[1] == ["Time (UTC)", "Rule", "Says", "Sev", "Receivers"]
    when = "2026-12-08T" + lines[3][2].rpartition("T")[2]
    assert lines[3][1:] == ["cluster-auto-upgrade-prod@rg-aks", f"Scheduled · {when}", "3", "email platform-team"]
    assert shown.out.endswith("8 events: 8 notified once, 0 repeated, 0 to nobody.\n")


@pytest.mark.long
def test_a_narrow_terminal_shows_the_rule_under_what_it_says(terraform_file):
    shown = run("rehearse", "--terraform", terraform_file, *START, columns=80)
    assert max(len(line.rstrip()) for line in shown.out.splitlines()) <= 80
    lines = [line.split() for line in shown.out.splitlines()]
    assert lines[3][2:4] == ["Scheduled", "·"]
    assert lines[3][5:] == ["3", "email", "platform-team"]
    assert lines[4] == ["cluster-auto-upgrade-prod@rg-aks"]


@pytest.mark.long
def test_the_same_seed_gives_the_same_and_another_seed_something_else(terraform_file):
    one, same, other = (
        run("rehearse", "--terraform", terraform_file, "--seed", seed, "--jitter", "PT2M", "--skip", "0.1", *START)
        for seed in (1, 1, 2)
    )
    assert one.out == same.out
    assert one.out != other.out


def test_rules_come_from_cdktf_out_and_one_stack_can_be_chosen(tmp_path, monkeypatch, terraform_document):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    for stack in ("production", "test"):
        folder = tmp_path / "cdktf.out" / "stacks" / stack
        folder.mkdir(parents=True)
        written(folder, "cdk.tf.json", terraform_document)
    _, both = answer(*START)
    assert {one["stack"] for one in both["notifications"]} == {"production", "test"}
    assert {one["notified"] for one in both["events"]} == {2}
    _, one = answer("--stack", "test", *START)
    assert {one["stack"] for one in one["notifications"]} == {"test"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--terraform", "{rules}", "--stack", "test"],
            '--stack "test": there is no such stack [ACM160]\n    One of production.\n',
        ),
        (
            ["--terraform", "{rules}", "--events", "{rules}", "--story", "month"],
            "--events and --story exclude each other [ACM160]\n    Leave out one of them.\n",
        ),
        (
            ["--terraform", "{rules}", "--lag", "5m"],
            '--lag: "5m" is not a duration [ACM033]\n    Use ISO 8601: PT5M is five minutes, PT0S is zero, P1D is one day.\n',
        ),
        (
            ["--terraform", "{rules}", "--start", "soon"],
            '--start: "soon" is not a time [ACM160]\n    Write it as 2026-12-01 or 2026-12-01T08:00Z.\n',
        ),
        (
            ["--terraform", "{rules}", "--start", "9999-12-31"],
            '--start: "9999-12-31" is out of range [ACM160]\n    Use a year from 1970 to 2999.\n',
        ),
        (
            ["--terraform", "{rules}", "--jitter", "P31D"],
            '--jitter: "P31D" is longer than 30 days [ACM160]\n    Use at most P30D.\n',
        ),
        (
            ["--terraform", "{rules}", "--html", "nowhere/page.html"],
            "--html nowhere/page.html: No such file or directory [ACM160]\n    Name a file in a folder that exists.\n",
        ),
        (
            ["--terraform", "{empty}"],
            "{empty}: there are no alert rules [ACM160]\n"
            "    Rules are resources of the type azurerm_monitor_scheduled_query_rules_alert_v2.\n",
        ),
        (
            [],
            "cdktf.out/stacks: there is no cdk.tf.json below it [ACM160]\n    Run synth first, or name a file with --terraform.\n",
        ),
        (
            ["--config", "other.yaml"],
            "other.yaml: there is no such file [ACM160]\n    Name the config file that synth read.\n",
        ),
    ],
)
def test_wrong_use_is_explained_with_status_2(words, message, terraform_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    names = {"rules": str(terraform_file), "empty": str(written(tmp_path, "empty.json", {"resource": {}}))}
    shown = run("rehearse", *(word.format(**names) for word in words))
    assert (shown.status, shown.out, shown.err) == (2, "", message.format(**names))


def test_resolved_messages_are_suppressed_and_each_event_reported_once(terraform_file):
    shown = run("rehearse", "--terraform", terraform_file, "--lag", "PT4H", "--skip", "0.1", *START)
    assert shown.status == 0
    assert "Not sent: 8 × Resolved, suppressed by aks-notices-resolved." in shown.out
    assert "8 events: 8 notified once, 0 repeated, 0 to nobody." in shown.out
    assert re.search(r"  Scheduled · 2026-12-08T\d\d:\d\dZ  ", shown.out)
    _, document = answer("--terraform", terraform_file, *START)
    assert {one["condition"] for one in document["notifications"]} == {"Fired"}


def test_rules_that_are_not_ours_are_evaluated_or_reported(terraform_file, terraform_document):
    rules = terraform_document["resource"][RULE]
    ours = next(iter(rules.values()))
    for name, query in (
        ("logs", "AzureActivity | where Level == 'Error'"),
        ("expression", 'arg("").containerserviceeventresources | where id startswith "${var.cluster}"'),
        ("unknown", 'arg("").containerserviceeventresources | project-reorder id'),
        (
            "counted",
            'arg("").containerserviceeventresources | where todatetime(properties.lastUpdateTime) > ago(15m) | summarize n = count() by type',
        ),
    ):
        rules[name] = ours | {"name": name, "criteria": [ours["criteria"][0] | {"query": query, "dimension": []}]}
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    _, document = answer("--terraform", terraform_file, *START)
    assert {one["rule"] for one in document["notifications"]} >= {ours["name"], "counted"}
    assert [(one["rule"], one["reason"][:48]) for one in document["not_evaluated"]] == [
        ("expression", "its query is a Terraform expression, which only "),
        ("logs", "its query is not over Azure Resource Graph: it h"),
        ("unknown", "its query uses project-reorder in line 1, which "),
    ]


def test_nothing_that_moves_the_cursor_reaches_the_terminal(terraform_file, tmp_path):
    events = written(tmp_path, "events.json", [event("a\x1b[2Jb", "Sched\x1b]0;x\x07")])
    shown = run("rehearse", "--terraform", terraform_file, "--events", events)
    assert "\x1b" not in shown.out
    assert "Sched\\x1b" in shown.out


def test_a_processing_rules_name_is_escaped_where_it_is_shown(terraform_file, terraform_document):
    (rule,) = terraform_document["resource"]["azurerm_monitor_alert_processing_rule_suppression"].values()
    rule["name"] = "quiet\x1b[2J"
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    shown = run("rehearse", "--terraform", terraform_file, *START)
    assert "Resolved, suppressed by quiet\\x1b[2J." in shown.out
    assert "\x1b" not in shown.out


def test_a_group_known_by_its_id_alone_is_shown_with_unknown_receivers(terraform_file, terraform_document):
    elsewhere = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag-on-call"
    for rule in terraform_document["resource"][RULE].values():
        rule["action"]["action_groups"] = [elsewhere]
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    shown = run("rehearse", "--terraform", terraform_file, *START)
    assert shown.status == 0
    assert "ag-on-call (its receivers" in shown.out
    status, document = answer("--terraform", terraform_file, *START)
    assert status == 0
    assert {(one["action_group"], len(one["receivers"])) for one in document["notifications"]} == {("ag-on-call", 0)}


def test_a_digest_is_said_in_words_and_cut_where_it_is_long():
    dimensions = {
        "status": "Completed",
        "hour": "2026-12-01T21:00Z",
        "plannedTime": "-",
        "events": "40",
        "clusters": ", ".join(f"cluster-{number:02}" for number in range(40)),
    }
    one = Notification(
        datetime(2026, 12, 1, tzinfo=UTC), "rule", "production", ("a", "b"), dimensions, 3, "Fired", "ag", None
    )
    said = says(one)
    assert said.startswith("Completed · hour 2026-12-01T21:00Z · events: 40 · cluster-00, cluster-01, ")
    assert said.endswith(" …")
    assert len(said) < 400
