"""The page that rehearse --html writes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from cli_support import run
from test_cli_rehearse import RULE, START, event, written


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
    assert ">Nobody was notified of 1 event<" in text
    assert text.index("Nobody was notified of") < text.index("<h2>prod</h2>")


def test_the_page_says_what_it_is_of_and_has_a_legend(terraform_file, tmp_path):
    page = tmp_path / "page.html"
    run("rehearse", "--terraform", terraform_file, *START, "--story", "failure", "--html", page)
    text = page.read_text(encoding="utf-8")
    assert f"<p>{terraform_file}, stack production</p>" in text
    assert "1 December 2026 to " in text
    legend = re.search(r'<ul class="legend">(.*?)</ul>', text, re.DOTALL)[1]
    assert re.findall(r"</svg> ([^<]+)<", legend) == ["Scheduled", "Started", "Completed", "Failed", "notification"]


def test_each_status_has_a_shape_and_a_colour_of_its_own():
    from aks_communication_manager.cli.rehearse_page import _STATUSES, _STYLE

    assert len({path for _, path, _ in _STATUSES.values()}) == len(_STATUSES)
    named = [re.search(rf"svg \.{kind} {{ (?:fill|stroke): [^;}}]*", _STYLE) for kind in _STATUSES]
    assert all(named)
    for scheme in _STYLE.split("prefers-color-scheme")[:2]:
        colours = re.findall(r"--(?:started|completed|canceled|failed|support): (#\w+)", scheme)
        assert len(set(colours)) == 5


def test_suppressed_notifications_are_behind_a_toggle(terraform_file, tmp_path):
    page = tmp_path / "page.html"
    run("rehearse", "--terraform", terraform_file, *START, "--html", page)
    text = page.read_text(encoding="utf-8")
    assert text.count("<summary>1 suppressed: Resolved</summary>") == 8
    assert all("(resolved)" in block for block in re.findall(r"<summary>1 suppressed.*?</details>", text, re.DOTALL))


def test_an_event_that_no_rule_asks_for_is_not_an_alarm(terraform_file, terraform_document, tmp_path):
    rules = terraform_document["resource"][RULE]
    del rules[next(key for key in rules if "node-os" in key)]
    terraform_file.write_text(json.dumps(terraform_document), encoding="utf-8")
    page = tmp_path / "page.html"
    assert run("rehearse", "--terraform", terraform_file, *START, "--html", page).status == 0
    text = page.read_text(encoding="utf-8")
    assert 'class="alarm"' not in text
    assert 'class="ring"' not in text
    assert text.count('<p class="badge none">Notified: nobody: no rule asks for it</p>') == 4
    assert '<dt>not asked for</dt><dd class="none">4</dd>' in text
