"""One input compiled as the product compiles it, and everything that must not happen while it does."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import yaml

from aks_communication_manager.compiler import Compilation, compile_config
from aks_communication_manager.errors import InvalidConfig
from tests.fuzz.hostile import ENVIRONMENT, FILES, SECRET
from tests.fuzz.inputs import ROOT, made, sources

SECONDS = 2.0
"""Of the processor, so that a busy machine finds no mistakes of its own."""

BYTES = 500 * 2**20
"""How much more memory an input may take than the program has before the first."""

SECRET_KEYS = ("service_uri", "callback_url", "http_trigger_url", "access_key", "client_secret", "default")
"""Keys of the examples whose value is a secret."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that the product cannot cope with."""

    number: int
    problem: str
    """The same for all inputs that fail in the same way."""
    details: str
    content: bytes


@dataclass
class Outcome:
    """What became of many inputs."""

    ends: Counter[str] = field(default_factory=Counter)
    """How many ended in a plan, and how many in mistakes."""
    codes: Counter[str] = field(default_factory=Counter)
    """How often each mistake was reported."""
    findings: list[Finding] = field(default_factory=list)
    slowest: float = 0
    """Seconds of the processor."""
    memory: int = 0
    """Bytes more than before the first input."""

    def add(self, other: Outcome) -> None:
        self.ends += other.ends
        self.codes += other.codes
        self.findings += other.findings
        self.slowest = max(self.slowest, other.slowest)
        self.memory = max(self.memory, other.memory)

    def crashed(self, number: int, error: BaseException, content: bytes) -> None:
        """Record an exception that is not a message of ours, by the place that raised it."""
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-2] if isinstance(error, TooSlow) else frames[-1]  # the last is our own, which raises TooSlow
        problem = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
        details = "".join(traceback.format_exception(error, limit=-8))
        self.findings.append(Finding(number, problem, details, content))


class TooSlow(BaseException):
    """No `Exception`, so that nothing of the product catches it."""


def somewhere() -> str | None:
    """Where a file is written for each input: in memory, where the system has a folder for that."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def prepare(folder: Path) -> None:
    """What inputs refer to: files beside the config, and variables of the environment."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "queries" / "node-os-auto-upgrade.kql", folder / "own.kql")
    os.environ.update(ENVIRONMENT)


def run(seed: int, numbers: range, folder: Path) -> Outcome:
    """Try these inputs, one after the other."""
    prepare(folder)
    file = folder / "communication-manager.yaml"
    for text in sources():  # what is loaded once counts for no input
        file.write_text(text, encoding="utf-8")
        compile_config(file)
    outcome = Outcome()
    before = _most_memory()
    with limits():
        for number in numbers:
            content = made(seed, number)
            file.write_bytes(content)
            _try(outcome, number, content, file)
    outcome.memory = _most_memory() - before
    return outcome


def _try(outcome: Outcome, number: int, content: bytes, file: Path) -> None:
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        compilation = compile_config(file)
        said = list(_shown(compilation))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except (Exception, TooSlow) as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        outcome.crashed(number, error, content)
        return
    outcome.slowest = max(outcome.slowest, time.process_time() - begin)
    outcome.ends["a plan" if not compilation.mistakes else "mistakes"] += 1
    outcome.codes.update({mistake.code for mistake in compilation.mistakes})
    for problem, details in _wrong(compilation, said, content):
        outcome.findings.append(Finding(number, problem, details, content))


def _shown(compilation: Compilation) -> Iterator[tuple[str, str]]:
    """All that a person, a log or a debugger can see."""
    for mistake in compilation.mistakes:
        yield f"a mistake {mistake.code}", f"{mistake}\n{mistake!r}"
    for warning in compilation.warnings:
        yield f"a warning {warning.code}", f"{warning}\n{warning!r}"
    yield "the whole message", str(InvalidConfig(compilation.file, *compilation.mistakes))
    yield "repr", repr(compilation)
    for stack in compilation.stacks:
        yield "repr of the settings", repr(stack.settings)
        yield "repr of the plan", repr(stack.plan)
        yield "text of the plan", "\n".join(f"{one} {one.title}" for one in stack.plan.all)


def _wrong(compilation: Compilation, said: list[tuple[str, str]], content: bytes) -> Iterator[tuple[str, str]]:
    if not compilation.stacks and not compilation.mistakes:
        yield "neither a plan nor a mistake", ""
    known, own_place = _secrets(content)
    for what, text in said:
        if "repr" in what or "plan" in what:
            if own_place and SECRET in text:
                yield f"{what} shows a secret", _around(text)
        elif known and SECRET in text:
            yield f"{what} shows a secret", _around(text)
        if not text.replace("\n", "").isprintable() and "repr" not in what and "plan" not in what:
            yield f"{what} has characters that do not show", repr(text)[:2000]
    for stack in compilation.stacks:
        try:
            _texts(stack.plan).encode()
        except UnicodeEncodeError as error:
            yield "a plan cannot be written as UTF-8", str(error)


def _texts(value: Any) -> str:
    """All texts within a plan."""
    found: list[str] = []
    open_: list[Any] = [value]
    while open_:
        one = open_.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, tuple | list | frozenset):
            open_ += one
        elif hasattr(one, "items"):
            open_ += [part for item in one.items() for part in item]
        elif hasattr(one, "__slots__") and not hasattr(type(one), "model_fields"):
            names = {name for each in type(one).__mro__ for name in getattr(each, "__slots__", ())}
            open_ += [getattr(one, name) for name in names if hasattr(one, name)]
        elif hasattr(type(one), "model_fields"):
            open_ += [getattr(one, name) for name in type(one).model_fields]
    return "\n".join(found)


def _secrets(content: bytes) -> tuple[bool, bool]:
    """Whether each literal secret looks like one (a URL), and whether each has a key of its own.

    A mutation can cut the URL off, or put it where a name belongs; what nobody can take for a secret is shown there.
    """
    text = content.decode(errors="replace")
    if SECRET not in text:
        return True, True
    try:
        scalars = list(_scalars(yaml.compose(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader)), ()))
    except (yaml.YAMLError, RecursionError):
        scalars = [((), line) for line in text.splitlines()]
    # Two scalars may make one line of a message, so nothing of one follows the other.
    with_one = [(path, scalar) for path, scalar in scalars if SECRET in scalar]
    in_place = [path[-1] in SECRET_KEYS if path else False for path, _ in with_one]
    like_one = [SECRET not in re.sub(r"://\S+", "", scalar) for _, scalar in with_one]
    return all(own or url for own, url in zip(in_place, like_one, strict=True)), all(in_place)


def _scalars(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    open_: list[tuple[yaml.Node | None, tuple[str, ...]]] = [(node, path)]
    seen: set[int] = set()
    while open_:
        one, where = open_.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.ScalarNode):
            yield where, one.value
        elif isinstance(one, yaml.SequenceNode):
            open_ += [(inner, (*where, "[]")) for inner in one.value]
        elif isinstance(one, yaml.MappingNode):
            for key, inner in one.value:
                name = key.value if isinstance(key, yaml.ScalarNode) else "?"
                open_ += [(key, (*where, "a key")), (inner, (*where, name))]


def _around(text: str) -> str:
    at = text.index(SECRET)
    return text[max(0, at - 300) : at + 100]


@contextmanager
def limits() -> Iterator[None]:
    """An input that takes longer raises `TooSlow`, one that takes more memory `MemoryError`."""

    def too_slow(signal_: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {SECONDS} s")

    handler = signal.signal(signal.SIGVTALRM, too_slow)
    most = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + BYTES, most[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, most)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
