"""Two stacks as Terraform and the real provider leave them, and then broken one thing at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.azure_room.commands import Ran, Run, ago, write
from tests.azure_room.stack import RULES
from tests.azurerm.prepared import VERSION, cache, for_version
from tests.stand_in import samples
from tests.stand_in.authorization import ASSIGNMENTS
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.records import upgrade
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, GROUP, SUBSCRIPTION
from tests.stand_in.terraform import Terraform, unavailable

pytestmark = pytest.mark.azurerm

ROOT = Path(__file__).resolve().parents[2]
ESTATE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-estate"
SHARED = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks-notices"
FIRST = f"{RULES}/cluster-auto-upgrade-prod@rg-aks"


def deploy(azure: AzureEndpoint, folder: Path, provider: Path) -> dict[str, Terraform]:
    """Synthesises the config as a pipeline does, and applies both stacks at once. Terraform, by stack."""
    environment = {**os.environ, "CDKTF_OUTDIR": str(folder / "cdktf.out")}
    subprocess.run([sys.executable, str(ROOT / "main.py")], cwd=folder, env=environment, check=True)
    started: list[tuple[Terraform, subprocess.Popen[str]]] = []
    for directory in sorted((folder / "cdktf.out" / "stacks").iterdir()):
        written = directory / "cdk.tf.json"
        written.write_text(json.dumps(for_version(json.loads(written.read_text()))))
        terraform = Terraform(directory, azure.environment(SUBSCRIPTION))
        terraform.init(VERSION, provider)
        process = terraform.start("apply", "-auto-approve", "-no-color", "-parallelism=50")
        started.append((terraform, process))
    for terraform, process in started:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        assert terraform.plan() == []
    return {terraform.directory.name: terraform for terraform, _ in started}


@pytest.fixture
def deployed(
    azure: AzureEndpoint, run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Terraform]:
    """One stack over a cluster with an identity for each rule, one over a resource group with an identity for all."""
    provider = cache(tmp_path_factory.getbasetemp().parent / "azurerm")
    if reason := unavailable(VERSION, provider):
        pytest.fail(reason)
    azure.seed_cluster(f"{ESTATE}/providers/Microsoft.ContainerService/managedClusters/dev")
    write(
        tmp_path,
        production={},
        estate={
            "scopes": [ESTATE],
            "identity": "user-assigned",
            "action_group": {"name": "ag-estate", "short_name": "estate", "receivers": [receiver("team")]},
        },
    )
    return deploy(azure, tmp_path, provider)


def receiver(name: str) -> dict[str, str]:
    return {"type": "email", "name": name, "email_address": f"{name}@example.com"}


def found(ran: Ran) -> list[tuple[str, str, str, str]]:
    """Rows that are not fine, of all stacks, without those about addresses, which are never known to be."""
    return [
        (finding["subject"], finding["check"], finding["verdict"], finding["text"])
        for stack in ran.json["stacks"]
        for finding in stack["findings"]
        if finding["verdict"] != "ok" and finding["check"] != "addresses"
    ]


def identity_removed(azure: AzureEndpoint) -> None:
    azure.resources.remove(SHARED)


def reader_removed(azure: AzureEndpoint) -> None:
    principal = azure.resources[FIRST]["identity"]["principalId"]
    for one in azure.resources.of_type(ASSIGNMENTS):
        if one["properties"]["principalId"] == principal:
            azure.resources.remove(one["id"])


def changed(identifier: str, **properties: Any) -> Callable[[AzureEndpoint], None]:
    def change(azure: AzureEndpoint) -> None:
        resource = azure.resources[identifier]
        resource["properties"] |= properties
        azure.resources.keep(resource)

    return change


def receiver_disabled(azure: AzureEndpoint) -> None:
    group = azure.resources[ACTION_GROUP]
    group["properties"]["emailReceivers"][0]["status"] = "Disabled"
    azure.resources.keep(group)


def suppressed(azure: AzureEndpoint) -> None:
    identifier = f"{GROUP}/providers/Microsoft.AlertsManagement/actionRules/maintenance"
    body = samples.suppression(scopes=[f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks"], conditions=[])
    kind = "Microsoft.AlertsManagement/actionRules"
    azure.resources.keep({"id": identifier, "name": "maintenance", "type": kind, **body})


BROKEN: list[tuple[Callable[[AzureEndpoint], None], tuple[str, str, str, str]]] = [
    (
        identity_removed,
        (
            "id-aks-notices",
            "identity",
            "wrong",
            "does not exist, or this login cannot see it; rules that use it never fire",
        ),
    ),
    (
        reader_removed,
        (
            "cluster-auto-upgrade-prod@rg-aks",
            "Reader",
            "wrong",
            "its identity may not read the cluster prod, so it never fires",
        ),
    ),
    (changed(FIRST, enabled=False), ("cluster-auto-upgrade-prod@rg-aks", "rule", "wrong", "is disabled")),
    (
        receiver_disabled,
        (
            "ag-aks-notices",
            "action group",
            "wrong",
            "every receiver is disabled (platform-team), so nobody is notified",
        ),
    ),
    (
        suppressed,
        (
            "maintenance",
            "processing rules",
            "wrong",
            "suppresses every alert of 2 rules (cluster-auto-upgrade-prod@rg-aks, …), so nobody is notified; disabled, it lets "
            "all other alerts through too",
        ),
    ),
]


@pytest.fixture
def restore(azure: AzureEndpoint) -> Callable[[], None]:
    kept: dict[str, Any] = {}

    def restore() -> None:
        if not kept:
            kept.update({identifier: azure.resources[identifier] for identifier in azure.resources})
        for identifier in list(azure.resources):
            azure.resources.remove(identifier)
        for resource in kept.values():
            azure.resources.keep(resource)

    return restore


def test_what_breaks_after_an_apply_is_found_by_the_command_whose_task_it_is(
    azure: AzureEndpoint, deployed: dict[str, Terraform], run: Run, tmp_path: Path, restore: Callable[[], None]
):
    restore()
    assert (found(run("status", "--json")), run("status").status) == ([], 0)
    assert (found(run("preflight", "--json")), run("preflight").status) == ([], 0)

    for break_it, finding in BROKEN:
        break_it(azure)
        ran = run("status", "--json")
        assert (ran.status, found(ran)) == (1, [finding])
        restore()

    azure.seed_cluster(CLUSTER, channel="none")
    ran = run("preflight", "--json")
    assert ran.status == 1
    assert [row[:3] for row in found(ran)] == [("prod@rg-aks", "cluster-auto-upgrade", "wrong")]
    assert run("status").status == 0  # the alerts are alive; there is only nothing that could fire them
    azure.seed_cluster(CLUSTER, channel=None, node_os_channel=None)
    silence = run("events", "--stack", "production")
    assert (silence.status, silence.out) == (0, "")
    assert silence.err.startswith("The cluster has no auto-upgrade channel, so Azure announces nothing")
    restore()

    azure.graph.publish(CLUSTER, "one", upgrade(lastUpdateTime=ago(hours=2)))
    dev = f"{ESTATE}/providers/Microsoft.ContainerService/managedClusters/dev"
    azure.graph.publish(dev, "two", upgrade("NodeOSUpgrade", "Failed", lastUpdateTime=ago(hours=1)))
    assert [one["name"] for one in run("events", "--json").json["events"]] == ["two", "one"]
    assert [one["name"] for one in run("events", "--json", "--stack", "production").json["events"]] == ["one"]
    assert [one["status"] for one in run("events", "--json", "--since", "PT90M").json["events"]] == ["Failed"]
    azure.rights.roles = [(GROUP, "Owner")]
    no_rights = run("events")
    assert (no_rights.status, no_rights.out) == (0, "")
    assert no_rights.err.startswith("Azure Resource Graph shows this login no cluster in these scopes")
    assert json.loads(run("events", "--json").out)["events"] == []

    azure.rights.roles = [("", "Owner")]
    assert rehearsed(deployed["production"], run, tmp_path) == (0, True)
    changed(FIRST, enabled=False)(azure)
    assert rehearsed(deployed["production"], run, tmp_path) == (1, False)


def rehearsed(terraform: Terraform, run: Run, folder: Path) -> tuple[int, bool]:
    """How a rehearsal of what is deployed now ends, and whether somebody was notified of every event."""
    terraform.run("apply", "-refresh-only", "-auto-approve", "-no-color")
    state = folder / "state.json"
    state.write_text(terraform.run("show", "-json"))
    ran = run("rehearse", "--terraform", str(state), "--json")
    return ran.status, all(event["notified"] for event in ran.json["events"])
