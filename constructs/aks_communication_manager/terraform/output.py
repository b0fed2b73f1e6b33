"""The output folder, which is written completely or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aks_communication_manager.checks.declared_variables import holds_secret
from aks_communication_manager.config.locations import OUTPUT
from aks_communication_manager.errors import InvalidConfig, Mistake
from aks_communication_manager.terraform.stack_folders import SYNTHESIZED
from aks_communication_manager.text import quoted

if TYPE_CHECKING:
    from aks_communication_manager.compiler import CompiledStack

_ELSEWHERE = f"Set {OUTPUT}=<folder> to write elsewhere."


def synthesize(stacks: Iterable[CompiledStack], outdir: Path) -> None:
    """Write the Terraform JSON of the stacks.

    New files are written to a temporary folder first, then each atomically replaces the old one. Files of Terraform in a
    stack's folder (.terraform, the lock file) stay. Raises `InvalidConfig` if a file cannot be written, for example on a full
    disk.
    """
    from aks_communication_manager.terraform.bindings import load
    from aks_communication_manager.terraform.runtime.framework import chosen
    from aks_communication_manager.terraform.stack import CommunicationManagerStack

    stacks = tuple(stacks)
    with explained(outdir):
        outdir.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(outdir)
        with _folder_beside(outdir) as beside:
            app = load(chosen()).App(
                outdir=str(Path(beside).absolute())
            )  # Node may have been started in another folder
            for stack in stacks:
                CommunicationManagerStack(app, stack)
            app.synth()
            for stack in stacks:
                if holds_secret(stack.settings):
                    for file in Path(beside, "stacks", stack.name).iterdir():
                        file.chmod(0o600)
            _put_in_place(Path(beside), outdir)


def _beside(outdir: Path) -> Path:
    """Parent of temporary folders, on the same file system, so that files can be moved atomically."""
    return outdir if os.path.islink(outdir) or os.path.ismount(outdir) else outdir.parent


def _folder_beside(outdir: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=f".{outdir.name}-", dir=_beside(outdir))


def check(outdir: Path, stacks: Iterable[str], mistakes: Iterable[Mistake] = ()) -> None:
    """Check that all files can be written. Raises `InvalidConfig`, which includes `mistakes`."""
    found = dict.fromkeys(mistakes)
    for path, kind, may_be_link in _paths(outdir, stacks):
        try:
            if path == outdir:
                outdir.parent.mkdir(parents=True, exist_ok=True)
                with _folder_beside(outdir):
                    pass
            _check_path(path, kind, may_be_link=may_be_link)
        except OSError as error:
            shown = "" if path == outdir else f"{quoted(path.relative_to(outdir).as_posix())} "
            found[Mistake("ACM010", (), f"{shown}cannot be written: {error.strerror}", _ELSEWHERE)] = None
    if found:
        raise InvalidConfig(str(outdir), *found)


def _paths(outdir: Path, stacks: Iterable[str]) -> Iterator[tuple[Path, str, bool]]:
    """Paths to write, their kind (folder or file), and whether each may be a symbolic link."""
    yield outdir, "folder", True
    yield outdir / "manifest.json", "file", True
    yield outdir / "stacks", "folder", False
    for name in stacks:
        yield outdir / "stacks" / name, "folder", False
        yield outdir / "stacks" / name / "cdk.tf.json", "file", True


def _check_path(path: Path, kind: str, *, may_be_link: bool) -> None:
    try:
        is_link = stat.S_ISLNK(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if is_link and not may_be_link:
        raise FileExistsError(errno.EEXIST, f"it is a symbolic link, not a {kind}")
    found = "folder" if path.is_dir() else "file"
    if found != kind:
        raise FileExistsError(errno.EEXIST, f"it is a {found}, not a {kind}")
    if found == "folder":
        with tempfile.TemporaryFile(dir=path):
            pass


@contextmanager
def explained(outdir: Path) -> Iterator[None]:
    """Convert a system error to a mistake. Node.js reports one as text: ``ENOSPC: no space left on device, write``."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
    except RuntimeError as error:
        refusal = re.search(r"\b(E[A-Z]+): [a-z ,-]+, [a-z]+\b", str(error))
        if not refusal or not (number := getattr(errno, refusal[1], None)):
            raise
        problem = os.strerror(number)
    else:
        return
    raise InvalidConfig(str(outdir), Mistake("ACM010", (), f"cannot be written: {problem}", _ELSEWHERE))


_OLD = 3600
"""Age in seconds from which a temporary folder counts as abandoned. A run with a thousand clusters takes about ten seconds."""


def _remove_leftovers(outdir: Path) -> None:
    """Remove temporary folders of runs that were killed."""
    beside = _beside(outdir)
    ours = re.compile(rf"\.{re.escape(outdir.name)}-[a-z0-9_]{{8}}")
    for folder in beside.iterdir() if beside.is_dir() else ():
        if not ours.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue
        is_old = time.time() - folder.stat().st_mtime > _OLD
        if is_old and {path.name for path in folder.iterdir()} <= {"manifest.json", "stacks"}:
            shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(new: Path, outdir: Path) -> None:
    files = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
    # The manifest comes last, after the files that it names.
    for file in sorted(files, key=lambda file: file.name == "manifest.json"):
        (outdir / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(new / file, outdir / file)
    # Terraform would read files of an earlier run in the other language (JSON or HCL) too.
    for folder in {file.parent for file in files if file.parts[0] == "stacks"}:
        for name in SYNTHESIZED:
            if folder / name not in files:
                (outdir / folder / name).unlink(missing_ok=True)
