"""From a config file, or a stack of a program, to the Terraform JSON that the product writes."""

from __future__ import annotations

import atexit
import gc
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aks_communication_manager.compiler import compile_config
from aks_communication_manager.terraform.runtime import fast_start
from aks_communication_manager.terraform.runtime.framework import FRAMEWORKS
from aks_communication_manager.testing.view import SynthesizedStack

if TYPE_CHECKING:
    from cdktf import TerraformStack


def synthesize_config(file: Path | str) -> dict[str, SynthesizedStack]:
    """The stacks of a config file, by name. Raises `InvalidConfig` with every mistake in it."""
    stacks = compile_config(Path(file)).checked()
    if not any(framework.module in sys.modules for framework in FRAMEWORKS):
        fast_start.enable()
        # What a test runs afterwards is not freed then, and duckdb, which runs the queries, would complain at the end.
        atexit.unregister(gc.freeze)
    from aks_communication_manager.terraform import output

    with tempfile.TemporaryDirectory() as folder:
        output.synthesize(stacks, Path(folder))
        files = {stack.name: Path(folder, "stacks", stack.name, "cdk.tf.json") for stack in stacks}
        return {name: SynthesizedStack(name, json.loads(file.read_text("utf-8"))) for name, file in files.items()}


def synthesize_stack(stack: TerraformStack) -> SynthesizedStack:
    """A stack of a program, with whatever is in it. Aspects run, and what the stack's own validations say is raised."""
    from aks_communication_manager.terraform.bindings import bindings_of

    testing = bindings_of(stack).Testing
    return SynthesizedStack(stack.node.id, json.loads(testing.synth(stack, True)))
