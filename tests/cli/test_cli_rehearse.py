"""The command rehearse: what it prints, its exit statuses, its page."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser

import pytest
from cli_support import run

PROD = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
    "/providers/Microsoft.ContainerService/managedClusters/prod"
)
RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
START = ("--start", "2026-12-01")


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


def test_the_default_story_is_heard_once_of_each_event(terraform_file):
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
                    "dimensions": {"status": "Scheduled", "eventName": "a", "plannedTime": ""},
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
    shown = run("rehearse", "--terraform", terraform_file, "--story", "end-of-support", *START)
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


def test_a_config_that_is_newer_than_what_was_synthesised_is_remarked_on(tmp_path, monkeypatch, terraform_document):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    monkeypatch.delenv("COMMUNICATION_MANAGER_CONFIG", raising=False)
    folder = tmp_path / "cdktf.out" / "stacks" / "production"
    folder.mkdir(parents=True)
    os.utime(written(folder, "cdk.tf.json", terraform_document), (0, 0))
    written(tmp_path, "communication-manager.yaml", "stacks: {}")
    shown = run("rehearse", *START)
    assert shown.status == 0
    assert (
        shown.err
        == "communication-manager.yaml is newer than cdktf.out/stacks: run synth to rehearse what it says now.\n"
    )


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


def test_resolved_messages_of_our_rules_are_suppressed_and_each_event_is_reported_once(terraform_file):
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
        ("unknown", "the KQL engine cannot run its query: unsupported"),
    ]


def test_nothing_that_moves_the_cursor_reaches_the_terminal(terraform_file, tmp_path):
    events = written(tmp_path, "events.json", [event("a\x1b[2Jb", "Sched\x1b]0;x\x07")])
    shown = run("rehearse", "--terraform", terraform_file, "--events", events)
    assert "\x1b" not in shown.out
    assert "Sched\\x1b" in shown.out


class _Checked(HTMLParser):
    """Notes what a page loads, and whether its tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.problems = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "link", "img", "iframe") or any(
            name in ("src", "href", "onload") for name, _ in attributes
        ):
            self.problems.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"/{tag}")

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_loads_nothing_and_escapes_everything(terraform_file, terraform_document, tmp_path):
    evil = '<script>alert("1")</script>&'
    rules = terraform_document["resource"][RULE]
    next(iter(rules.values()))["name"] = evil
    groups = terraform_document["resource"]["azurerm_monitor_action_group"]
    next(iter(groups.values()))["email_receiver"][0]["name"] = evil
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    events = written(tmp_path, "events.json", [event(evil.replace("/", "")), event("b", evil)])
    page = tmp_path / "page.html"
    shown = run("rehearse", "--terraform", terraform_file, "--events", events, "--html", page)
    assert shown.status == 0
    text = page.read_text(encoding="utf-8")
    checked = _Checked()
    checked.feed(text)
    checked.close()
    assert (checked.problems, checked.open) == ([], [])
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 5
    assert "@import" not in text
    assert "http" not in re.sub(r'http-equiv="Content-Security-Policy"', "", text)


def test_the_page_says_of_each_event_who_was_notified(terraform_file, tmp_path):
    late = event("late", visibleAt="2026-12-01T17:00:00Z")
    events = written(tmp_path, "events.json", [event(), late])
    page = tmp_path / "page.html"
    assert run("rehearse", "--terraform", terraform_file, "--events", events, "--html", page).status == 1
    text = page.read_text(encoding="utf-8")
    assert "<h2>prod</h2>" in text
    assert text.count(">Notified: once<") == 1
    assert text.count(">Notified: nobody<") == 1
    assert "→ email platform-team" in text


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
