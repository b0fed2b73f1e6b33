"""Synthesize a config file, or a stack of a program, to Terraform JSON."""

from __future__ import annotations

import atexit
import gc
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from aks_communication_manager.compiler import compile_config
from aks_communication_manager.terraform.runtime import fast_start
from aks_communication_manager.terraform.runtime.framework import FRAMEWORKS
from aks_communication_manager.testing.known_values import with_values
from aks_communication_manager.testing.view import SynthesizedStack

if TYPE_CHECKING:
    from cdktf import TerraformStack


def synthesize_config(file: Path | str, resolve: Mapping[str, str] | None = None) -> dict[str, SynthesizedStack]:
    """Synthesize the stacks of a config file, by name.

    `resolve`: values of Terraform variables, by address: ``{"var.cluster": "/subscriptions/…"}``. Raises `InvalidConfig` with
    every mistake in the file, and `InvalidArgument` for an address that no stack has.
    """
    stacks = compile_config(Path(file)).checked()
    if not any(framework.module in sys.modules for framework in FRAMEWORKS):
        fast_start.enable()
        # What a test runs afterwards is not freed then, and duckdb, which runs the queries, would complain at the end.
        atexit.unregister(gc.freeze)
    from aks_communication_manager.terraform import output

    with tempfile.TemporaryDirectory() as folder:
        output.synthesize(stacks, Path(folder))
        files = {stack.name: Path(folder, "stacks", stack.name, "cdk.tf.json") for stack in stacks}
        documents = with_values([json.loads(file.read_text("utf-8")) for file in files.values()], resolve or {})
        return {name: SynthesizedStack(name, document) for name, document in zip(files, documents, strict=True)}


def synthesize_stack(stack: TerraformStack, resolve: Mapping[str, str] | None = None) -> SynthesizedStack:
    """Synthesize a stack of a program. Aspects run, and validation errors of the stack are raised.

    `resolve`: values of tokens, ``{cluster.id: "/subscriptions/…"}``. Rules with tokens that have none are not evaluated.
    Raises `InvalidArgument` for a token that the stack does not contain.
    """
    from aks_communication_manager.terraform.bindings import bindings_of

    bindings = bindings_of(stack)
    values = {bindings.resolve(token, stack): value for token, value in (resolve or {}).items()}
    [document] = with_values([json.loads(bindings.Testing.synth(stack, True))], values)
    return SynthesizedStack(stack.node.id, document)
