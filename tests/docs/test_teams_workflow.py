"""The workflow for Teams, checked by its structure: no package has the schema of workflow definitions (2016-06-01)."""

from __future__ import annotations

import json
import re

from tests.docs.blocks import ROOT, all_blocks

WORKFLOW = json.loads((ROOT / "examples/teams-workflow.json").read_text(encoding="utf-8"))


def test_the_workflow_has_the_parts_of_a_definition():
    assert set(WORKFLOW) == {"$schema", "contentVersion", "parameters", "triggers", "actions", "outputs"}
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", WORKFLOW["contentVersion"])
    [trigger] = WORKFLOW["triggers"].values()
    assert (trigger["type"], trigger["kind"]) == ("Request", "Http")


def test_each_action_runs_after_actions_that_there_are():
    states = {"Succeeded", "Failed", "Skipped", "TimedOut"}
    for name, action in WORKFLOW["actions"].items():
        assert set(action) == {"type", "runAfter", "inputs"}
        assert set(action["runAfter"]) <= set(WORKFLOW["actions"]) - {name}
        assert all(set(after) <= states for after in action["runAfter"].values())


def test_expressions_name_parameters_and_actions_that_there_are():
    text = json.dumps(WORKFLOW["actions"])
    assert set(re.findall(r"parameters\('([^']+)'\)", text)) == set(WORKFLOW["parameters"])
    assert set(re.findall(r"body\('([^']+)'\)", text)) <= set(WORKFLOW["actions"])


def test_the_workflow_reads_the_dimensions_of_the_common_alert_schema():
    path = re.findall(r"\['(\w+)'\]", WORKFLOW["actions"]["dimensions"]["inputs"]["from"])
    assert path == ["data", "alertContext", "condition", "allOf", "dimensions"]


def test_the_page_shows_the_workflow():
    [shown] = [block for block in all_blocks("json") if block.page == ROOT / "docs/use/teams-and-slack.md"]
    assert json.loads(shown.text) == WORKFLOW
