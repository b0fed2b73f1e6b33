"""Record of the config that wrote each folder of the output, so that no run touches folders of another config.

The record is a file in the output with stack names by config. Paths of configs are relative to the output, so that the file is
the same on every machine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aks_communication_manager.config.loader import STACK_NAME
from aks_communication_manager.errors import Mistake
from aks_communication_manager.text import listed, quoted

RECORD = "written-by.json"

SYNTHESIZED = ("cdk.tf.json", "cdk.tf", "metadata.json")
"""Files that cdktf writes into a stack's folder; the last two with ``--hcl``."""

_REPLACEABLE = {*SYNTHESIZED, ".terraform", ".terraform.lock.hcl"}
"""Files that synthesis and ``terraform init`` write again. Anything else, such as a state, is irreplaceable."""


class StackFolders:
    """Folders that a run of one config may write and remove. `names`: all stacks of the config."""

    def __init__(self, outdir: Path, config: Path, names: Iterable[str]) -> None:
        self._outdir = outdir
        self._config = config
        self._names = set(names)
        self._known = _read(outdir / RECORD)
        self._own = _relative(config, outdir)
        self._gone = [self._folder(name) for name in self._known.get(self._own, ()) if self._is_gone(name)]

    def mistakes(self, stacks: Iterable[str]) -> Iterator[Mistake]:
        """Mistakes for stacks that cannot be written and folders of former stacks that cannot be removed."""
        others = {
            name.lower(): config
            for config, names in self._known.items()
            if config != self._own and (self._outdir / config).exists()
            for name in names
        }
        for name in stacks:
            if (other := others.get(name.lower())) and self._folder(name).exists():
                problem = f"{self._shown(name)} is the folder of a stack of another config, {quoted(other)}"
                fix = (
                    "Rename one of the two stacks, or set CDKTF_OUTDIR=<folder> to write elsewhere. "
                    "If the stack moved here, remove it there and run synth with that config first."
                )
                yield Mistake("ACM014", (), problem, fix)
        if "CDKTF_CONTEXT_JSON" in os.environ:
            yield from self._removed_by_cdktf()
        for folder in self._gone:
            found = ["a symbolic link"] if folder.is_symlink() else _irreplaceable(folder)
            if found:
                problem = f"{self._shown(folder.name)} cannot be removed, although {self._config} no longer has this stack: it "
                problem += f"is {found[0]}" if folder.is_symlink() else f"contains {listed(found)}"
                fix = (
                    "If the stack was renamed, rename its folder too. "
                    "If it was removed, run terraform destroy in the folder, and delete it."
                )
                yield Mistake("ACM013", (), problem, fix)

    def _removed_by_cdktf(self) -> Iterator[Mistake]:
        """Mistakes for folders with irreplaceable files that cdktf's command line would remove after this program."""
        stacks = self._outdir / "stacks"
        for folder in sorted(stacks.iterdir()) if stacks.is_dir() else ():
            is_other = folder.is_dir() and folder.name not in self._names and folder not in self._gone
            if is_other and (found := _irreplaceable(folder)):
                problem = (
                    f"{self._shown(folder.name)} would be removed by cdktf, which removes all stacks that {self._config} "
                    f"does not have: it contains {listed(found)}"
                )
                fix = "Give each config an output folder of its own with cdktf's option --output, or move the folder."
                yield Mistake("ACM013", (), problem, fix)

    def finish(self, written: Iterable[str]) -> list[Path]:
        """Remove the folders of former stacks and update the record. Returns the removed folders."""
        for folder in self._gone:
            shutil.rmtree(folder)
        own = {name for name in self._known.get(self._own, ()) if name in self._names} | set(written)
        record = {config: [name for name in names if name not in own] for config, names in self._known.items()}
        record[self._own] = sorted(own)
        text = json.dumps({config: names for config, names in sorted(record.items()) if names}, indent=2)
        new = self._outdir / f".{RECORD}"
        new.write_text(f"{text}\n", encoding="utf-8")
        os.replace(new, self._outdir / RECORD)
        return self._gone

    def _folder(self, name: str) -> Path:
        return self._outdir / "stacks" / name

    def _shown(self, name: str) -> str:
        return quoted(f"stacks/{name}")

    def _is_gone(self, name: str) -> bool:
        folder = self._folder(name)
        if name in self._names or not os.path.lexists(folder):
            return False
        # On a case-insensitive file system, a stack renamed in letter case only keeps its folder.
        same = (self._folder(other) for other in self._names if other.lower() == name.lower())
        return not any(other.exists() and other.samefile(folder) for other in same)


def _irreplaceable(folder: Path) -> list[str]:
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else [folder.name]
    return [quoted(name) for name in names if name not in _REPLACEABLE][:3]


def _read(file: Path) -> Mapping[str, list[str]]:
    """Read the record. A damaged one counts as empty, so nothing is removed."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        config: [name for name in names if isinstance(name, str) and STACK_NAME.fullmatch(name)]
        for config, names in (content.items() if isinstance(content, dict) else ())
        if isinstance(names, list)
    }


def _relative(config: Path, outdir: Path) -> str:
    place = config.parent.resolve() / config.name
    try:
        return Path(os.path.relpath(place, outdir.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return place.as_posix()
