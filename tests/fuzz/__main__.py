# ruff: noqa: T201 (a program)
"""``make fuzz``: what no config, no answer of Azure and no file with records may do to the program, and what whatever compiles has to be.

    python -m tests.fuzz [--count 100000] [--answers 20000] [--documents 20000] [--records 20000] [--seed 0] [--combinations 1000]

Exit status 1 where anything is found; the inputs are then in the folder that the last line names.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.azurerm.prepared import VERSION
from tests.fuzz.combined import Combined, bundles, validate
from tests.fuzz.trial import Finding, Outcome, run, somewhere
from tests.stand_in.terraform import unavailable

_CHUNK = 1000


def _configs(arguments: tuple[int, range]) -> Outcome:
    seed, numbers = arguments
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=somewhere()) as folder:
        return run(seed, numbers, Path(folder))


def _answers(arguments: tuple[int, range]) -> Outcome:
    from tests.fuzz import azure_answers

    return azure_answers.run(*arguments)


def _documents(arguments: tuple[int, range]) -> Outcome:
    from tests.fuzz import terraform_documents

    return terraform_documents.run(*arguments)


def _records(arguments: tuple[int, range]) -> Outcome:
    from tests.fuzz import event_documents

    return event_documents.run(*arguments)


def tried(chunk: Callable[[tuple[int, range]], Outcome], called: str, count: int, seed: int, processes: int) -> Outcome:
    """Try so many inputs of one kind."""
    outcome = Outcome()
    chunks = [(seed, range(start, min(start + _CHUNK, count))) for start in range(0, count, _CHUNK)]
    with multiprocessing.Pool(processes, maxtasksperchild=20) as pool:
        for done, part in enumerate(pool.imap_unordered(chunk, chunks), 1):
            outcome.add(part)
            for finding in part.findings:
                print(f"{finding.number}: {finding.problem}", file=sys.stderr)
            if sys.stderr.isatty() or done % 10 == 0 or done == len(chunks):
                print(
                    f"{min(done * _CHUNK, count):,} {called}, {len(outcome.findings)} findings",
                    file=sys.stderr,
                    flush=True,
                )
    return outcome


def _report(findings: list[Finding]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-findings-"))
    alike: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=lambda finding: len(finding.content)):
        alike[finding.problem].append(finding)
    for problem, found in alike.items():
        file = folder / f"{found[0].number}.yaml"
        file.write_bytes(found[0].content)
        print(f"\n{problem}: {len(found)} times, the shortest is {file}\n{found[0].details}")


def combined(wanted: int, seed: int, version: str, cache: Path) -> Combined:
    """Compile so many combinations of options, and let Terraform validate them."""
    from aks_communication_manager import fast_start

    fast_start.enable()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for seen, stacks in bundles(seed, wanted, Path(folder)):
            seen.broken += validate(stacks, version, cache)
            print(f"{seen.compiled:,} combinations, {len(seen.broken)} findings", file=sys.stderr, flush=True)
    return seen


def _combinations(wanted: int, seed: int) -> bool:
    """Try them, and print what there is to say. Whether all is well."""
    with tempfile.TemporaryDirectory(prefix="fuzz-azurerm-") as cache:
        if reason := unavailable(VERSION, Path(cache)):
            print(f"The combinations cannot be validated: {reason}", file=sys.stderr)
            return False
        begin = time.monotonic()
        seen = combined(wanted, seed, VERSION, Path(cache))
    print(
        f"{seen.made:,} combinations of options of seed {seed} in {time.monotonic() - begin:.0f} s: {seen.compiled:,} compiled "
        f"and were validated with azurerm {VERSION}, the others had mistakes ({len(seen.refused)} different codes); "
        f"{len(seen.broken)} findings"
    )
    for problem in dict.fromkeys(seen.broken):
        print(f"  {problem}")
    return not seen.broken


def main() -> int:
    """Run the program; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="how many configs (default: %(default)s)")
    parser.add_argument("--answers", type=int, default=20_000, help="how many answers of Azure (default: %(default)s)")
    parser.add_argument(
        "--documents", type=int, default=20_000, help="how many Terraform documents (default: %(default)s)"
    )
    parser.add_argument(
        "--records", type=int, default=20_000, help="how many files with records (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="other configs for another seed (default: %(default)s)")
    parser.add_argument("--combinations", type=int, default=1000, help="how many combinations (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    findings: list[Finding] = []
    for chunk, called, count in (
        (_configs, "configs", given.count),
        (_answers, "answers of Azure", given.answers),
        (_documents, "Terraform documents", given.documents),
        (_records, "files with records", given.records),
    ):
        begin = time.monotonic()
        outcome = tried(chunk, called, count, given.seed, given.processes)
        ends = ", ".join(f"{number:,} ended in {end}" for end, number in outcome.ends.most_common())
        print(
            f"{count:,} {called} of seed {given.seed} in {time.monotonic() - begin:.0f} s: {ends}; "
            f"{len(outcome.codes)} different codes; the slowest took {outcome.slowest:.2f} s, "
            f"the most memory {outcome.memory / 2**20:.0f} MB; {len(outcome.findings)} findings"
        )
        findings += outcome.findings
    if findings:
        _report(findings)
    valid = not given.combinations or _combinations(given.combinations, given.seed)
    return 0 if valid and not findings else 1


if __name__ == "__main__":
    sys.exit(main())
