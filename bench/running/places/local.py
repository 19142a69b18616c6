"""The own machine: each job in a process of its own, one after the other or several at once."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from bench.machine.environment import physical_cores
from bench.records.making import failed_record
from bench.running.handing import TrainingData
from bench.running.places.place import Returned
from bench.running.preparing import unprepared
from bench.running.supervisor import Supervisor
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.records.outcome import Failure
    from bench.running.places.place import RunOfJobs
    from bench.running.plan import Job


class LocalPlace:
    """The machine of the driver.

    Parameters
    ----------
    n_at_once
        How many jobs run at once; more than one disturb each other's times, and their records say so.
    threads
        Of a job where the user names no number; the physical cores by default.
    own_cores
        Whether each job must have as many physical cores of its own as it has threads.
    """

    is_elsewhere = False

    def __init__(self, n_at_once: int = 1, threads: int | None = None, *, own_cores: bool = False) -> None:
        self.n_at_once, self.threads, self._own_cores = n_at_once, threads or physical_cores(), own_cores

    def open(self, run: RunOfJobs) -> None:
        """See `Place`, and so for the others.

        Raises
        ------
        ProtocolError
            If the jobs need more cores of their own than there are.
        """
        if self._own_cores:
            _check_cores(self.n_at_once, max((job.threads for job in run.jobs), default=0))
        self._run, self._training = run, TrainingData()
        self._unprepared: Mapping[str, Failure] = unprepared(run.jobs)
        self._supervisor = Supervisor(self._training, run.limits, run.progress, run.view, run.models)
        self._slots = ThreadPoolExecutor(self.n_at_once)
        self._settled: dict[str, threading.Event] = {}

    def submit(self, job: Job) -> Future[Returned]:
        """Let a job run as soon as there is a slot."""
        returned: Future[Returned] = Future()
        self._settled[job.key] = threading.Event()
        self._slots.submit(self._fill_slot, job, returned)
        return returned

    def settled(self, job: Job) -> None:
        """Free the slot of a job."""
        self._settled.pop(job.key).set()

    def stop(self) -> None:
        """Kill the running jobs, and start no others."""
        self._supervisor.stop()

    def close(self) -> None:
        """Wait for the slots, and give up the training data."""
        for waiting in self._settled.values():
            waiting.set()
        self._slots.shutdown(cancel_futures=True)
        self._training.close()

    def _fill_slot(self, job: Job, returned: Future[Returned]) -> None:
        """Run a job, and keep its slot until the record is stored."""
        settled = self._settled[job.key]
        try:
            self._run.progress.started(job)
            returned.set_result(self._returned(job))
        except BaseException as error:  # noqa: BLE001 - the runner raises it
            returned.set_exception(error)
        else:
            settled.wait()

    def _returned(self, job: Job) -> Returned:
        failure = self._unprepared.get(job.choice.entry.reference)
        if failure is not None:
            return Returned(failed_record(job.document, failure))
        record, models = self._supervisor.run(job).with_neighbours(self.n_at_once), self._run.models
        is_kept = models is not None and record.model is not None and record.model.files
        return Returned(record, models / job.key if models is not None and is_kept else None)


def read(text: str) -> LocalPlace:
    """Return the place of ``local`` or, with the text ``N``, of ``local:N``: N jobs at once, with one thread each.

    Raises
    ------
    ProtocolError
        If N is no number of jobs, or more than there are physical cores.
    """
    if not text:
        return LocalPlace()
    if not text.isdecimal() or int(text[:6]) < 1:
        raise ProtocolError(
            f"local:{text} names no number of jobs; write local:N, here with N from 1 to {physical_cores()}"
        )
    _check_cores(int(text[:6]), 1)
    return LocalPlace(int(text), threads=1, own_cores=True)


def _check_cores(n_jobs: int, threads: int) -> None:
    cores = physical_cores()
    if n_jobs * threads > cores:
        each = "a core" if threads == 1 else f"{threads} cores (--threads)"
        fit = cores // threads
        advice = f"local:{fit} is the most" if fit else f"a job may have --threads {cores} at most"
        raise ProtocolError(
            f"local:{n_jobs} needs {each} for each job, and this process may use {cores} physical "
            f"core{'' if cores == 1 else 's'}; {advice}"
        )
