"""What a job on Slurm costs beyond its own time: ours, and Slurm's own.

::

    python results/scale/slurm_overhead.py --on slurm:partition=main --jobs 20
    python results/scale/slurm_overhead.py --on slurm --queued 2000

Jobs of `random` run one after the other, here and on the cluster. What is between writing the batch script, which is
sent then, and the log that Slurm opens when it starts the script, is Slurm's. With ``--queued`` so many jobs are
submitted at once; what counts is how long that takes, and the memory of the driver.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.choices import choose
from bench.machine.environment import describe_environment
from bench.running.folder_view import FolderView
from bench.running.places.choosing import place_of
from bench.running.places.place import RunOfJobs
from bench.running.plan import plan_jobs
from bench.running.progress.listening import Silence
from bench.running.supervisor import Limits
from protocol.data.loading import load_dataset
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.running.places.place import Place
    from bench.running.plan import Job


def planned(n: int, *, elsewhere: bool) -> list[Job]:
    """Return jobs that differ by their seeds alone."""
    task = build_task(load_dataset("synthetic:300x200x6000"))
    return plan_jobs(
        choose(["random"]),
        range(n),
        threads=1,
        environment=describe_environment(),
        task=task,
        validation=None,
        full_limit=0,
        elsewhere=elsewhere,
    )


def opened(place: Place, jobs: Sequence[Job], folder: Path) -> None:
    """Open a place for some jobs."""
    place.open(RunOfJobs(jobs, Limits(3600.0, None), Silence(), FolderView.of(folder, folder), folder))


def one_by_one(on: str | None, n: int, folder: Path) -> list[tuple[float, float]]:
    """Return the seconds from the submission of each job to its record, and how many of them are Slurm's.

    The next job is submitted only then. The first one, which loads what the others find loaded, is left out.
    """
    jobs = planned(n + 1, elsewhere=on is not None)
    place, seconds = place_of(on), []
    opened(place, jobs, folder)
    for number, job in enumerate(jobs):
        started = time.perf_counter()
        returned = place.submit(job).result()
        seconds.append((time.perf_counter() - started, of_slurm(folder, number + 1) if on else 0.0))
        place.settled(job)
        if returned.record.failure is not None:
            raise SystemExit(f"a job failed: {returned.record.failure.message}")
    place.close()
    return seconds[1:]


def of_slurm(folder: Path, n: int) -> float:
    """Return the seconds from the last batch script to the log that Slurm opens for it; nothing is written there."""
    scripts = sorted(folder.glob(".slurm-*/logs/*_submission.sh"), key=lambda path: path.stat().st_mtime)
    logs = sorted(folder.glob(".slurm-*/logs/*_log.out"), key=lambda path: path.stat().st_mtime)
    if not len(scripts) == len(logs) == n or logs[-1].stat().st_size:
        raise SystemExit(f"{n} jobs left {len(scripts)} scripts and {len(logs)} logs; one was sent twice, or printed")
    return logs[-1].stat().st_mtime - scripts[-1].stat().st_mtime


def queued(on: str, n: int, folder: Path) -> None:
    """Submit many jobs at once; say how long that takes, and what the driver holds."""
    jobs, place, process = planned(n, elsewhere=True), place_of(on), psutil.Process()
    started = time.perf_counter()
    opened(place, jobs, folder)
    futures = [place.submit(job) for job in jobs]
    submitted = time.perf_counter() - started
    while not any(future.done() for future in futures):
        time.sleep(0.05)
    first = time.perf_counter() - started
    held = process.memory_info().rss / 2**20
    place.stop()
    place.close()
    print(
        f"{n:,} jobs submitted in {submitted:.2f} s, the first record after {first:.2f} s, "
        f"the driver holds {held:.0f} MiB"
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", default="slurm")
    parser.add_argument("--jobs", type=int, default=20, metavar="N", help="jobs, one after the other (default: 20)")
    parser.add_argument("--queued", type=int, metavar="N", help="jobs, submitted at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slurm-overhead-", dir=Path.cwd()) as name:
        folder = Path(name)
        if options.queued:
            queued(options.on, options.queued, folder)
            return
        here = statistics.median(total for total, _ in one_by_one(None, options.jobs, folder))
        there = one_by_one(options.on, options.jobs, folder)
    total, slurm, ours = (
        statistics.median(values)
        for values in (*zip(*there, strict=True), [total - slurm - here for total, slurm in there])
    )
    print(
        f"medians of {options.jobs} jobs: {here:.2f} s here, {total:.2f} s there, of which {slurm:.2f} s are until "
        f"Slurm starts the script; {ours:.2f} s are ours"
    )


if __name__ == "__main__":
    main()
