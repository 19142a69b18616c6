"""How much faster several workers of dask, each on a core of its own, end a suite of equal jobs than one worker does.

::

    python results/scale/scaling.py --workers 3 --jobs 12 --repeats 3

It starts a scheduler and the workers on this machine, and writes ``places.csv``. There are three workers by default, or
as many as there are cores. Driver and scheduler run beside them: where each core has a worker, they take a part of it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from at_places import DaskCluster, add_rows, equal_jobs, opened, wait_for

from bench.machine.environment import siblings
from bench.running.progress.listening import Silence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.running.plan import Job

RECOMMENDER, DATASET = "als:epochs=30", "synthetic:2000x1500x100000"


def own_cores(n: int) -> list[int]:
    """Return a logical core of each of ``n`` physical ones."""
    first = {siblings(core): core for core in sorted(os.sched_getaffinity(0), reverse=True)}
    if len(first) < n:
        raise SystemExit(f"{n} workers need {n} cores, and this process may use {len(first)}; give --workers")
    return sorted(first.values())[:n]


def seconds_on(cores: Sequence[int], jobs: Sequence[Job], cluster: DaskCluster, folder: Path) -> float:
    """Return the seconds that workers take for jobs; as many others, which do not count, run before."""

    def pinned(core: int, command: Sequence[str]) -> list[str]:
        return ["taskset", "--cpu-list", str(core), *command]

    workers = [cluster.add_worker(command=lambda command, core=core: pinned(core, command)) for core in cores]
    cluster.wait_for_workers(*workers)
    place = opened(f"dask:{cluster.address}", jobs, folder, Silence())
    wait_for([place.submit(job) for job in jobs[: len(cores)]])
    started = time.perf_counter()
    wait_for([place.submit(job) for job in jobs[len(cores) :]])
    seconds = time.perf_counter() - started
    place.close()
    for worker in workers:
        worker.kill_all()
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write."""
    n_cores = len({siblings(core) for core in os.sched_getaffinity(0)})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=min(3, n_cores), metavar="N", help="default: 3, or all cores")
    parser.add_argument("--jobs", type=int, default=12, metavar="N", help="of the suite (default: 12)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="of both, in turn (default: 3)")
    options = parser.parse_args(arguments)
    if shutil.which("taskset") is None:
        raise SystemExit("workers are held to cores by taskset, which is not there (Debian: util-linux)")
    cores = own_cores(options.workers)
    alone, together = [], []
    with tempfile.TemporaryDirectory() as name, DaskCluster(Path(name, "dask")) as cluster:
        folder = Path(name, "driver")
        folder.mkdir()
        jobs = equal_jobs(options.jobs + options.workers, elsewhere=True, recommender=RECOMMENDER, dataset=DATASET)
        for _ in range(options.repeats):
            alone.append(seconds_on(cores[:1], jobs[: options.jobs + 1], cluster, folder))
            together.append(seconds_on(cores, jobs, cluster, folder))
    one, several = statistics.median(alone), statistics.median(together)
    what = f"{options.jobs} equal jobs"
    add_rows(
        "dask",
        [
            (f"{what}, 1 worker on 1 core of {n_cores}", one, "s", options.repeats),
            (f"{what}, {len(cores)} workers on {len(cores)} cores of {n_cores}", several, "s", options.repeats),
            (f"{what}: how much faster {len(cores)} workers are than 1", one / several, "times", options.repeats),
        ],
    )


if __name__ == "__main__":
    main()
