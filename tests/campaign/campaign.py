"""The reliability campaign: faults of many kinds, drawn by a seed, and what recbench does about each.

    make campaign SCALE=0.1 ARGS='--minutes 12 --jobs 2'

It needs Linux. Everything that it starts has its home, temporary files and current folder below a folder that it makes
and removes. A failure prints the command that repeats it; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
sys.path.insert(0, str(Path(__file__).parents[2]))

import again
import counts
import crowds
import damage
import dask_clusters
import files
import hostile
import kills
import on_slurm
import places
import replacing
from apart import become_subreaper, outcomes
from cases import Case, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apart import Batch, Outcome

KINDS = {
    kind.name: kind
    for kind in (
        *kills.KINDS,
        *hostile.KINDS,
        *files.KINDS,
        *damage.KINDS,
        *replacing.KINDS,
        *crowds.KINDS,
        *places.KINDS,
        *dask_clusters.KINDS,
        *on_slurm.KINDS,
    )
}


def drawn(kinds: Sequence[Kind], scale: float, seed: int, folder: Path) -> list[Batch]:
    """Return the cases of some kinds, mixed so that a campaign that is stopped has its share of each kind."""
    found = []
    for kind in kinds:
        count = max(1, math.ceil(scale * kind.count))
        cases = [case_of(kind, number, seed, folder) for number in range(count)]
        batches = [cases[start : start + kind.batch] for start in range(0, count, kind.batch)]
        found += [((at + 0.5) / len(batches), kind, batch) for at, batch in enumerate(batches)]
    found.sort(key=lambda one: one[0])
    return [(kind, batch) for _, kind, batch in found]


def batches_of(options: argparse.Namespace, kinds: Sequence[Kind], folder: Path) -> list[Batch]:
    """Return the cases that are asked for: those that failed once, one of each kind, or a campaign."""
    if options.again is not None:
        failed = again.failed_cases(options.again)
        return [(KINDS[kind], [case_of(KINDS[kind], number, seed, folder)]) for seed, kind, number in failed]
    if options.number is not None:
        return [(kind, [case_of(kind, options.number, options.seed, folder)]) for kind in kinds]
    return drawn(kinds, options.scale, options.seed, folder)


def case_of(kind: Kind, number: int, seed: int, folder: Path) -> Case:
    """Return a case of a kind, with its folder below another one."""
    return Case(seed, kind.name, number, folder / f"{kind.name}-{number}")


def prepared(batches: Sequence[Batch], folder: Path) -> Iterator[Batch]:
    """Yield the batches with what is prepared for their cases, each once, when the first case needs it."""
    made: dict[object, object] = {}
    for kind, cases in batches:
        if kind.prepare is not None and kind.prepare not in made:
            place = folder / f"prepared-{len(made)}"
            place.mkdir()
            made[kind.prepare] = kind.prepare(place)
        yield kind, [replace(case, prepared=made.get(kind.prepare)) for case in cases]


def main() -> int:
    """Run the campaign, and return the exit code."""
    options = parsed()
    os.environ["OMP_NUM_THREADS"] = "1"
    # A campaign in the background (nohup, &) ignores these, and so would every run that it starts.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="recbench-campaign-"))
    # What this process and its children read lies below the folder, too.
    os.environ.update(TMPDIR=str(folder), HOME=str(folder), RECBENCH_CACHE=str(folder / "cache"))
    tempfile.tempdir = None
    become_subreaper()
    kinds = [KINDS[name] for name in options.kind or KINDS]
    batches = batches_of(options, kinds, folder)
    n_drawn = sum(len(cases) for _, cases in batches)
    started = time.monotonic()
    found: list[Outcome] = []
    try:
        for outcome in outcomes(prepared(batches, folder), options.jobs, started + 60 * options.minutes):
            found.append(outcome)
            if outcome.failed:
                print(
                    f"FAILED {outcome.case.kind} {outcome.case.number}: {outcome.words}\n  {outcome.case.repeat}",
                    flush=True,
                )
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started
    print(counts.summary(found, n_drawn, seconds))
    if options.again is not None:
        again.add_to(options.again, found)
    if options.out is not None:
        options.out.write_text(counts.page(kinds, found, n_drawn, options.seed, seconds), encoding="utf-8")
    return 1 if any(outcome.failed for outcome in found) else 0


def parsed() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, metavar="X", help="multiply the counts (default: 1)")
    parser.add_argument("--minutes", type=float, default=math.inf, metavar="M", help="start no case after this time")
    parser.add_argument("--seed", type=int, default=0, help="decides what is drawn (default: 0)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cases at a time (default: 1)")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="this kind alone; may be given many times")
    parser.add_argument("--number", type=int, metavar="N", help="this case alone of each kind")
    parser.add_argument("--keep", action="store_true", help="keep the folders of the cases that failed")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="write the counts there")
    parser.add_argument(
        "--again",
        type=Path,
        metavar="FILE.md",
        help="run the cases that failed by this page, and say at its end what came of them",
    )
    options = parser.parse_args()
    options.out = options.out and options.out.resolve()
    options.again = options.again and options.again.resolve()
    return options


if __name__ == "__main__":
    raise SystemExit(main())
