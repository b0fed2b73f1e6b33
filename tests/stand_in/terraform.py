"""Terraform with the real azurerm provider: init once per test run, then validate, plan, apply and destroy.

The binary is ``TERRAFORM_BINARY_NAME`` or ``terraform``: the variable that cdktf uses, so that OpenTofu works too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST = (1, 6)


class TerraformError(AssertionError):
    """Terraform ended with an error; the text is what it wrote."""


@dataclass(frozen=True)
class Change:
    """One resource or output of a plan that would not stay as it is."""

    address: str
    type: str
    actions: tuple[str, ...]
    """As Terraform says it: ``create``, ``update``, ``delete``; both ``delete`` and ``create`` is a replacement.

    ``import`` comes last, also where nothing else changes (``no-op``).
    """
    replaced_by: tuple[str, ...]
    """The arguments whose change replaces the resource."""
    before: Any
    after: Any


class Terraform:
    """Terraform in a directory that holds a configuration."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._environment = {
            **os.environ,
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **(environment or {}),
        }

    def init(self, version: str, cache: Path | None = None) -> None:
        """Makes the provider available in `directory`, from the first `init` of this version in `cache`.

        `version` is the constraint that the configuration has for azurerm. Give all tests of a run one `cache`.
        Without it Terraform looks for the provider itself. Only a configuration with a ``backend`` block, such as
        cdktf writes, costs an init of its own.
        """
        if cache is None:
            self.run("init", "-no-color")
            return
        prepared = _prepare(version, cache)
        (self.directory / ".terraform").mkdir(exist_ok=True)
        link = self.directory / ".terraform" / "providers"
        if not link.exists():
            link.symlink_to(prepared / ".terraform" / "providers", target_is_directory=True)
        shutil.copyfile(prepared / ".terraform.lock.hcl", self.directory / ".terraform.lock.hcl")
        if any('"backend"' in file.read_text() for file in self.directory.glob("*.tf.json")):
            self.run("init", "-no-color", f"-plugin-dir={prepared / '.terraform' / 'providers'}")

    def validate(self) -> list[str]:
        """What ``terraform validate`` has against the configuration: one text for each error."""
        result = self._run("validate", "-json")
        said = json.loads(result.stdout)
        return [
            f"{one['summary']}: {one.get('detail', '')}".strip().removesuffix(":")
            for one in said["diagnostics"]
            if one["severity"] == "error"
        ]

    def apply(self, *options: str) -> str:
        return self.run("apply", "-auto-approve", "-no-color", "-parallelism=50", *options)

    def destroy(self, *options: str) -> str:
        return self.run("destroy", "-auto-approve", "-no-color", "-parallelism=50", *options)

    def plan(self) -> list[Change]:
        """What an apply would change now; nothing when everything is as the configuration says."""
        return self._planned(self.directory / "plan.tfplan")

    def apply_planned(self) -> list[Change]:
        """Plans, applies that plan and no other, and gives back what it said."""
        file = self.directory / "plan.tfplan"
        changes = self._planned(file)
        self.run("apply", "-no-color", "-parallelism=50", str(file))
        return changes

    def _planned(self, file: Path) -> list[Change]:
        arguments = ("plan", "-no-color", "-parallelism=50", "-detailed-exitcode", f"-out={file}")
        result = self._run(*arguments)
        if result.returncode == 0:  # nothing changes, so there is nothing to show
            return []
        if result.returncode != 2:
            raise _failed(arguments, result)
        shown = json.loads(self.run("show", "-json", str(file)))
        resources = [
            Change(
                one["address"],
                one["type"],
                (*one["change"]["actions"], *(["import"] if "importing" in one["change"] else [])),
                tuple(".".join(map(str, path)) for path in one["change"].get("replace_paths", [])),
                one["change"]["before"],
                one["change"]["after"],
            )
            for one in shown.get("resource_changes", [])
        ]
        outputs = [
            Change(f"output.{name}", "output", tuple(one["actions"]), (), one["before"], one.get("after"))
            for name, one in shown.get("output_changes", {}).items()
        ]
        return [change for change in (*resources, *outputs) if change.actions not in (("no-op",), ("read",))]

    def state(self) -> list[str]:
        """The addresses of the resources that the state holds."""
        result = self._run("state", "list")
        if result.returncode and "No state file was found" not in result.stderr:
            raise TerraformError(f"terraform state failed:\n{result.stderr}")
        return result.stdout.split()

    def run(self, *arguments: str) -> str:
        """Any Terraform command; its standard output, or a `TerraformError`."""
        result = self._run(*arguments)
        if result.returncode:
            raise _failed(arguments, result)
        return result.stdout

    def said(self, *arguments: str) -> list[dict[str, Any]]:
        """The JSON lines of a command with ``-json``, however it ends."""
        text = self._run(*arguments).stdout
        if arguments[0] == "validate":
            return [json.loads(text)]
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on while the test looks, or kills it: it leads a process group, the provider in it."""
        return subprocess.Popen(
            [binary(), *arguments],
            cwd=self.directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary(), *arguments], cwd=self.directory, env=self._environment, capture_output=True, text=True
        )


def kill(process: subprocess.Popen[str]) -> None:
    """Ends what `Terraform.start` began at once, the provider too: a killed Terraform leaves it running."""
    os.killpg(process.pid, signal.SIGKILL)


def _failed(arguments: tuple[str, ...], result: subprocess.CompletedProcess[str]) -> TerraformError:
    return TerraformError(f"terraform {arguments[0]} failed:\n{result.stdout}\n{result.stderr}")


def binary() -> str:
    return os.environ.get("TERRAFORM_BINARY_NAME") or "terraform"


def unavailable(version: str, cache: Path | None = None) -> str | None:
    """Why the tests with azurerm of this version cannot run, in one line; None when they can.

    With `cache` the provider that was found stays there, for `Terraform.init`.
    """
    if shutil.which(binary()) is None:
        return f"{binary()} is not on the PATH; install Terraform 1.6 or later, or set TERRAFORM_BINARY_NAME"
    try:
        said = subprocess.run([binary(), "version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{binary()} does not run: {error}"
    found = re.search(r"v(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        return f"{binary()} is {found[0] if found else 'of unknown version'}; version 1.6 or later is needed"
    with tempfile.TemporaryDirectory() as directory:
        try:
            _prepare(version, cache or Path(directory))
        except TerraformError as error:
            text = re.sub(r"[\s│╷╵]+", " ", str(error).partition("Error:")[2] or str(error)).strip()
            reason = text.partition(" To see which modules")[0][:300].rstrip(" .")
            return (
                f"{binary()} cannot get hashicorp/azurerm {version}: {reason}. "
                "Make it reachable (registry, or a mirror that Terraform knows), or name one that is in AZURERM_VERSION"
            )
    return None


def _prepare(version: str, cache: Path) -> Path:
    """A directory of `cache` in which azurerm was initialised; made by whichever process comes first."""
    prepared = cache / f"azurerm-{re.sub(r'[^0-9A-Za-z.]+', '-', version)}"
    if prepared.exists():
        return prepared
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        work = Path(scratch) / "work"
        work.mkdir()
        provider = {"azurerm": {"source": "hashicorp/azurerm", "version": version}}
        (work / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": provider}}))
        Terraform(work).run("init", "-no-color", "-backend=false")
        try:
            work.rename(prepared)
        except OSError:
            # Another process was first, and what it made is as good.
            if not prepared.exists():
                raise
    return prepared
