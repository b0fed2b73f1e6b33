"""What happens where Terraform or the provider cannot be had: a reason in one line, and never silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NO_TERRAFORM = "terraform-none is not on the PATH; install Terraform 1.6 or later, or set TERRAFORM_BINARY_NAME"


def run_target(terraform: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What ``make test-azurerm`` runs, with this Terraform."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AZURERM_")}
    return subprocess.run(
        [sys.executable, "-m", "tests.azurerm"],
        cwd=ROOT,
        env=kept | environment | {"TERRAFORM_BINARY_NAME": terraform},
        capture_output=True,
        text=True,
    )


def pretended(folder: Path, script: str) -> str:
    """A program in Terraform's place."""
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("environment", [{}, {"AZURERM_TESTS": "required"}])
def test_without_terraform_the_target_fails_with_the_reason(environment: dict[str, str]):
    run = run_target("terraform-none", **environment)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"The azurerm tests cannot run: {NO_TERRAFORM}\n"


def test_where_ci_allows_it_the_reason_is_a_line_and_no_failure():
    run = run_target("terraform-none", AZURERM_TESTS="if-possible")
    assert (run.returncode, run.stdout) == (0, f"azurerm tests not run: {NO_TERRAFORM}\n")


def test_an_old_terraform_is_refused(tmp_path: Path):
    run = run_target(pretended(tmp_path, "echo Terraform v1.5.7"))
    assert run.returncode == 1
    assert "is v1.5; version 1.6 or later is needed" in run.stderr


def test_without_the_provider_the_target_fails_with_what_terraform_says(tmp_path: Path):
    script = """
    [ "$1" = version ] && echo Terraform v1.11.4 && exit
    echo "Error: Failed to query available provider packages" >&2
    echo "no available releases match the given constraints 4.55.0" >&2
    echo "To see which modules are currently depending on it, run the following command" >&2
    exit 1
    """
    run = run_target(pretended(tmp_path, script))
    assert run.returncode == 1
    assert run.stderr.endswith(
        "cannot get hashicorp/azurerm 4.55.0: Failed to query available provider packages no available releases match "
        "the given constraints 4.55.0. Make it reachable (registry, or a mirror that Terraform knows), "
        "or name one that is in AZURERM_VERSION\n"
    )
    assert run.stderr.count("\n") == 1


def test_only_ci_may_go_on_without_them():
    step = 'AZURERM_TESTS="${AZURERM_TESTS:-if-possible}" make test-azurerm'
    assert step in (ROOT / ".ci/run").read_text()
    assert "if-possible" not in (ROOT / "Makefile").read_text()
