"""Any executor of `concurrent.futures`: jobs are calls, of which only ``submit`` and the future are used."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.running.places.place import PlaceLostError, Returned
from bench.running.places.tries import Tries
from bench.running.travel.acceptance import accepted
from bench.running.travel.answer import read_answer
from bench.running.travel.blobs import Blobs
from bench.running.travel.bundle import BundleError
from bench.running.travel.events import EventFile, EventFolder
from bench.running.travel.identity import OtherCodeError
from bench.running.travel.lease import FileLease, FileRenewal, ParentLease
from bench.running.travel.parcel import Packing
from bench.running.travel.visiting import stopped, visit
from protocol.drafts import drafts
from protocol.folders import cache_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.running.places.place import RunOfJobs
    from bench.running.plan import Job
    from bench.running.travel.answer import Answer
    from bench.running.travel.lease import Lease

ENDING_SECONDS = 5.0
"""The most that a run which is stopped waits for calls that cannot be cancelled."""

_ENDING_LOOKS = 0.02
"""How often, in seconds, it looks."""

_EVENTS = "events"
"""The folder of the jobs' events in that of the run."""


class ExecutorPlace:
    """The workers of an executor.

    They share a folder with the driver, or have none of its files: then these are sent with the call.

    Parameters
    ----------
    executor
        Not shut down by this place.
    """

    n_at_once = None
    threads = 1
    is_elsewhere = True
    same_machine = False

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def open(self, run: RunOfJobs) -> None:
        """See `Place`, and so for the others."""
        self._run, self._tries, self._stopped = run, Tries(), threading.Event()
        self._jobs: dict[str, Job] = {}
        self._calls: set[Future[bytes]] = set()
        with contextlib.ExitStack() as held:
            self._folder = held.enter_context(drafts(run.folder)).resolve()
            self._blobs = Blobs(self._folder / "blobs")
            self._packing = Packing(self._blobs, run.limits, keeps_models=run.models is not None)
            self._renewal = FileRenewal(self._folder / "lease")
            held.callback(self._renewal.withdraw)
            (self._folder / _EVENTS).mkdir()
            held.callback(EventFolder(self._folder / _EVENTS, self._jobs, run.progress).close)
            self._held = held.pop_all()

    def submit(self, job: Job) -> Future[Returned]:
        """Hand a job to the executor."""
        returned: Future[Returned] = Future()
        self._jobs[job.key] = job
        self._try(_Sent(job, self._packing.parcel(job).encoded(), returned))
        return returned

    def settled(self, job: Job) -> None:
        """Forget a job."""
        self._jobs.pop(job.key, None)

    def stop(self) -> None:
        """Cancel what waits, and end what runs; an executor's call that runs cannot be cancelled, so its lease ends."""
        self._stopped.set()
        self._renewal.withdraw()
        for call in [*self._calls]:
            call.cancel()

    def close(self) -> None:
        """Wait for the calls that could not be cancelled, and remove the files of the run.

        By these files, a worker that begins such a call knows that the run is over.
        """
        end = time.monotonic() + ENDING_SECONDS
        while self._calls and time.monotonic() < end:
            time.sleep(_ENDING_LOOKS)
        self._held.close()

    def _try(self, sent: _Sent) -> None:
        """Call `work` somewhere, with the files that a worker lacked before."""
        where = _Where(str(self._folder), sent.job.key)
        files = {digest: self._blobs.get(digest).read_bytes() for digest in sent.lacked}
        try:
            call: Future[bytes] = self._executor.submit(work, sent.parcel, where, files)
        except (RuntimeError, OSError) as error:
            sent.returned.set_exception(_gone(error))
            return
        self._calls.add(call)
        call.add_done_callback(lambda call: self._ended(sent, call))

    def _ended(self, sent: _Sent, call: Future[bytes]) -> None:
        """Receive the end of a call, in a thread of the executor."""
        self._calls.discard(call)
        try:
            returned = self._returned(sent, call)
            if returned is not None:
                sent.returned.set_result(returned)
        except BaseException as error:  # noqa: BLE001 - the runner raises it
            sent.returned.set_exception(error)

    def _returned(self, sent: _Sent, call: Future[bytes]) -> Returned | None:
        """Return what a call brought; None where the job is tried again."""
        if self._stopped.is_set():
            raise KeyboardInterrupt
        try:
            content = call.result()
        except BrokenExecutor as error:
            raise _gone(error) from error
        except (Exception, CancelledError) as error:  # noqa: BLE001 - an executor raises what it likes for a lost worker
            return self._again(sent, f"its worker died ({type(error).__name__}: {error})")
        try:
            answer = read_answer(content)
            if answer.kind == "done":
                return Returned(*accepted(answer.bundle, sent.job, self._run.models))
        except BundleError as error:
            return self._again(sent, f"what its worker sent cannot be used: {error}")
        return self._without_record(sent, answer)

    def _without_record(self, sent: _Sent, answer: Answer) -> Returned | None:
        """Act on an answer that brings no record."""
        if answer.kind == "refused":
            raise OtherCodeError(answer.reason)
        if answer.kind == "missing" and not sent.lacked.issuperset(answer.missing):
            sent.lacked.update(answer.missing)
            self._try(sent)
            return None
        return self._again(sent, f"its worker on {answer.host} could not run it ({answer.reason})")

    def _again(self, sent: _Sent, reason: str) -> Returned | None:
        record = self._tries.lost(sent.job, reason)
        if record is None:
            self._try(sent)
            return None
        return Returned(record)


@dataclass(frozen=True, eq=False)
class _Sent:
    """A job that was handed to the executor.

    Parameters
    ----------
    lacked
        The digests of the files that a worker lacked, and that go along with the next call.
    """

    job: Job
    parcel: bytes
    returned: Future[Returned]
    lacked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Where:
    """Where the driver's folder is, for workers that see it, and the name of the job there."""

    folder: str
    job: str


def work(parcel: bytes, where: _Where, files: Mapping[str, bytes]) -> bytes:
    """Run a job on a worker; return the answer as bytes.

    Parameters
    ----------
    files
        Content by digest: what this worker lacked.
    """
    folder = Path(where.folder)
    # Not by the lease, which a driver that is stopped has withdrawn already.
    is_shared = (folder / _EVENTS).is_dir()
    lease: Lease = FileLease(folder / "lease") if is_shared else ParentLease()
    if not lease.is_held():
        return stopped().encoded()
    blobs = Blobs(folder / "blobs" if is_shared else cache_folder() / "blobs")
    for digest, content in files.items():
        blobs.take(digest, content)
    events = EventFile(folder / _EVENTS, where.job)
    return visit(parcel, blobs, lease=lease, on_event=events.write).encoded()


def _gone(error: BaseException) -> PlaceLostError:
    reason = f"{type(error).__name__}: {error}"
    return PlaceLostError(f"the executor runs no more jobs ({reason}); what is finished is kept: run again")
