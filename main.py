"""The program that cdktf.json calls: ``python main.py`` writes what ``cdktf synth`` needs."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def python_of_make_synth() -> Path | None:
    """The Python in .venv, where no virtual environment is active: then ``cdktf deploy`` just works."""
    if sys.prefix != sys.base_prefix:
        return None
    for place in ("bin/python", "Scripts/python.exe"):
        if (python := HERE / ".venv" / place).exists():
            return python
    return None


def main() -> int:
    """Run the program; the exit status."""
    if python := python_of_make_synth():
        command = [str(python), *sys.argv]
        if os.name == "posix":
            os.execv(python, command)
        return subprocess.run(command).returncode
    if find_spec("cdktf") is None and find_spec("cdktn") is None:
        print(
            "CDK for Terraform is not installed here. Run: make synth, or python -m pip install -r requirements.txt",
            file=sys.stderr,
        )
        return 2
    sys.path.insert(0, str(HERE / "constructs"))
    from aks_communication_manager.cli import program

    return program.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
