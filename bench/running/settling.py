"""Store the records of a run's jobs as they come: the driver alone, one after the other."""

from __future__ import annotations

import warnings
from collections import deque
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bench.records.making import failed_record
from bench.records.outcome import Failure
from protocol.errors import RecbenchWarning
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.records.record import Record
    from bench.running.one_row import OneRow
    from bench.running.places.place import Place, Returned
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress


class Settling:
    """Submits jobs to a place, and stores what comes back.

    Parameters
    ----------
    rows
        Of the store.
    place
        Open.
    """

    def __init__(self, rows: OneRow, place: Place, progress: Progress) -> None:
        self._rows, self._place, self._progress = rows, place, progress
        self._settled: dict[str, Record] = {}
        self._stopped = False

    def refuse(self, job: Job, failure: Failure) -> Record:
        """Store the failure of a job that is not begun, and return the job's row."""
        self._progress.started(job)
        record = failed_record(job.document, failure)
        row = self._rows.add(job, record)
        self._progress.ended(job, record)
        return row

    def run(self, jobs: Sequence[Job], most: int | None, settled: Callable[[Job, Record], Iterable[Job]]) -> None:
        """Run jobs, and those that follow on them.

        Parameters
        ----------
        most
            How many jobs the place has at once; None for all.
        settled
            Receives the row of each job once it is stored; returns the jobs that follow on it.
        """
        waiting = deque(jobs)
        running: dict[Future[Returned], Job] = {}
        arrived: SimpleQueue[Future[Returned]] = SimpleQueue()
        # In a thread of its own, because Ctrl-C must not lose a record that is being stored.
        with ThreadPoolExecutor(1) as storing:
            try:
                while waiting or running:
                    while waiting and (most is None or len(running) < most):
                        job = waiting.popleft()
                        future = self._place.submit(job)
                        running[future] = job
                        future.add_done_callback(arrived.put)
                    future = arrived.get()
                    record = storing.submit(self._settle, running[future], future.result()).result()
                    waiting.extend(settled(running.pop(future), record))
            except BaseException:
                self._stopped = True
                self._place.stop()
                for future, job in running.items():
                    if _has_returned(future):
                        storing.submit(self._settle, job, future.result())
                raise

    def _settle(self, job: Job, returned: Returned) -> Record:
        """Store a record, unless that is done, and say so; return the job's row (see `bench.running.one_row`)."""
        if job.key in self._settled:
            return self._settled[job.key]
        record = _of_known(job, returned.record)
        row = self._rows.add(job, record, model=returned.model, stopped=lambda: self._stopped)
        self._settled[job.key] = row
        self._progress.ended(job, record)
        self._place.settled(job)
        _say_what_is_left_out(record)
        return row


def _has_returned(future: Future[Returned]) -> bool:
    """Return whether a future has a result."""
    try:
        return future.done() and future.exception() is None
    except CancelledError:
        return False


def _of_known(job: Job, record: Record) -> Record:
    """Return a job's record; a failure where the job was planned without knowing what its recommender can do.

    It would lack a full ranking, or seeds, without a word. That happens where a plug-in could be imported by its
    job and not before, as when the system killed the process that looked at it.
    """
    if job.is_described or record.failed:
        return record
    problem = registry.inspect_plugins([job.choice.entry])[0].problem
    return failed_record(
        job.document, Failure("raised", f"{problem}; its job could import it: run again", detail=problem)
    )


def _say_what_is_left_out(record: Record) -> None:
    """Warn that a record holds only a part of a learning curve."""
    for what, curve in (("fitting", record.curve), ("selection", record.selection.curve if record.selection else ())):
        if curve and curve[-1].epoch > len(curve):
            warnings.warn(
                f"the record of {record.recommender.label} keeps {len(curve):,} of the {curve[-1].epoch:,} epochs of "
                f"the curve of {what}, evenly spread",
                RecbenchWarning,
                stacklevel=2,
            )
