"""Writes the output in the ``console`` blocks of README and docs anew: ``PYTHONPATH=constructs:. python tools/write_console_blocks.py``.

A line that begins with ``$ `` is a command; what follows it is what it prints. The commands of a page run in one folder, in
their order, with the shipped config and the examples in it. After ``console`` may come the exit status of the last command, if it is not 0, and
``azure=<scene>``: then the command asks the tests' stand-in for Azure, in which that scene is set.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.azure_room.stack import change, deploy
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.records import upgrade
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, GROUP, SUBSCRIPTION

from aks_communication_manager.compiler import compile_config

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
COLUMNS = "100"
PRINCIPAL = "33333333-3333-3333-3333-333333333333"
COMMAND = "aks-communication-manager"

_BLOCK = re.compile(r"^```console(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """The pages that have such blocks."""
    return [page for page in PAGES if _BLOCK.search(page.read_text(encoding="utf-8"))]


def rewritten(page: Path) -> str:
    """The page, with what its commands print now. Raises `RuntimeError` where one ends otherwise than it says."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "communication-manager.yaml", folder)
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        return _BLOCK.sub(lambda block: _played(block, Path(folder)), page.read_text(encoding="utf-8"))


def _played(block: re.Match[str], folder: Path) -> str:
    words = block["words"].split()
    scene = next((word.removeprefix("azure=") for word in words if word.startswith("azure=")), None)
    status = next((int(word) for word in words if word.isdecimal()), 0)
    with ExitStack() as stack:
        environment = _environment()
        if scene:
            azure = stack.enter_context(AzureEndpoint(retry_after=0))
            SCENES[scene](azure, folder)
            environment |= azure.environment(SUBSCRIPTION)
        lines = []
        commands = re.findall(r"^\$ (.*)$", block["text"], re.MULTILINE)
        for command in commands:
            lines += [f"$ {command}", *_run(command, folder, environment, status if command == commands[-1] else 0)]
    return "\n".join([f"```console{block['words']}", *lines, "```"])


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARM_", "AZURE_", "TF_"))}
    kept.pop("COMMUNICATION_MANAGER_CONFIG", None)
    kept.pop("CDKTF_OUTDIR", None)
    return kept | {
        "COLUMNS": COLUMNS,
        "PYTHONPATH": str(ROOT / "constructs"),
        "PYTHONIOENCODING": "utf-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def _run(command: str, folder: Path, environment: dict[str, str], status: int) -> Iterator[str]:
    program = f"{shlex.quote(sys.executable)} -m aks_communication_manager.cli.main"
    typed = command.replace("make synth", f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'main.py'))}")
    typed = re.sub(rf"(^|\| )(\.venv/bin/)?{COMMAND}", rf"\1{program}", typed)
    ended = subprocess.run(
        ["bash", "-c", typed],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    # The stand-in gives an identity another principal each time.
    output = re.sub(r"(--assignee-object-id )[0-9a-f-]{36}", rf"\g<1>{PRINCIPAL}", ended.stdout)
    if ended.returncode != status:
        raise RuntimeError(f"{command}: exit status {ended.returncode}, not {status}\n{ended.stdout}")
    lines = [line.rstrip() for line in output.splitlines()]
    # Tables begin and end with an empty line, which says nothing on a page.
    return iter("\n".join(lines).strip("\n").splitlines())


def _unprepared(azure: AzureEndpoint, folder: Path) -> None:
    """Nothing of ours is there, the cluster upgrades no node images, and a resource provider is not registered."""
    azure.seed(GROUP)
    azure.seed_cluster(CLUSTER, node_os_channel="None")
    azure.registrations.missing.add((SUBSCRIPTION, "microsoft.alertsmanagement"))


def _deployed(azure: AzureEndpoint, folder: Path) -> None:
    azure.seed(GROUP)
    azure.seed_cluster(CLUSTER)
    for stack in compile_config(folder / "communication-manager.yaml").checked():
        deploy(azure, stack)
    change(azure, ACTION_GROUP, smsReceivers=[])
    azure.graph.publish(CLUSTER, "6a7c52d1-27d8-4f0c-a5f5-9d6a4d5d9c01", upgrade())
    day = {"lastUpdateTime": "2026-06-21T22:04:00.0000000Z"}
    azure.graph.publish(CLUSTER, "2f1f1c55-8a57-4d8e-8b0e-0c2e3b7f7a02", upgrade(**day))
    node = {"lastUpdateTime": "2026-06-18T03:02:00.0000000Z", "scheduledTime": "2026-06-18T03:00:00.0000000Z"}
    azure.graph.publish(CLUSTER, "c1a4f2ab-0f1d-4a43-9a73-5b2f9f0f4d03", upgrade("NodeOSUpgrade", "Failed", **node))


def _broken(azure: AzureEndpoint, folder: Path) -> None:
    """Somebody has switched a rule off, and taken the Reader of another away."""
    _deployed(azure, folder)
    rules = sorted(azure.resources.of_type("Microsoft.Insights/scheduledQueryRules"), key=lambda rule: rule["name"])
    change(azure, rules[0]["id"], enabled=False)
    principal = rules[1]["identity"]["principalId"]
    for one in list(azure.resources.of_type("Microsoft.Authorization/roleAssignments")):
        if one["properties"]["principalId"] == principal:
            azure.resources.remove(one["id"])


SCENES: dict[str, Callable[[AzureEndpoint, Path], None]] = {
    "unprepared": _unprepared,
    "deployed": _deployed,
    "broken": _broken,
}

if __name__ == "__main__":
    chosen = [Path(name).resolve() for name in sys.argv[1:]] or pages()
    for page in chosen:
        page.write_text(rewritten(page), encoding="utf-8")
