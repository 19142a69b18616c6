"""What a job on a cluster of dask costs beyond its own time, and what 2,000 queued jobs cost the driver.

::

    python results/scale/dask_overhead.py --jobs 20 --queued 2000

It starts a scheduler and a worker of its own on this machine. Jobs of `popularity` run one after the other, here and
there. Then so many are submitted at once; what counts is how long it takes until the first one runs, and the memory of
the driver.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))

from dask_cluster import DaskCluster

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

TIMEOUT_SECONDS = 3600.0


class FirstStart(Silence):
    """Notices when the first job starts."""

    def __init__(self) -> None:
        self.is_there = threading.Event()

    def started(self, _: Job) -> None:
        """Notice it."""
        self.is_there.set()


def planned(n: int, *, elsewhere: bool) -> list[Job]:
    """Return jobs of `popularity` that differ by their seeds alone."""
    (job,) = plan_jobs(
        choose(["popularity"]),
        [0],
        threads=1,
        environment=describe_environment(),
        task=build_task(load_dataset("synthetic")),
        elsewhere=elsewhere,
    )
    return [replace(job, seed=seed) for seed in range(n)]


def opened(on: str | None, jobs: Sequence[Job], folder: Path, progress: Silence) -> Place:
    """Return a place that is open for some jobs."""
    place = place_of(on)
    place.open(RunOfJobs(jobs, Limits(TIMEOUT_SECONDS, None), progress, FolderView.of(folder, folder), folder))
    return place


def one_by_one(on: str | None, n: int, folder: Path) -> float:
    """Return the median of the seconds from the submission of a job to its record; the first job does not count."""
    jobs, seconds = planned(n + 1, elsewhere=on is not None), []
    place = opened(on, jobs, folder, Silence())
    for job in jobs:
        started = time.perf_counter()
        returned = place.submit(job).result()
        seconds.append(time.perf_counter() - started)
        place.settled(job)
        if returned.record.failure is not None:
            raise SystemExit(f"a job failed: {returned.record.failure.message}")
    place.close()
    return statistics.median(seconds[1:])


def queued(on: str, n: int, folder: Path) -> tuple[float, float]:
    """Return the seconds until the first of many jobs runs, and the MiB that the driver holds then."""
    jobs, first = planned(n, elsewhere=True), FirstStart()
    started = time.perf_counter()
    place = opened(on, jobs, folder, first)
    futures = [place.submit(job) for job in jobs]
    first.is_there.wait()
    seconds = time.perf_counter() - started
    held = psutil.Process().memory_info().rss / 2**20
    place.stop()
    place.close()
    if sum(future.done() for future in futures) < n:
        raise SystemExit("some jobs have neither a record nor an error")
    return seconds, held


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=20, metavar="N", help="jobs, one after the other (default: 20)")
    parser.add_argument("--queued", type=int, default=2000, metavar="N", help="jobs, submitted at once (default: 2000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, DaskCluster(Path(name, "dask")) as cluster:
        cluster.wait_for_workers(cluster.add_worker())
        on, folder = f"dask:{cluster.address}", Path(name, "driver")
        folder.mkdir()
        seconds, held = queued(on, options.queued, folder)
        here, there = (one_by_one(place, options.jobs, folder) for place in (None, on))
    print(f"{options.queued:,} jobs on dask: the first runs after {seconds:.2f} s, the driver holds {held:.0f} MiB")
    more = f"{there - here:.2f} s more"
    print(f"a job takes {here:.2f} s here and {there:.2f} s on dask (medians of {options.jobs}): {more}")


if __name__ == "__main__":
    main()
