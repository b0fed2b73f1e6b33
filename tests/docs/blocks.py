"""The code blocks of README and docs, and what they have to agree with.

A YAML block with ``stacks:`` is a whole config; any other holds keys of one stack, and what it leaves out is as in
communication-manager.yaml. A JSON block holds a part of the Terraform JSON of the YAML or Python block before it, with
``…`` for text that is left out.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from cdktf import App, Testing

from aks_communication_manager import Identity, InvalidArgument, InvalidConfig, Route
from aks_communication_manager.compiler import CompiledStack, compile_config
from aks_communication_manager.config.receivers import KINDS
from aks_communication_manager.plan.costs import cost
from aks_communication_manager.terraform.output import synthesize
from tests.compiling import planned
from tests.synthesis import RULE, SUBSCRIPTION, cluster, resource_group

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
CONFIG = "communication-manager.yaml"

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced code block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield Block(page, text.count("\n", 0, match.start()) + 1, match["language"], dedent(match["text"]))


def all_blocks(*languages: str) -> list[Block]:
    """The code blocks of all pages in these languages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def before(block: Block, *languages: str) -> Block | None:
    """The nearest block in front of this one, on its page, in one of these languages."""
    found = [other for other in blocks(block.page) if other.line < block.line and other.language in languages]
    return found[-1] if found else None


def whole_config(text: str) -> str:
    """A config as a file would hold it, also where the block shows only keys of a stack."""
    # BaseLoader: every scalar stays the text that it is, as in the product.
    shown = yaml.load(text, yaml.BaseLoader)
    if "stacks" in shown:
        return text
    base = yaml.load((ROOT / CONFIG).read_text(encoding="utf-8"), yaml.BaseLoader)
    base["stacks"]["production"] |= shown
    return yaml.safe_dump(base, sort_keys=False, allow_unicode=True)


def synthesised(text: str) -> dict[str, dict[str, Any]]:
    """The Terraform JSON of each stack of a YAML block, as ``python main.py`` writes it into the current folder."""
    Path(CONFIG).write_text(whole_config(text), encoding="utf-8")
    return terraform_of(Path(CONFIG), Path("cdktf.out"))


def terraform_of(config: Path, outdir: Path) -> dict[str, dict[str, Any]]:
    """The Terraform JSON of each stack of a config file, as ``python main.py`` writes it."""
    stacks = compile_config(config).checked()
    synthesize(stacks, outdir)
    return {stack.name: json.loads((outdir / "stacks" / stack.name / "cdk.tf.json").read_text()) for stack in stacks}


def compiled(text: str) -> tuple[CompiledStack, ...]:
    """The stacks of a YAML block. Raises `InvalidConfig`."""
    Path(CONFIG).write_text(whole_config(text), encoding="utf-8")
    return compile_config(Path(CONFIG)).checked()


def mistakes_in(text: str) -> str:
    """What ``python main.py`` says of a YAML block that is wrong."""
    with pytest.raises(InvalidConfig) as caught:
        compiled(text)
    return f"{caught.value}\n"


def run(last: Block) -> dict[str, Any]:
    """What the Python blocks of a page have made, up to and including this one. They continue each other."""
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(last.page)}
    # The Node process keeps the folder in which it was started, and would write there.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cdktf.App", partial(App, outdir=str(Path("cdktf.out").absolute())))
        for block in blocks(last.page):
            if block.language == "python" and block.line <= last.line:
                exec(compile(block.text, str(block), "exec"), names)
    return names


def provider_modules(program: Path, folder: Path) -> int:
    """How many modules of the azurerm bindings a program has loaded when it ends, run on its own in this folder."""
    code = (
        f"import runpy, sys; runpy.run_path({str(program)!r}, run_name='__main__');"
        "print(sum(name.startswith('cdktf_cdktf_provider_azurerm.') for name in sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "constructs"), "CDKTF_OUTDIR": str(folder / "cdktf.out")}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE
    )
    return int(ended.stdout)


def documents(block: Block) -> dict[str, dict[str, Any]]:
    """The Terraform JSON that a JSON block shows a part of, by stack."""
    source = before(block, "yaml", "python")
    assert source, f"{block}: nothing in front of it that it could result from"
    if source.language == "yaml":
        return synthesised(source.text)
    stack = run(source)["stack"]
    return {stack.node.id: json.loads(Testing.synth(stack))}


def shown_text(block: Block) -> str:
    """What a text block has to say: the mistakes of the block before it, or a notification of one of its rules."""
    source = before(block, "yaml", "python")
    assert source, f"{block}: nothing in front of it that it could result from"
    if source.language == "python":
        return run(source)["message"] + "\n"
    if not block.text.startswith("Alert rule"):
        return mistakes_in(source.text)
    name = block.text.split("\n", 1)[0].removeprefix("Alert rule").strip()
    [document] = synthesised(source.text).values()
    [rule] = [rule for rule in rules_of(document) if rule["name"] == name]
    return notification(rule, values_of(block))


def differences(shown: Any, real: Any, path: str = "") -> list[str]:
    """Where a JSON block says something else than the output. A mapping may show some of the keys, a list all entries."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{path}.{key}: not in the output, which has {sorted(real)}" for key in shown if key not in real]
        return missing + [
            each for key in shown if key in real for each in differences(shown[key], real[key], f"{path}.{key}")
        ]
    if isinstance(shown, list) and isinstance(real, list):
        if len(shown) != len(real):
            return [f"{path}: {len(shown)} entries, {len(real)} in the output"]
        pairs = zip(shown, real, strict=True)
        return [
            each for index, (one, other) in enumerate(pairs) for each in differences(one, other, f"{path}[{index}]")
        ]
    if isinstance(shown, str) and isinstance(real, str) and "…" in shown:
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        return [] if re.fullmatch(pattern, real, re.DOTALL) else [f"{path}: {shown!r} is not {real!r}"]
    return [] if shown == real and type(shown) is type(real) else [f"{path}: {shown!r} is not {real!r}"]


def notification(rule: dict[str, Any], dimensions: dict[str, str]) -> str:
    """What a notification of this rule says, for one combination of dimension values."""
    split_by = [dimension["name"] for dimension in rule["criteria"][0]["dimension"]]
    assert list(dimensions) == split_by
    lines = [f"Alert rule   {rule['name']}", f"Severity     {rule['severity']}", f"Description  {rule['description']}"]
    for title, values in (("Dimensions", dimensions), ("Properties", rule["action"]["custom_properties"])):
        width = max(map(len, values))
        lines += [
            f"{title if index == 0 else '':13}{name:{width}}  {value}"
            for index, (name, value) in enumerate(values.items())
        ]
    return "\n".join(lines) + "\n"


def payload(rule: dict[str, Any], dimensions: dict[str, str]) -> dict[str, Any]:
    """What a webhook gets for one combination of dimension values.

    Microsoft's "Common alert schema", the sample for log search alerts ("Log Alerts V2"), filled in from the rule.
    """
    [scope] = rule["scopes"]
    properties = rule["action"]["custom_properties"]
    _, _, subscription, _, _, _, _, kind, name = scope.split("/")
    alert = f"/subscriptions/{subscription}/providers/Microsoft.AlertsManagement/alerts/…"
    criteria = rule["criteria"][0]
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": alert,
                "alertRule": rule["name"],
                "targetResourceType": f"microsoft.containerservice/{kind.lower()}",
                "severity": f"Sev{rule['severity']}",
                "signalType": "Log",
                "monitorCondition": "Fired",
                "monitoringService": "Log Alerts V2",
                "alertTargetIDs": [scope.lower()],
                "configurationItems": [name],
                "firedDateTime": "2026-12-08T22:50:07.1234567Z",
                "description": rule["description"],
                "essentialsVersion": "1.0",
                "alertContextVersion": "1.0",
            },
            "alertContext": {
                "properties": properties,
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "windowSize": rule["window_duration"],
                    "allOf": [
                        {
                            "searchQuery": "…",
                            "operator": criteria["operator"],
                            "threshold": str(criteria["threshold"]),
                            "timeAggregation": criteria["time_aggregation_method"],
                            "dimensions": [{"name": key, "value": value} for key, value in dimensions.items()],
                            "metricValue": 1.0,
                            "linkToSearchResultsUI": "https://portal.azure.com/…",
                        }
                    ],
                    "windowStartTime": "2026-12-08T22:20:00Z",
                    "windowEndTime": "2026-12-08T22:50:00Z",
                },
            },
            "customProperties": properties,
        },
    }


def values_of(block: Block) -> dict[str, str]:
    """The dimension values that a notification shows."""
    part = re.search(r"^Dimensions(.*?)^Properties", block.text, re.MULTILINE | re.DOTALL)
    assert part, f"{block}: no dimensions"
    return dict(line.split(maxsplit=1) for line in part[1].strip().splitlines())


def rules_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The alert rules in a stack's Terraform JSON."""
    return list(document["resource"][RULE].values())


# What each way to watch an estate makes.
PER_GROUP = 10
"""Clusters in a resource group."""

_ROUTED = {"routes": [Route(statuses=["Failed", "Canceled"], severity=1)]}
WAYS: dict[str, dict[str, Any]] = {
    "`rules: per-scope` (default)": {},
    "the same with one route": _ROUTED,
    "`rules: per-scope`, `reader_scopes: [scope]`": {"reader_scopes": ["scope"]},
    "`rules: per-scope`, `identity: user-assigned`": {"identity": Identity.user_assigned()},
    "the same with one route ": {"identity": Identity.user_assigned(), **_ROUTED},
    "`rules: shared`": {"rules": "shared"},
    "`rules: shared`, `identity: user-assigned`": {"rules": "shared", "identity": Identity.user_assigned()},
    "resource groups as scopes": {"wide": "resource-group"},
    "the subscription as scope": {"wide": "subscription"},
    "the subscription as scope, `identity: user-assigned`": {
        "wide": "subscription",
        "identity": Identity.user_assigned(),
    },
    "the same with one route  ": {"wide": "subscription", "identity": Identity.user_assigned(), **_ROUTED},
}

_REFUSED = {
    "ACM132": "refused: a query over 64 KB",
    "ACM134": "refused: one identity for more than 50 rules",
    "ACM135": "refused: more than 4,000 role assignments",
}


def estate_table(clusters: int) -> str:
    """Rules, identities, Reader assignments and cost of each way, as the planner has them."""
    lines = ["| way | rules | identities | role assignments | USD a month |", "|---|---|---|---|---|"]
    for way, options in WAYS.items():
        cells = " | ".join(_made(clusters, dict(options)))
        lines.append(f"| {way.strip()} | {cells} |")
    return "\n".join(lines) + "\n"


def _made(clusters: int, options: dict[str, Any]) -> tuple[str, ...]:
    groups = [f"rg-{index // PER_GROUP}" for index in range(clusters)]
    wide = options.pop("wide", None)
    if wide == "subscription":
        scopes = [f"/subscriptions/{SUBSCRIPTION}"]
    elif wide:
        scopes = [resource_group(name) for name in dict.fromkeys(groups)]
    else:
        scopes = [cluster(f"cluster-{index:04}", group) for index, group in enumerate(groups)]
    try:
        plan = planned(scopes=scopes, **options)
    except InvalidArgument as error:
        return _REFUSED[error.mistakes[0].code], "", "", ""
    in_wide = clusters if wide == "subscription" else min(clusters, PER_GROUP)
    found = cost(plan, lambda scope: 1 if scope.kind == "cluster" else in_wide)
    counts = f"{found.rules:,}", f"{found.identities:,}", f"{found.role_assignments:,}"
    return *counts, f"{found.least:,.2f} to {found.most:,.2f}"


def receivers_table() -> str:
    """The kinds of receivers, from their models. What may be left out is in brackets."""
    lines = []
    for kind, model in KINDS.items():
        keys = []
        for name, field in sorted(model.model_fields.items(), key=lambda item: not item[1].is_required()):
            if name not in ("type", "name"):
                keys.append(f"`{name}`" if field.is_required() else f"[`{name}`]")
        lines.append(f"| `{kind}` | `{model.__name__}` | {', '.join(keys)} | {model.at_most:,} |")
    return "\n".join(lines) + "\n"
