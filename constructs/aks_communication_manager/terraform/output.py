"""The folder that Terraform reads: written whole, or left as it was."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aks_communication_manager.errors import InvalidConfig, Mistake
from aks_communication_manager.text import quoted

if TYPE_CHECKING:
    from aks_communication_manager.compiler import CompiledStack

VARIABLE = "CDKTF_OUTDIR"
"""Where cdktf's command line says that it reads."""


def synthesize(stacks: Iterable[CompiledStack], outdir: Path) -> None:
    """Write the Terraform JSON of all stacks.

    It is written beside the old one first, and each file is put in place at once: whatever happens, what lies there is
    the old or the new. What Terraform keeps in a stack's folder (.terraform, the lock file) stays.
    """
    from aks_communication_manager.terraform.bindings import load
    from aks_communication_manager.terraform.runtime.framework import chosen
    from aks_communication_manager.terraform.stack import CommunicationManagerStack

    outdir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{outdir.name}-", dir=_beside(outdir)) as beside:
        app = load(chosen()).App(outdir=str(Path(beside).absolute()))  # Node may have been started in another folder
        for stack in stacks:
            CommunicationManagerStack(app, stack)
        app.synth()
        _put_in_place(Path(beside), outdir)


def _beside(outdir: Path) -> Path:
    """A folder of the same file system, from which files can be moved in one step."""
    return outdir if outdir.is_symlink() or os.path.ismount(outdir) else outdir.parent


def check(outdir: Path, stacks: Iterable[str]) -> None:
    """Raise `InvalidConfig` where something cannot be written, before anything is. `stacks` are the names of all."""
    wanted = {
        _beside(outdir): "folder",
        outdir: "folder",
        outdir / "manifest.json": "file",
        outdir / "stacks": "folder",
    }
    for name in stacks:
        wanted |= {outdir / "stacks" / name: "folder", outdir / "stacks" / name / "cdk.tf.json": "file"}
    mistakes = []
    for path, kind in wanted.items():
        try:
            outdir.parent.mkdir(parents=True, exist_ok=True)
            found = "folder" if path.is_dir() else "file" if os.path.lexists(path) else kind
            if found != kind:
                raise FileExistsError(errno.EEXIST, f"it is a {found}, not a {kind}")
            if path.is_dir():
                with tempfile.TemporaryFile(dir=path):
                    pass
        except OSError as error:
            what = f"{quoted(path.relative_to(outdir))} " if outdir in path.parents else ""
            fix = f"Set {VARIABLE}=<folder> to write elsewhere."
            mistakes.append(Mistake("ACM010", (), f"{what}cannot be written: {error.strerror}", fix))
    if mistakes:
        raise InvalidConfig(str(outdir), *dict.fromkeys(mistakes))


_OURS = ("cdk.tf.json", "cdk.tf", "metadata.json")
"""What cdktf writes into a stack's folder; the last two with ``--hcl``."""


def _put_in_place(new: Path, outdir: Path) -> None:
    files = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
    # The manifest comes last: what it names is there by then.
    for file in sorted(files, key=lambda file: file.name == "manifest.json"):
        (outdir / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(new / file, outdir / file)
    written = set(files)
    for folder in (outdir / "stacks").iterdir():
        old = [folder / name for name in _OURS if (folder / name).is_file()]
        if not any(file.parts[:2] == ("stacks", folder.name) for file in written):
            if old:  # a stack that left the config; a pipeline would go on applying it
                shutil.rmtree(folder)
            continue
        for file in old:
            if file.relative_to(outdir) not in written:
                file.unlink()
