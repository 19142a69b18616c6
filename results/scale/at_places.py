"""What the scripts beside this one share: equal jobs, one by one and many at once, and ``places.csv``.

The engines are started by the helpers of the tests.
"""

from __future__ import annotations

import csv
import io
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))

from dask_cluster import DaskCluster
from slurm_cluster import slurm_cluster

from bench.choices import choose
from bench.machine.environment import describe_environment
from bench.running.folder_view import FolderView
from bench.running.places.choosing import place_of
from bench.running.places.place import RunOfJobs
from bench.running.plan import plan_jobs
from bench.running.progress.listening import Silence
from bench.running.supervisor import Limits
from protocol.data.loading import load_dataset
from protocol.drafts import write_output
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future

    from bench.running.places.place import Place, Returned
    from bench.running.plan import Job

__all__ = ["DaskCluster", "add_rows", "equal_jobs", "one_by_one", "opened", "queued", "slurm_cluster", "wait_for"]

PLACES = Path(__file__).with_name("places.csv")
COLUMNS = ("place", "what", "value", "unit", "n")

TIMEOUT_SECONDS = 3600.0


class FirstStart(Silence):
    """Notices when the first job starts."""

    def __init__(self) -> None:
        self.is_there = threading.Event()

    def started(self, _: Job) -> None:
        """Notice it."""
        self.is_there.set()


def equal_jobs(n: int, *, elsewhere: bool, recommender: str = "popularity", dataset: str = "synthetic") -> list[Job]:
    """Return jobs of a recommender that differ by their seeds alone."""
    (job,) = plan_jobs(
        choose([recommender]),
        [0],
        threads=1,
        environment=describe_environment(),
        task=build_task(load_dataset(dataset)),
        elsewhere=elsewhere,
    )
    return [replace(job, seed=seed) for seed in range(n)]


def opened(on: str | None, jobs: Sequence[Job], folder: Path, progress: Silence) -> Place:
    """Return a place that is open for some jobs."""
    place = place_of(on)
    place.open(RunOfJobs(jobs, Limits(TIMEOUT_SECONDS, None), progress, FolderView.of(folder, folder), folder))
    return place


def wait_for(futures: Iterable[Future[Returned]]) -> None:
    """Wait until jobs have ended; none may have failed."""
    for future in futures:
        if (failure := future.result().record.failure) is not None:
            raise SystemExit(f"a job failed: {failure.message}")


def one_by_one(
    on: str | None, n: int, folder: Path, of_engine: Callable[[int], float] = lambda _: 0.0
) -> list[tuple[float, float]]:
    """Return the seconds from the submission of each of ``n`` jobs to its record, and how many are the engine's own.

    The next job is submitted only then. The first one, which loads what the others find loaded, does not count.

    Parameters
    ----------
    of_engine
        Returns what the engine took itself for the last of so many jobs.
    """
    jobs, seconds = equal_jobs(n + 1, elsewhere=on is not None), []
    place = opened(on, jobs, folder, Silence())
    for number, job in enumerate(jobs, start=1):
        started = time.perf_counter()
        future = place.submit(job)
        wait_for([future])
        seconds.append((time.perf_counter() - started, of_engine(number)))
        place.settled(job)
    place.close()
    return seconds[1:]


class Queued(NamedTuple):
    """What many jobs cost that are submitted at once.

    Parameters
    ----------
    seconds
        Until the first one runs.
    held_mib
        By the driver, then.
    """

    seconds: float
    held_mib: float


def queued(on: str, n: int, folder: Path) -> Queued:
    """Submit many jobs at once, and end them when the first one runs."""
    jobs, first = equal_jobs(n, elsewhere=True), FirstStart()
    started = time.perf_counter()
    place = opened(on, jobs, folder, first)
    futures = [place.submit(job) for job in jobs]
    first.is_there.wait()
    found = Queued(time.perf_counter() - started, psutil.Process().memory_info().rss / 2**20)
    place.stop()
    place.close()
    if sum(future.done() for future in futures) < n:
        raise SystemExit("some jobs have neither a record nor an error")
    return found


def add_rows(place: str, rows: Iterable[tuple[str, float, str, int]], path: Path = PLACES) -> None:
    """Print rows of a place, and put them into ``places.csv``, each in the place of one that says the same.

    Parameters
    ----------
    rows
        What, its value, the unit, and over how many it is the median.
    """
    new = [dict(zip(COLUMNS, (place, what, f"{value:,.2f}", unit, n), strict=True)) for what, value, unit, n in rows]
    said = {(place, row["what"]) for row in new}
    lines: list[dict[str, Any]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            lines = [row for row in csv.DictReader(file) if (row["place"], row["what"]) not in said]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted([*lines, *new], key=lambda row: (row["place"], row["what"])))
    write_output(path, text.getvalue().encode())
    for row in new:
        print(f"{row['place']}, {row['what']}: {row['value']} {row['unit']} (n = {row['n']})")
