"""How near to the hardware's limit is the whole path? Our code against what others write, and against bare operations.

::

    python results/performance/measure.py --data ml-1m/ml-1m

measures each target in a process of its own, with pinned threads, and writes ``results/performance.md`` and
``results/performance/performance.csv``. What is compared is timed in turn, in the same process and after a warm-up, so
that whatever else the machine does disturbs both alike. Figures are medians, unless a note says that it is a single
run. Where a library or data that a reference needs is not there, it says so.

With ``--only`` or ``--quick`` the page is printed, and written only with ``--out``. Figures of ``--quick`` mean
nothing: it only shows that everything runs. Exits with 1 where a target failed to be measured.

``--data`` is the prefix of the NCF paper's three files of MovieLens-1M. MovieLens-100K is found as `recbench run` does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from outcomes import Outcome, Setting

from bench.machine.environment import describe_environment, thread_variables
from bench.writing.csv import csv_text
from protocol.drafts import write_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES = (
    "mlp", "gmf", "neumf", "bpr", "als", "ease", "als_steps", "rp3beta", "p3alpha", "slim", "pure_svd", "user_knn",
    "ranking", "catalogue", "drawing", "loading", "suite", "study", "growth", "towers", "torch", "light_gcn", "sasrec",
)  # fmt: skip
"""Of the targets, without importing what they import."""

FOLDER = Path(__file__).parent

CRASHED = "it failed with exit code"
"""How the note of a target begins whose process did not end well."""


def measure(name: str, setting: Setting) -> list[Outcome]:
    """Return the outcomes of one target, measured in a process of its own."""
    options = ["--quick"] * setting.quick + (["--data", str(setting.data)] if setting.data else [])
    command = [sys.executable, __file__, "--child", name, "--threads", str(setting.threads), *options]
    done = subprocess.run(
        command, env={**os.environ, **thread_variables(setting.threads)}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        failure = f"{CRASHED} {done.returncode}"
        return [Outcome(name, name, "-", setting.threads, "-", None, None, None, "-", reached=False, note=failure)]
    return [Outcome(**document) for document in json.loads(done.stdout.splitlines()[-1])]


def measure_here(name: str, setting: Setting) -> None:
    """Measure one target in this process, and print the outcomes as JSON."""
    from targets import TARGETS

    print(json.dumps([asdict(outcome) for outcome in TARGETS[name](setting)]))


def markdown(outcomes: Sequence[Outcome], setting: Setting) -> str:
    """Return the page."""
    machine = describe_environment()
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    about = (
        f"Written by `results/performance/measure.py`, which says how it is measured, on {setting.threads} of "
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, {machine['system']}; "
        f"{machine['blas']}; {versions}; commit {machine['commit']}. "
        "Figures are medians after a warm-up, unless a note says that it is a single run."
    )
    quick = ["", "**Made with --quick: everything is small, and no figure means anything.**"] * setting.quick
    lines = [
        "# How near to the limit?",
        "",
        *textwrap.wrap(about, 120),
        *quick,
        "",
        "| target | what | against | threads | ours | theirs | ratio | goal | reached |",
        "|:--|:--|:--|--:|--:|--:|--:|:--|:--|",
        *(f"| {' | '.join(_cells(outcome))} |" for outcome in outcomes),
    ]
    notes = [f"- {one.target}, {one.what}, {one.against}: {one.note}" for one in outcomes if one.note]
    return "\n".join([*lines, "", *notes, ""])


def _cells(one: Outcome) -> Iterable[str]:
    reached = {True: "yes", False: "NO", None: "not measured"}[one.reached]
    ratio = "-" if one.ratio is None else f"{one.ratio:.3g}"
    figures = (_figure(value, one.unit) for value in (one.ours, one.theirs))
    return one.target, one.what, one.against, str(one.threads), *figures, ratio, one.goal, reached


def _figure(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.3g} {unit}".strip()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=NAMES, metavar="TARGET", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--data", type=Path, metavar="PREFIX", help="the NCF paper's files of MovieLens-1M")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="cores to use (default: 2)")
    parser.add_argument("--quick", action="store_true", help="a smoke test: everything small")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where page and table go (default: results)")
    parser.add_argument("--child", choices=NAMES, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    setting = Setting(arguments.data, arguments.quick, arguments.threads)
    if arguments.child:
        measure_here(arguments.child, setting)
        return 0
    page_folder = table_folder = arguments.out
    if not (arguments.out or arguments.quick or arguments.only):
        page_folder, table_folder = FOLDER.parent, FOLDER
    if page_folder:
        page_folder.mkdir(parents=True, exist_ok=True)
    outcomes, text = [], ""
    for name in arguments.only or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        outcomes += measure(name, setting)
        # Each time, so that what takes too long and is stopped leaves something behind.
        text = markdown(outcomes, setting)
        if page_folder and table_folder:
            write_output(page_folder / "performance.md", text.encode())
            write_output(table_folder / "performance.csv", csv_text([asdict(one) for one in outcomes]).encode())
    print(text, end="")
    return int(any(one.note.startswith(CRASHED) for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
