"""``make test-azurerm``: one init of the real azurerm provider, then all tests that need it.

Without Terraform or the provider it fails with the reason. ``AZURERM_TESTS=if-possible``, which only CI says, makes
that a line and no failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.azurerm import cdktf_cli
from tests.azurerm.prepared import CACHE_VARIABLE, VERSION
from tests.stand_in.terraform import unavailable

PROCESSES = 10
"""More than cores: much of the time goes by in azurerm's fixed waits, 20 s for a resource group, 21 s for an assignment."""


def main(arguments: list[str]) -> int:
    """Run the tests; the exit status."""
    with tempfile.TemporaryDirectory(prefix="azurerm-tests-") as cache:
        if reason := unavailable(VERSION, Path(cache)):
            if os.environ.get("AZURERM_TESTS") == "if-possible":
                print(f"azurerm tests not run: {reason}")  # noqa: T201
                return 0
            print(f"The azurerm tests cannot run: {reason}", file=sys.stderr)  # noqa: T201
            return 1
        cdktf_cli.install()
        print(f"with azurerm {VERSION}", flush=True)  # noqa: T201
        command = [sys.executable, "-m", "pytest", "-m", "azurerm", "-n", str(PROCESSES)]
        return subprocess.call([*command, *arguments], env=os.environ | {CACHE_VARIABLE: cache})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
