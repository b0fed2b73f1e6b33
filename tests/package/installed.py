"""The package as somebody else has it: built from a copy of the sources that is gone by then, and installed by uv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""The Pythons that the package is tried on where they are on the machine. Those of pyproject's classifiers have to be in CI."""


@dataclass(frozen=True)
class Distributions:
    """What is uploaded for a release."""

    wheel: Path
    sdist: Path

    def requirements(self, *extras: str) -> list[str]:
        """What the wheel requires with these extras, as if a program required it itself."""
        with zipfile.ZipFile(self.wheel) as archive:
            [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            found = map(Requirement, message_from_bytes(archive.read(name)).get_all("Requires-Dist", []))
        kept = []
        for requirement in found:
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                requirement.marker = None
                kept.append(str(requirement))
        return kept


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the package in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self._program("python")

    @property
    def command(self) -> Path:
        """The console script."""
        return self._program("aks-communication-manager")

    def _program(self, name: str) -> Path:
        places = [self.folder / "bin" / name, self.folder / "Scripts" / f"{name}.exe"]
        return next((path for path in places if path.exists()), places[0])

    def run(self, *command: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command as somebody who has never seen the sources."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "VIRTUAL_ENV", "JSII_NODE")
            and not name.startswith(("CDKTF", "COMMUNICATION_MANAGER", "AKS_COMMUNICATION_MANAGER"))
        }
        return subprocess.run(
            [str(each) for each in command], cwd=cwd, env=inherited | more, capture_output=True, text=True
        )

    def versions(self) -> dict[str, str]:
        """What is installed: version by name."""
        code = "import importlib.metadata as m; [print(d.metadata['Name'], d.version) for d in m.distributions()]"
        lines = self.run(self.python, "-c", code, cwd=self.folder).stdout.splitlines()
        return {canonicalize_name(name): version for name, version in (line.split() for line in lines)}


def build(folder: Path) -> Distributions:
    """Build the source distribution, and the wheel from it, of what git knows here; then the copy of the sources goes."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    sources = folder / "sources"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, sources / name)
    dist = folder / "dist"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, sources]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(sources)
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    return Distributions(wheel, sdist)


def install(
    folder: Path, *what: str | Path, python: str | Path = sys.executable, resolution: str = "highest"
) -> Environment:
    """A new virtual environment with this in it. uv takes nothing from the network but packages."""
    subprocess.run(
        [UV, "venv", "--quiet", "--no-python-downloads", "--python", python, folder], check=True, capture_output=True
    )
    made = Environment(folder)
    run = subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", made.python, "--resolution", resolution, *what],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return made


@cache
def interpreter(version: str) -> Path | None:
    """A Python of this version on this machine: the one that runs, on PATH, in Debian's place, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = shutil.which(f"python{version}")
    candidates = [Path(sys.executable), *sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]
    candidates += [*([Path(found)] if found else []), Path(f"/usr/bin/python{version}")]
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    for candidate in candidates:
        if candidate.exists():
            run = subprocess.run([candidate, "-c", code], capture_output=True, text=True)
            if run.stdout.strip() == version:
                return candidate
    return None
