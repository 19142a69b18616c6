"""A Slurm cluster: the jobs of a run are elements of job arrays, and share the folder of its results."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.places.place import PlaceLostError, Returned
from bench.running.places.slurm import queue
from bench.running.places.slurm.folder import RunFolder, abandoned, newest_answers
from bench.running.places.slurm.request import limits_within, request_of
from bench.running.places.slurm.ticket import Ticket
from bench.running.places.slurm.watching import Watch
from bench.running.places.slurm.wishes import read_wishes
from bench.running.travel.blobs import Blobs
from bench.running.travel.events import EventFolder
from bench.running.travel.lease import FileRenewal
from bench.running.travel.parcel import Packing
from protocol.errors import ProtocolError, RecbenchError, RecommenderError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from pathlib import Path

    from bench.running.places.place import RunOfJobs
    from bench.running.places.slurm.wishes import Wishes
    from bench.running.plan import Job

PROGRAMS = ("sbatch", "squeue", "scancel", "scontrol")


def read(text: str) -> SlurmPlace:
    """Return the place of ``slurm:TEXT``; nothing is asked of Slurm yet.

    Raises
    ------
    ProtocolError
        If the text asks for what there is not.
    RecbenchError
        If the extra ``slurm`` is not installed.
    """
    wishes = read_wishes(text)
    if importlib.util.find_spec("submitit") is None:
        raise RecbenchError(f"jobs go to Slurm through submitit, which is not installed; {how_to_add('slurm')}")
    return SlurmPlace(wishes)


class SlurmPlace:
    """A Slurm cluster.

    Parameters
    ----------
    wishes
        What the user asks of it.
    """

    is_elsewhere = True
    same_machine = False

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self.n_at_once, self.threads = wishes.array_parallelism, wishes.cpus or 1
        self._open: _OpenRun | None = None

    def open(self, run: RunOfJobs) -> None:
        """See `Place`, and so for the others."""
        if run.jobs:
            self._open = _OpenRun(self._wishes, run, same_machine=self.same_machine)

    def submit(self, job: Job) -> Future[Returned]:
        """Let a job run as an element of an array."""
        assert self._open is not None  # noqa: S101 - a run that submits a job has one
        return self._open.submit(job)

    def settled(self, job: Job) -> None:
        """Remove the files of a job."""
        if self._open is not None:
            self._open.settled(job)

    def stop(self) -> None:
        """Cancel the arrays, and wait until their elements are over."""
        if self._open is not None:
            self._open.stop()

    def close(self) -> None:
        """Remove the folder of the run."""
        if self._open is not None:
            self._open.close()
            self._open = None


class _OpenRun:
    """A run on Slurm that is open."""

    def __init__(self, wishes: Wishes, run: RunOfJobs, *, same_machine: bool) -> None:
        from bench.running.places.slurm.sending import Sender

        _check_path(run.folder.resolve())
        request = request_of(wishes, run)
        most_elements = _most_elements()
        with contextlib.ExitStack() as held:
            left = list(abandoned(run.folder))
            for folder in left:
                held.callback(folder.remove)
            self._folder = RunFolder.made(run.folder, same_machine=same_machine)
            held.callback(self._folder.remove)
            self._renewal = FileRenewal(self._folder.lease)
            held.callback(self._renewal.withdraw)
            blobs, limits = Blobs(self._folder.part("blobs")), limits_within(wishes, run.limits)
            self._packing = Packing(blobs, limits, keeps_models=run.models is not None)
            self._jobs: dict[str, Job] = {}
            self._keys: dict[str, str] = {}
            held.callback(EventFolder(self._folder.part("events"), self._jobs, run.progress).close)
            sender = Sender(self._folder, request, most_elements)
            self._watch = Watch(run, self._folder, request, sender, {} if run.refit else newest_answers(left))
            self._thread = threading.Thread(target=self._watch.keep_watching, daemon=True)
            self._thread.start()
            self._held = held.pop_all()

    def submit(self, job: Job) -> Future[Returned]:
        try:
            ticket = Ticket(job, self._packing.parcel(job).encoded())
        except RecommenderError as error:
            returned: Future[Returned] = Future()
            failure = Failure("raised", str(error), detail=str(error))
            returned.set_result(Returned(failed_record(job.document, failure)))
            return returned
        self._jobs[ticket.key], self._keys[job.key] = job, ticket.key
        self._watch.submit(ticket)
        return ticket.returned

    def settled(self, job: Job) -> None:
        key = self._keys.pop(job.key, None)
        if key is not None:
            self._jobs.pop(key, None)
            self._folder.forget(key)

    def stop(self) -> None:
        self._renewal.withdraw()
        self._end_watch()
        self._watch.cancel()
        self._watch.fail(KeyboardInterrupt())

    def close(self) -> None:
        self._end_watch()
        self._held.close()

    def _end_watch(self) -> None:
        self._watch.end()
        self._thread.join()


def _check_path(folder: Path) -> None:
    """Refuse a folder whose name Slurm would read as a pattern."""
    if found := next((sign for sign in "%\\\n" if sign in str(folder)), None):
        raise ProtocolError(
            f"Slurm cannot write to {folder}, which has {found!r} in its name; choose another with --out"
        )


def _most_elements() -> int:
    """Return how many elements an array of the cluster may have.

    Raises
    ------
    PlaceLostError
        If there is no cluster that answers.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise PlaceLostError(
            f"this machine has no {', '.join(missing)}: run recbench where jobs of Slurm are submitted, on a login node"
        )
    try:
        most = queue.most_elements()
    except queue.ControllerAwayError as error:
        raise PlaceLostError(f"Slurm does not answer ({error}); run again once `scontrol ping` says UP") from error
    if most < 2:
        raise PlaceLostError(
            "this cluster takes no job arrays (its MaxArraySize is 0), and recbench sends nothing else"
        )
    return most
