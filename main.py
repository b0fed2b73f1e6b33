"""The program that cdktf.json calls: ``python main.py`` writes what ``cdktf synth`` needs."""

import gc
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
USER_MISTAKE = 2
"""The exit status for a mistake in the config; 1 is a bug of ours, with its traceback."""


def python_of_make_synth() -> Path | None:
    """The Python in .venv, where no virtual environment is active: then ``cdktf deploy`` just works."""
    if sys.prefix != sys.base_prefix:
        return None
    for place in ("bin/python", "Scripts/python.exe"):
        if (python := HERE / ".venv" / place).exists():
            return python
    return None


def main() -> int:
    """Run the program; the exit status. Mistakes go to stderr, and what was written before stays whole then."""
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
        return USER_MISTAKE
    sys.path.insert(0, str(HERE / "constructs"))
    # Of what imports make, nothing is garbage: looking for it takes a tenth of a run's time.
    gc.disable()
    return synthesize(
        Path(os.environ.get("COMMUNICATION_MANAGER_CONFIG") or "communication-manager.yaml"),
        Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out"),
    )


def synthesize(config: Path, outdir: Path) -> int:
    """Compile the config and write its Terraform JSON."""
    from aks_communication_manager import fast_start
    from aks_communication_manager.errors import FrameworkNotFound, InvalidConfig, NodeNotFound

    try:
        fast_start.enable()
        starting = fast_start.preload()  # Node starts while the config is read
    except (NodeNotFound, FrameworkNotFound) as error:
        print(error, file=sys.stderr)
        return USER_MISTAKE
    from aks_communication_manager.compiler import compile_config
    from aks_communication_manager.terraform import output

    try:
        compilation = compile_config(config)
        stacks = compilation.checked()
        output.check(outdir, [stack.name for stack in stacks])
    except InvalidConfig as error:
        print(error, file=sys.stderr)
        return USER_MISTAKE
    finally:
        starting.join()
    for warning in compilation.warnings:
        print(f"{config}: {warning}", file=sys.stderr)
    output.synthesize(stacks, outdir)
    # cdktf's command line draws on the terminal itself.
    if not {"-q", "--quiet"} & set(sys.argv) and "CDKTF_CONTEXT_JSON" not in os.environ:
        for stack in stacks:
            print(f"{stack.name}: {stack.plan.summary} → {outdir / 'stacks' / stack.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
