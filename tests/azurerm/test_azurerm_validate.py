"""Every snapshot case, and the program of another team, passes ``terraform validate`` with the real provider.

The examples that are configs are validated where they are applied.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformStack, TerraformVariable

from tests.azurerm.prepared import PINNED, VERSION, for_version
from tests.azurerm.test_azurerm_examples import EXAMPLES
from tests.stand_in.terraform import Terraform
from tests.synthesis import manager, stack, synth, terraform
from tests.terraform.test_communication_manager import CASES
from tests.terraform.test_token_scopes import kubernetes_cluster

pytestmark = pytest.mark.azurerm


def two_tokens(made: TerraformStack) -> None:
    scopes = [kubernetes_cluster(made, name).id for name in ("prod", "dev")]
    manager(made, scopes=scopes, rules="shared", reader_scopes=["scope"])


def variable(made: TerraformStack) -> None:
    scopes = [TerraformVariable(made, "cluster_id", type="string", default="").string_value]
    manager(made, scopes=scopes, custom_properties={"note": "${var.nothing} %{ if true }"})


TOKENS: dict[str, Callable[[TerraformStack], object]] = {
    "a cluster of the program": lambda made: manager(made, scopes=[kubernetes_cluster(made).id]),
    "two clusters in a shared rule": two_tokens,
    "a variable": variable,
}


def validate(document: dict[str, Any], folder: Path, cache: Path) -> list[str]:
    (folder / "cdk.tf.json").write_text(json.dumps(for_version(document), indent=1))
    made = Terraform(folder)
    made.init(VERSION, cache)
    return made.validate()


def in_a_stack(build: Callable[[TerraformStack], object]) -> dict[str, Any]:
    made = stack()
    build(made)
    return synth(made)


@pytest.mark.parametrize("case", CASES)
def test_a_snapshot_case_is_valid(case: str, tmp_path: Path, provider_cache: Path):
    document = in_a_stack(lambda made: manager(made, **CASES[case]))
    assert validate(document, tmp_path, provider_cache) == []


@pytest.mark.parametrize("case", TOKENS)
def test_scopes_that_only_terraform_knows_are_valid(case: str, tmp_path: Path, provider_cache: Path):
    assert validate(in_a_stack(TOKENS[case]), tmp_path, provider_cache) == []


def test_the_program_of_another_team_is_valid(tmp_path: Path, provider_cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cdktf.App", partial(App, outdir=str(tmp_path / "cdktf.out")))
    runpy.run_path(str(EXAMPLES / "library.py"), run_name="__main__")
    document = json.loads((tmp_path / "cdktf.out/stacks/platform/cdk.tf.json").read_text())
    document["terraform"].pop("backend")
    assert validate(document, tmp_path, provider_cache) == []


def test_the_version_of_these_tests_is_the_one_that_the_bindings_pin():
    assert terraform()["terraform"]["required_providers"]["azurerm"]["version"] == PINNED


def test_what_is_wrong_is_not_valid(tmp_path: Path, provider_cache: Path):
    """Or the rest would prove nothing."""

    def build(made: TerraformStack) -> None:
        manager(made).alert_rules[0].add_override("severity", 7)

    [error] = validate(in_a_stack(build), tmp_path, provider_cache)
    assert "expected severity to be in the range (0 - 4), got 7" in error
