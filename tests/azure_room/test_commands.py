"""The commands as a person runs them: what they print, where, and how they end."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from aks_communication_manager.azure.stack_ids import Referenced, StackIds
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.plan.resources import ProcessingRule
from tests.azure_room.commands import Ran, Run, ago, write
from tests.azure_room.stack import RULES, WHOLE, change, deploy
from tests.stand_in.container_service import NODE_OS_WINDOW
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.faults import refused, too_many_requests
from tests.stand_in.records import upgrade
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, IDENTITY, SUBSCRIPTION

ROOT = Path(__file__).resolve().parents[2]


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


# preflight


def test_preflight_prints_fixes_below_its_table(azure: AzureEndpoint, run: Run):
    azure.seed_cluster(CLUSTER, channel="none", windows=(NODE_OS_WINDOW,))
    ran = run("preflight")
    assert (ran.status, ran.err) == (1, "")
    assert lines(ran.out) == [
        "production",
        "",
        "     What                         Check                  Found                                                      Fix",
        " " + "─" * 118,
        " ✓   subscription                 state                  11111111-1111-1111-1111-111111111111 (A subscription of",
        "                                                         the tests) is enabled",
        " ✓   rg-aks-notices               resource group         exists in westeurope",
        " ✗   prod@rg-aks                  cluster-auto-upgrade   the channel is none, so Azure announces nothing (it          1",
        "                                                         upgrades the version only when that is about to fall out",
        "                                                         of support); set it to patch or stable or rapid",
        " !   prod@rg-aks                  cluster-auto-upgrade   no maintenance window aksManagedAutoUpgradeSchedule,         2",
        "                                                         which Microsoft requires for these notices; create it at",
        "                                                         least 24 hours before its first start, as Microsoft asks",
        " ✓   prod@rg-aks                  node-os-auto-upgrade   channel NodeImage, maintenance window",
        "                                                         aksManagedNodeOSUpgradeSchedule",
        " ✓   prod@rg-aks                  version                Kubernetes 1.33.1 is supported (KubernetesOfficial)",
        " ✓   Microsoft.AlertsManagement   resource provider      registered",
        " ✓   Microsoft.ContainerService   resource provider      registered",
        " ✓   Microsoft.Insights           resource provider      registered",
        " ✓   rg-aks-notices               rights                 this login may write alert rules, action groups, alert",
        "                                                         processing rules and activity log alerts",
        " ✓   subscription                 rights                 this login may write role assignments",
        " ✓   rg-aks                       rights                 this login may write role assignments",
        " ✓   alert rules                  names                  all are free",
        " !   ag-aks-notices               addresses              new here: platform-team; each address that is new in",
        "                                                         this tenant gets a code by e-mail and has 30 minutes",
        "                                                         from the apply to confirm it, or no mail arrives",
        " ✓   subscription                 role assignments       0 of 4,000 role assignments exist, 4 more are needed",
        "",
        f"  1  az aks update --subscription {SUBSCRIPTION} --resource-group rg-aks --name prod --auto-upgrade-channel patch",
        f"  2  az aks maintenanceconfiguration add --subscription {SUBSCRIPTION} --resource-group rg-aks --cluster-name prod "
        "--name aksManagedAutoUpgradeSchedule --schedule-type Weekly --day-of-week Saturday --interval-weeks 1 "
        "--start-time 00:00 --duration 8",
        "",
        "12 fine, 2 to look at, 1 wrong",
    ]


def test_preflight_without_findings_prints_one_json_document(run: Run):
    ran = run("preflight", "--json")
    assert (ran.status, ran.err) == (0, "")
    (stack,) = ran.json["stacks"]
    assert (ran.json["config"], stack["name"]) == ("communication-manager.yaml", "production")
    assert {finding["check"] for finding in stack["findings"] if finding["verdict"] != "ok"} == {"addresses"}
    assert stack["findings"][1] == {
        "subject": "rg-aks-notices",
        "check": "resource group",
        "verdict": "ok",
        "text": "exists in westeurope",
        "fix": "",
    }


def test_a_long_table_counts_what_is_fine(azure: AzureEndpoint, run: Run, tmp_path: Path):
    for number in range(30):
        azure.seed_cluster(CLUSTER.replace("prod", f"c{number}"), channel="none" if number == 7 else "patch")
    write(tmp_path, production={"scopes": [CLUSTER_GROUP]})
    ran = run("preflight")
    rows = [line for line in lines(ran.out) if line.startswith((" ✓", " !", " ✗"))]
    assert ran.status == 1
    assert [row[:17] for row in rows] == [" ✗   c7@rg-aks   ", " !   ag-aks-notic"]
    assert lines(ran.out)[-1] == "102 fine, 1 to look at, 1 wrong"


# status


def test_status_finds_the_dead_alert(azure: AzureEndpoint, run: Run):
    deploy(azure, compile_config(Path("communication-manager.yaml")).checked()[0])
    assert run("status").status == 0
    change(azure, f"{RULES}/cluster-auto-upgrade-prod@rg-aks", enabled=False)
    ran = run("status")
    assert (ran.status, ran.err) == (1, "")
    assert " ✗   cluster-auto-upgrade-prod@rg-aks   rule               is disabled" in ran.out
    assert lines(ran.out)[-4] == "  1  cdktf deploy production"
    assert lines(ran.out)[-1] == "4 fine, 1 to look at, 1 wrong"


def test_each_stack_has_its_table_and_one_can_be_chosen(azure: AzureEndpoint, run: Run, tmp_path: Path):
    azure.seed_cluster(f"{CLUSTER}-2")
    other = {"scopes": [f"{CLUSTER}-2"], "name_prefix": "x-", "action_group": {"id": ACTION_GROUP}}
    write(tmp_path, production={}, test=other)
    assert [stack["name"] for stack in run("status", "--json").json["stacks"]] == ["production", "test"]
    assert [stack["name"] for stack in run("status", "--json", "--stack", "test").json["stacks"]] == ["test"]


HOSTILE = "\x1b[2J\x9b31m\u202ereversed\u200b\nforged row"


def test_texts_of_azure_move_no_cursor_and_forge_no_row(azure: AzureEndpoint, run: Run):
    azure.graph.publish(CLUSTER, "one", upgrade(description=HOSTILE, eventStatus=HOSTILE, lastUpdateTime=ago(hours=1)))
    change(azure, CLUSTER, currentKubernetesVersion=HOSTILE, supportPlan=HOSTILE)
    for arguments in (["events"], ["events", "--json"], ["preflight"], ["preflight", "--json"]):
        ran = run(*arguments)
        assert (ran.out + ran.err).replace("\n", "").isprintable(), arguments
        assert not any(line.startswith("forged row") for line in ran.out.splitlines())


@pytest.mark.parametrize("command", ["preflight", "status", "events"])
@pytest.mark.parametrize("timeout", ["5", "PT0S", "P1D", "PT61M"])
def test_a_timeout_is_between_a_second_and_an_hour(run: Run, command: str, timeout: str):
    ran = run(command, "--timeout", timeout)
    assert (ran.status, ran.out) == (2, "")
    assert "--timeout" in ran.err


def test_a_command_that_cannot_go_on_ends_with_status_2(azure: AzureEndpoint, run: Run):
    azure.on_request(lambda request: refused(200, "") if request.path.startswith("/subscriptions/") else None)
    for command in ("preflight", "status"):
        ran = run(command)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("Azure: Azure answered a request for /subscriptions/")
        assert ran.err.count("\n") == 1


def test_an_answer_of_one_check_that_is_something_else_is_a_row(azure: AzureEndpoint, run: Run):
    azure.on_request(lambda request: refused(200, "") if "maintenanceConfigurations" in request.path else None)
    ran = run("preflight", "--json")
    assert ran.status == 1
    (stack,) = ran.json["stacks"]
    (row,) = [finding for finding in stack["findings"] if finding["verdict"] == "wrong"]
    assert (row["subject"], row["check"], row["verdict"]) == ("prod@rg-aks", "maintenance windows", "wrong")
    assert row["text"].startswith("could not be checked: Azure answered a request for ")


# Wrong use, wrong config, no access: exit status 2, nothing on stdout


def test_an_unknown_stack_is_refused_with_those_that_exist(run: Run):
    for command in ("preflight", "status", "events"):
        ran = run(command, "--stack", "prodution")
        assert (ran.status, ran.out) == (2, "")
        assert ran.err == (
            '--stack: "prodution" is not a stack of communication-manager.yaml [ACM016]\n    Its stack is production.\n'
        )


def test_a_wrong_config_is_refused_before_azure_is_asked(azure: AzureEndpoint, run: Run, tmp_path: Path):
    write(tmp_path, production={"severity": 7})
    ran = run("preflight")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("communication-manager.yaml: 1 mistake\n\n  stacks.production.severity")
    assert azure.requests == []


@pytest.mark.parametrize("command", ["preflight", "status", "events"])
def test_where_azure_cannot_be_asked_one_line_says_why(azure: AzureEndpoint, run: Run, command: str, monkeypatch: Any):
    azure.fail("*", "/providers/|/subscriptions/", too_many_requests(3600), times=None)
    ran = run(command, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "Azure: Azure limits the number of requests and refused one more. Please wait 3600 seconds and run it again.\n"
    )
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    ran = run(command)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Azure: The login was refused (AADSTS7000215: Invalid client secret provided).")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", ["preflight", "status", "events"])
def test_without_the_extra_a_command_says_which_one_to_install(run: Run, command: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "azure.core", None)
    monkeypatch.delitem(sys.modules, "aks_communication_manager.azure.connection")
    ran = run(command)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "azure is not installed. Install this package with its extra [azure].\n"


# events


@pytest.fixture
def published(azure: AzureEndpoint) -> AzureEndpoint:
    azure.graph.publish(CLUSTER, "old", upgrade(lastUpdateTime="2026-06-01T10:00:00Z"))
    failed = upgrade("NodeOSUpgrade", "Failed", lastUpdateTime="2026-06-02T10:00:00Z", scheduledTime=...)
    azure.graph.publish(CLUSTER, "failed", failed)
    azure.graph.publish(CLUSTER, "recent", upgrade(lastUpdateTime=ago(hours=1)))
    return azure


def test_events_prints_the_newest_first(published: AzureEndpoint, run: Run):
    ran = run("events")
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split("  ") for line in lines(ran.out) if "prod" in line]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows][1:] == [
        [
            "2026-06-02 10:00",
            "prod",
            "node-os-auto-upgrade",
            "Failed",
            "not set",
            "Auto upgrade maintenance event.",
        ],
        [
            "2026-06-01 10:00",
            "prod",
            "cluster-auto-upgrade",
            "Scheduled",
            "2026-06-22 22:00",
            "Auto upgrade maintenance event.",
        ],
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["recent", "failed", "old"]),
        (("--since", "PT2H"), ["recent"]),
        (("--since", "2026-06-02"), ["recent", "failed"]),
        (("--since", "2026-06-02T12:30+02:00"), ["recent"]),
        (("--status", "failed"), ["failed"]),
        (("--status", "Failed", "--status", "scheduled", "--since", "2026-06-02T00:00Z"), ["recent", "failed"]),
    ],
)
def test_events_are_filtered(published: AzureEndpoint, run: Run, options: tuple[str, ...], names: list[str]):
    ran = run("events", "--json", *options)
    assert ran.status == 0
    assert [event["name"] for event in ran.json["events"]] == names
    assert ran.json["explanation"] is None


def test_filters_that_leave_nothing_say_so_on_stderr(published: AzureEndpoint, run: Run):
    ran = run("events", "--status", "Started")
    assert (ran.status, ran.out, ran.err) == (0, "", "All 3 events are left out by --since or --status.\n")


def test_no_event_at_all_is_explained(azure: AzureEndpoint, run: Run):
    azure.seed_cluster(CLUSTER, channel=None, node_os_channel=None)
    why = (
        "The cluster has no auto-upgrade channel, so Azure announces nothing: "
        "`aks-communication-manager preflight` says more."
    )
    assert run("events") == Ran(0, "", f"{why}\n")
    assert run("events", "--json").json == {"events": [], "explanation": why}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            ("--since", "yesterday"),
            'Invalid value for --since: "yesterday" is not a time; write it as P7D, PT12H, 2026-12-01 or 2026-12-01T08:00Z.',
        ),
        (("--since", "0001-01-01T00:00+14:00"), 'Invalid value for --since: "0001-01-01T00:00+14:00" is not a time;'),
        (("--since", "P7"), 'Invalid value for --since: "P7" is not a time;'),
        (("--status", "Broken"), "'Broken' is not one of 'scheduled', 'started', 'completed', 'canceled', 'failed'."),
        (("--watch",), "Invalid value for --watch: it needs a terminal; leave it out, or run --json in a loop."),
        (("--watch", "--json"), "Invalid value for --watch: --json prints once; leave out one of them."),
    ],
)
def test_wrong_options_of_events_are_refused(run: Run, options: tuple[str, ...], problem: str):
    ran = run("events", *options)
    assert (ran.status, ran.out) == (2, "")
    assert problem in " ".join(ran.err.split())


def test_a_long_table_of_events_ends_with_the_number_of_the_rest(azure: AzureEndpoint, run: Run):
    for number in range(1205):
        azure.graph.publish(CLUSTER, f"{number}", upgrade())
    ran = run("events")
    assert sum("prod" in line for line in lines(ran.out)) == 200
    assert ran.err == "and 1,005 older events: --json has all of them\n"
    assert len(run("events", "--json").json["events"]) == 1205


_TEN_TIMES_AS_FAST = """
import sys, time
sleep, sys.argv = time.sleep, ["aks-communication-manager", "events", "--watch", "--interval", "5"]
time.sleep = lambda seconds: sleep(seconds / 10)
from aks_communication_manager.cli.main import main
main()
"""


@pytest.mark.long
def test_watch_shows_new_events_and_survives_throttling_until_interrupted(
    published: AzureEndpoint, run: Run, tmp_path: Path
):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "constructs"), "COLUMNS": "120", "LINES": "40"}
    process = subprocess.Popen(
        [sys.executable, "-c", _TEN_TIMES_AS_FAST], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment
    )
    os.close(theirs)
    seen = ""

    def wait_for(text: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 30
        while text not in seen:
            assert time.monotonic() < deadline, seen
            seen += os.read(ours, 65536).decode(errors="replace")

    try:
        wait_for("again every 5 seconds; Ctrl-C ends it")
        assert "Completed" not in seen
        seen = ""
        throttled = published.fail("POST", "ResourceGraph", too_many_requests(3600))
        wait_for("Azure limits the number of requests and refused one more; trying again every 5 seconds")
        assert throttled.hits == 1
        assert "Failed" in seen  # what was there stays there
        published.graph.publish(CLUSTER, "new", upgrade(status="Completed", lastUpdateTime=ago(minutes=1)))
        wait_for("Completed")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == (None, b"")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


# From the config to what Azure is asked about


def expected(folder: Path, **keys: Any) -> StackIds:
    write(folder, production=keys)
    (stack,) = compile_config(folder / "communication-manager.yaml").checked()
    return StackIds(stack)


def test_system_assigned_identities_read_resource_group_and_subscription(tmp_path: Path):
    stack = expected(tmp_path)
    assert [rule.id for rule in stack.plan.alert_rules] == [
        f"{RULES}/cluster-auto-upgrade-prod@rg-aks",
        f"{RULES}/node-os-auto-upgrade-prod@rg-aks",
    ]
    assert {stack.readers_of(rule) for rule in stack.plan.alert_rules} == {(CLUSTER_GROUP, WHOLE)}
    assert stack.identities == ()
    assert stack.action_groups == (Referenced(ACTION_GROUP, True),)
    assert {str(scope): sorted(notices) for scope, notices in stack.watched.items()} == {
        CLUSTER: ["cluster-auto-upgrade", "node-os-auto-upgrade"]
    }
    assert stack.assignments == {
        (rule.id, scope) for rule in stack.plan.alert_rules for scope in (CLUSTER_GROUP, WHOLE)
    }


def test_the_stacks_own_processing_rule_is_expected_where_it_is_created(tmp_path: Path):
    own = f"{GROUP}/providers/Microsoft.AlertsManagement/actionRules/aks-notices-resolved"
    assert [rule.id for rule in expected(tmp_path).plan.of(ProcessingRule)] == [own]


def test_rules_that_share_an_identity_share_its_assignments(tmp_path: Path):
    stack = expected(tmp_path, identity="user-assigned", scopes=[CLUSTER, f"{CLUSTER}-2"])
    assert stack.identities == (Referenced(IDENTITY, True),)
    assert stack.assignments == {(IDENTITY, CLUSTER_GROUP), (IDENTITY, WHOLE)}


def test_what_is_referred_to_is_not_created(tmp_path: Path):
    group = ACTION_GROUP.replace("rg-aks-notices", "rg-shared")
    stack = expected(tmp_path, identity={"id": IDENTITY}, reader_scopes=[], action_group={"id": group})
    assert stack.action_groups == (Referenced(group, created=False),)
    assert stack.identities == (Referenced(IDENTITY, created=False),)
    assert stack.assignments == frozenset()


def test_routes_bring_action_groups_of_their_own(tmp_path: Path):
    on_call = ACTION_GROUP.replace("ag-aks-notices", "ag-on-call")
    stack = expected(tmp_path, routes=[{"statuses": ["Failed"], "severity": 1, "action_group": {"id": on_call}}])
    assert {group.id: group.created for group in stack.action_groups} == {ACTION_GROUP: True, on_call: False}
    assert {(rule.severity, *map(stack.id_of, rule.action_groups)) for rule in stack.plan.alert_rules} == {
        (1, on_call),
        (3, ACTION_GROUP),
    }


def test_a_rule_that_is_taken_over_keeps_its_id(tmp_path: Path):
    by_hand = f"{RULES}/cluster-auto-upgrade-prod@rg-aks"
    adopt = [{"scope": CLUSTER, "notice": "cluster-auto-upgrade", "rule": by_hand}]
    first, second = expected(tmp_path, adopt=adopt).plan.alert_rules
    assert (first.id, str(first.import_id), second.import_id) == (by_hand, by_hand, None)
