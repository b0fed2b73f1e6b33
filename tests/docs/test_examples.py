"""Each example is a whole config, and makes what its first line says."""

from __future__ import annotations

import json
import runpy
from functools import partial
from pathlib import Path

import pytest
from cdktf import App

from tests.compiling import settings_of
from tests.docs.blocks import ROOT, provider_modules, terraform_of
from tests.synthesis import GROUP, IDENTITY, READER, RULE, resources

EXAMPLES = ROOT / "examples"

# Alert rules, action groups, user-assigned identities, Reader assignments, processing rules, resource groups, imports.
MADE = {
    "adopt/adopt": (2, 1, 0, 4, 1, 0, 3),
    "created-resource-group/created-resource-group": (2, 1, 0, 4, 1, 1, 0),
    "default/default": (2, 1, 0, 4, 1, 0, 0),
    "documented-query/documented-query": (2, 1, 0, 4, 0, 0, 0),
    "end-of-support/end-of-support": (5, 1, 0, 10, 1, 0, 0),
    "every-receiver/every-receiver": (2, 1, 0, 4, 1, 0, 0),
    "existing-action-group/existing-action-group": (2, 0, 0, 4, 1, 0, 0),
    "existing-identity/existing-identity": (2, 1, 0, 0, 1, 0, 0),
    "pipeline/pipeline": (2, 1, 0, 4, 1, 0, 0),
    "routes/routes": (5, 2, 0, 10, 1, 0, 0),
    "several-clusters/several-clusters": (6, 1, 0, 12, 1, 0, 0),
    "several-stacks/web-production": (2, 1, 0, 4, 1, 0, 0),
    "several-stacks/web-test": (2, 1, 0, 2, 1, 0, 0),
    "shared/shared": (2, 1, 1, 3, 1, 0, 0),
    "user-assigned/user-assigned": (6, 1, 1, 3, 1, 0, 0),
    "wide-scopes/wide-scopes": (8, 1, 0, 8, 1, 0, 0),
}


HEALTH_ALERT = "azurerm_monitor_activity_log_alert"
PROCESSING_RULE = "azurerm_monitor_alert_processing_rule_suppression"


def synthesised(example: str, folder: Path) -> dict[str, dict]:
    """The Terraform JSON of each stack of an example."""
    return terraform_of(EXAMPLES / f"{example}.yaml", folder / "cdktf.out")


@pytest.mark.parametrize("example", sorted({name.split("/")[0] for name in MADE}))
def test_an_example_makes_what_it_says(example, tmp_path):
    for name, document in synthesised(example, tmp_path).items():
        counts = [
            len(resources(document, type_))
            for type_ in (RULE, GROUP, IDENTITY, READER, PROCESSING_RULE, "azurerm_resource_group")
        ]
        assert (*counts, len(document.get("import", []))) == MADE[f"{example}/{name}"]


def test_no_example_is_left_out():
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {name.split("/")[0] for name in MADE}


def test_the_default_example_is_the_shipped_config():
    [shipped] = settings_of(ROOT / "communication-manager.yaml").values()
    assert settings_of(EXAMPLES / "default.yaml") == {"default": shipped}


def test_one_receiver_of_each_kind(tmp_path):
    [document] = synthesised("every-receiver", tmp_path).values()
    [group] = resources(document, GROUP).values()
    assert sum(len(value) for key, value in group.items() if key.endswith("_receiver")) == 11
    assert sum(key.endswith("_receiver") for key in group) == 11


def test_another_teams_program_watches_the_cluster_that_it_makes(tmp_path, monkeypatch):
    # The Node process keeps the folder and the environment in which it was started.
    monkeypatch.setattr("cdktf.App", partial(App, outdir=str(tmp_path / "cdktf.out")))
    runpy.run_path(str(EXAMPLES / "library.py"), run_name="__main__")
    document = json.loads((tmp_path / "cdktf.out/stacks/platform/cdk.tf.json").read_text())
    assert {type_: len(found) for type_, found in document["resource"].items()} == {
        "azurerm_kubernetes_cluster": 1,
        "azurerm_resource_group": 1,
        GROUP: 1,
        RULE: 2,
        READER: 4,
        PROCESSING_RULE: 1,
        HEALTH_ALERT: 1,
    }
    for rule in resources(document, RULE).values():
        assert rule["scopes"] == ["${azurerm_kubernetes_cluster.cluster.id}"]


@pytest.mark.long
def test_another_teams_program_starts_fast(tmp_path):
    """Nothing that it imports before `fast_start.enable` loads the azurerm bindings, which have 1,527 modules."""
    assert provider_modules(EXAMPLES / "library.py", tmp_path) < 50
