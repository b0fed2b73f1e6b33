"""Time and memory of ``python main.py`` against a plain CDKTF program, and how both grow with the number of clusters.

    make bench                                   # or: python bench/bench.py [--quick] [--runs N]

* Whole processes, from start to exit, with warm caches (each program runs once before anything is counted).
* The programs take turns, so that a busy moment of the machine hits all of them; figures are medians.
* Memory is the peak of the largest process of the tree, Python or Node: what the kernel says at wait4 is the maximum over
  a process and all that it waited for, and jsii waits for Node.
* All programs run the same Node, the one that main.py would choose.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
sys.path.insert(0, str(PROJECT / "constructs"))  # plain checkout

from estate import SUBSCRIPTION, cluster_id  # noqa: E402

from aks_communication_manager.terraform.runtime import node  # noqa: E402

SHARED_AT_MOST = 350
"""Azure takes queries of 64 KB: some 350 clusters (README)."""

MANY = 1000
"""An estate whose size shows what a rule costs, where start-up no longer matters."""

CONFIG = """\
stacks:
  production:
    subscription_id: {subscription}
    location: westeurope
    resource_group: rg-aks-notices
    action_group:
      name: ag-aks-notices
      short_name: aksnotices
      receivers:
        - {{type: email, name: platform-team, email_address: platform@example.com}}
    rules: {rules}
    scopes:
{scopes}
"""


@dataclass
class Figures:
    """What one run, or the median of several, cost."""

    seconds: float
    megabytes: float


def run(command: list[str], outdir: Path, **environment: str) -> Figures:
    """Run a program to its end."""
    with tempfile.TemporaryFile() as written:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            # Empty is not set: without compiled modules on disk every run would compile them anew.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", "CDKTF_OUTDIR": str(outdir), **environment},
            stdout=written,
            stderr=written,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            written.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{written.read().decode()}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes on Linux
    return Figures(seconds, usage.ru_maxrss * unit / 1e6)


def median(runs: list[Figures]) -> Figures:
    """Of each figure on its own."""
    return Figures(statistics.median(r.seconds for r in runs), statistics.median(r.megabytes for r in runs))


class Programs:
    """What is measured; each call runs a program once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def output(self, name: str) -> Path:
        """The Terraform JSON of a program's last run."""
        return self.folder / name / "stacks" / "production" / "cdk.tf.json"

    def bare_import(self) -> Figures:
        """The least that any CDKTF program in Python takes."""
        return run([sys.executable, "-c", "import cdktf"], self.folder / "bare")

    def plain(self, clusters: int) -> Figures:
        """The documented set-up, written plainly."""
        return run([sys.executable, str(HERE / "plain_cdktf.py"), str(clusters)], self.folder / "plain")

    def ours(self, clusters: int, mode: str) -> Figures:
        """``python main.py`` with a config for as many clusters."""
        scopes = [f"/subscriptions/{SUBSCRIPTION}"] if mode == "subscription" else map(cluster_id, range(clusters))
        config = self.folder / "config.yaml"  # one name: the folder of a stack belongs to one config
        config.write_text(
            CONFIG.format(
                subscription=SUBSCRIPTION,
                rules="shared" if mode == "shared" else "per-scope",
                scopes="\n".join(f"      - {scope}" for scope in scopes),
            )
        )
        command = [sys.executable, str(PROJECT / "main.py")]
        return run(command, self.folder / "ours", COMMUNICATION_MANAGER_CONFIG=str(config))


def content(file: Path) -> dict[str, Counter[str]]:
    """Everything in a Terraform JSON but the logical names, which follow from how a program is divided into constructs."""
    synthesised = json.loads(file.read_text())
    found: dict[str, Counter[str]] = {}
    for kind, resources in synthesised["resource"].items():
        found[kind] = Counter()
        for resource in resources.values():
            del resource["//"]
            text = json.dumps(resource, sort_keys=True)
            for others in synthesised["resource"].values():
                for name in others:
                    text = text.replace(f".{name}.", ".<name>.")
            found[kind][text] += 1
    for part in ("provider", "terraform"):
        found[part] = Counter([json.dumps(synthesised[part], sort_keys=True)])
    found["output"] = Counter({name: len(output["value"]) for name, output in synthesised["output"].items()})
    return found


def compare(programs: Programs) -> None:
    """Stop where the two programs do not write the same: then their times say nothing."""
    plain, ours = content(programs.output("plain")), content(programs.output("ours"))
    # The id of a resource's own name differs in length between the two.
    plain["output"].pop("notices_action_group_id")
    ours["output"].pop("notices_action_group_id")
    for kind in plain | ours:
        if plain.get(kind) != ours.get(kind):
            sys.exit(
                f"plain_cdktf.py does not write the same {kind} as main.py:\n"
                + "\n".join(f"- {text}" for text in plain.get(kind, Counter()) - ours.get(kind, Counter()))
                + "\n"
                + "\n".join(f"+ {text}" for text in ours.get(kind, Counter()) - plain.get(kind, Counter()))
            )


def one_cluster(programs: Programs, runs: int) -> None:
    """The table of the start-up targets."""
    programs.bare_import(), programs.ours(1, "per-scope"), programs.plain(1)  # warm caches
    compare(programs)
    taken: dict[str, list[Figures]] = {"bare": [], "ours": [], "plain": []}
    for _ in range(runs):
        taken["bare"].append(programs.bare_import())
        taken["ours"].append(programs.ours(1, "per-scope"))
        taken["plain"].append(programs.plain(1))
    bare, ours, plain = (median(taken[name]) for name in ("bare", "ours", "plain"))
    print(
        f"One cluster: whole process, median of {runs} runs that take turns; both programs write the same resources\n"
    )
    print(f"{'':24}{'time':>10}{'peak memory':>14}")
    for name, figures in {"plain CDKTF program": plain, "import cdktf": bare, "python main.py": ours}.items():
        print(f"{name:24}{figures.seconds:8.2f} s{figures.megabytes:11.0f} MB")
    print()
    target("time against the plain program", plain.seconds / ours.seconds, 14, "at least 1/{:.0f}", "1/{:.1f}")
    target("time against import cdktf", ours.seconds / bare.seconds, 1.25, "at most {:.2f}", "{:.2f}")
    target("memory against the plain program", plain.megabytes / ours.megabytes, 3, "at most 1/{:.0f}", "1/{:.1f}")


def target(what: str, ratio: float, limit: float, said: str, shown: str) -> None:
    """One line: the ratio, its target, whether it is met."""
    met = ratio <= limit if "1/" not in shown else ratio >= limit
    print(f"{what:48}{shown.format(ratio):>8}   target {said.format(limit):16}{'met' if met else 'MISSED'}")


def scale(programs: Programs, sizes: list[int], runs: int) -> None:
    """How time, memory and JSON grow with the clusters, in each mode, against the plain program for as many."""
    print(f"\nMany clusters (median of {runs} runs that take turns)\n")
    print(f"{'clusters':>8}  {'':14}{'time':>9}{'a cluster':>12}{'peak memory':>13}{'JSON':>11}{'of plain':>10}")
    for clusters in sizes:
        modes = [
            mode for mode in ("per-scope", "shared", "subscription") if mode != "shared" or clusters <= SHARED_AT_MOST
        ]
        plain: list[Figures] = []
        ours: dict[str, list[Figures]] = {mode: [] for mode in modes}
        written: dict[str, int] = {}
        for _ in range(runs):
            plain.append(programs.plain(clusters))
            for mode in modes:
                ours[mode].append(programs.ours(clusters, mode))
                written[mode] = programs.output("ours").stat().st_size
        line(clusters, "plain CDKTF", median(plain), programs.output("plain").stat().st_size, median(plain))
        for mode in modes:
            line(clusters, mode, median(ours[mode]), written[mode], median(plain))
        print()
        if clusters == MANY:
            ratio = median(ours["per-scope"]).seconds / median(plain).seconds
            target(f"time for {clusters:,} clusters against the plain program", ratio, 0.28, "at most {:.2f}", "{:.3f}")


def line(clusters: int, name: str, figures: Figures, written: int, plain: Figures) -> None:
    """A row of the table."""
    print(
        f"{clusters:8,}  {name:14}{figures.seconds:7.2f} s{1000 * figures.seconds / clusters:9.1f} ms"
        f"{figures.megabytes:10.0f} MB{written / 1000:8,.0f} kB{figures.seconds / plain.seconds:10.3f}"
    )


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often each program runs for one cluster (default: 5)")
    parser.add_argument("--quick", action="store_true", help="three runs, and at most 100 clusters")
    arguments = parser.parse_args()
    node.ensure_node()
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(Path(folder))
        one_cluster(programs, 3 if arguments.quick else arguments.runs)
        scale(programs, [1, 10, 100] if arguments.quick else [1, 10, 100, MANY], 1 if arguments.quick else 3)


if __name__ == "__main__":
    main()
