"""On a worker: run the job of one parcel, in a process of its own as everywhere, and answer."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import threading
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.machine.environment import describe_environment
from bench.machine.processes import keep_exit_codes
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.folder_view import FolderView
from bench.running.handing import TrainingData
from bench.running.preparing import unprepared
from bench.running.progress.listening import Silence
from bench.running.supervisor import Supervisor
from bench.running.travel.answer import Answer
from bench.running.travel.bundle import bundle
from bench.running.travel.identity import check_same, identity
from bench.running.travel.lease import NoDriver, ending_with
from bench.running.travel.packed_tasks import PackedTask
from bench.running.travel.parcel import Unpacking, read_parcel
from protocol.errors import RecbenchError, RecommenderError
from protocol.scratch import clear_abandoned, scratch_folder
from recommenders import registry
from recommenders.libraries import versions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event
    from bench.running.travel.blobs import Blobs
    from bench.running.travel.lease import Lease
    from bench.running.travel.parcel import Parcel

BEGUN: Mapping[str, Any] = {"phase": "begun"}
"""The event of a job whose process starts now."""

LEAST_FREE_BYTES = 32 * 2**20
"""What a worker's disk has free at least; with less, a failure is taken for the worker's."""

_locks: dict[int, threading.Lock] = {}
"""Held by the one job of a process, by the number of the process: a fork does not inherit a lock that is held."""


def visit(
    content: bytes,
    blobs: Blobs,
    *,
    lease: Lease | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    at_once: int | None = None,
    folder: Path | None = None,
    results: Path | None = None,
    scratch: Path | None = None,
) -> Answer:
    """Run the job of a parcel; return the answer to its driver.

    Call it from any thread of any process, also one without standard streams. The jobs of one process run one after
    the other, and the clock of each begins when it runs.

    Parameters
    ----------
    content
        Of `bench.running.travel.parcel.Parcel.encoded`.
    blobs
        Of this worker; the answer names the files that are missing there.
    lease
        The job ends when it is not held any more; None for a job without a driver.
    on_event
        Is called with `BEGUN` when the job's process starts, and with its events.
    at_once
        How many jobs the place lets this machine work on; None where it does not know.
    folder, results
        What the job sees as its current folder, and a folder of results that it does not see there; None for an empty
        folder.
    scratch
        Where the job's own folders are made; by default in the temporary folder.

    Raises
    ------
    ParcelError
        If the parcel cannot be read.
    """
    parcel = read_parcel(content)
    try:
        check_same(parcel.identity, identity())
    except RecbenchError as error:
        return Answer(kind="refused", reason=str(error))
    if missing := blobs.missing(parcel.blobs):
        return Answer(kind="missing", missing=tuple(missing), reason=f"{platform.node()} lacks {len(missing)} files")
    with _locks.setdefault(os.getpid(), threading.Lock()):
        keep_exit_codes()
        try:
            clear_abandoned(scratch)
            with scratch_folder(scratch) as own:
                view = FolderView.of(folder, results or own) if folder else FolderView.of_empty(_made(own / "here"))
                return _Visit(parcel, blobs, lease or NoDriver(), on_event, at_once, view, own).answer()
        except RecbenchError as error:
            return Answer(kind="unfit", reason=str(error))
        except OSError as error:
            reason = "its disk is full" if error.errno == errno.ENOSPC else f"it cannot start a job: {error}"
            return Answer(kind="unfit", reason=reason)


@dataclass(frozen=True)
class _Visit:
    """One job on this worker; for the fields see `visit`.

    Parameters
    ----------
    own
        A folder that is removed afterwards.
    """

    parcel: Parcel
    blobs: Blobs
    lease: Lease
    on_event: Callable[[Event], None]
    at_once: int | None
    view: FolderView
    own: Path

    def answer(self) -> Answer:
        """Run the job, and return the answer."""
        if not self.lease.is_held():
            return stopped()
        job = Unpacking(self.blobs, environment_here()).job(self.parcel)
        failure = next(_problems(job), None)
        if failure is not None:
            return _done(bundle(failed_record(job.document, failure)))
        models = _made(self.own / "models") if self.parcel.keeps_model else None
        record = self._record(job, models)
        if record is None:
            return stopped()
        if record.failure is not None and shutil.disk_usage(self.own).free < LEAST_FREE_BYTES:
            return Answer(kind="unfit", reason=f"its disk is full, and the job failed: {record.failure.message}")
        kept = models / job.key if models is not None and record.model and record.model.files else None
        return _done(bundle(record, kept))

    def _record(self, job: Job, models: Path | None) -> Record | None:
        """Run the job, and return its record; None where the lease ended before."""
        training = TrainingData({one.digest: one.train.opened(self.blobs) for one in _tasks(self.parcel)})
        with closing(training):
            progress = _Reporting(self.on_event)
            supervisor = Supervisor(training, self.parcel.limits, progress, self.view, models, self.own)
            try:
                with ending_with(self.lease, supervisor.stop):
                    self.on_event(dict(BEGUN))
                    return supervisor.run(job).with_neighbours(self.at_once)
            except KeyboardInterrupt:
                if not supervisor.stopped:
                    raise
                return None


class _Reporting(Silence):
    """Passes the events of the one job on."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event

    def reported(self, _: Job, event: Event) -> None:
        """Pass it on."""
        self._on_event(event)


@cache
def environment_here() -> dict[str, Any]:
    """Return what the records of this worker say of its machine."""
    return describe_environment()


def _problems(job: Job) -> Iterator[Failure]:
    """Yield why a job cannot run here although the driver could plan it."""
    entry, host = job.choice.entry, platform.node()
    for name, version in job.libraries.items():
        if (here := _version_here(name)) != version:
            yield Failure(
                "raised",
                f"{name} is {version} at the driver and {here} on the worker {host}; install {name} {version} there",
            )
    if not registry.is_ours(entry.origin) and job.source_sha256:
        try:
            found = registry.source_digest(entry)
        except RecommenderError:
            place = entry.reference.partition(":")[0].partition(".")[0]
            yield Failure("raised", f"package {place} is not installed on the worker {host}; install it there")
            return
        if found != job.source_sha256:
            yield Failure(
                "raised",
                f"the code of {entry.reference} on the worker {host} is another one (its digest begins {found[:12]}, "
                f"at the driver {job.source_sha256[:12]}); install the same version there",
            )
    if registry.is_ours(entry.origin) or entry.is_program:
        yield from unprepared([job]).values()


def _version_here(library: str) -> str:
    try:
        return versions_of([library])[library]
    except RecommenderError:
        return "not installed"


def _tasks(parcel: Parcel) -> list[PackedTask]:
    return [one for one in (parcel.task, parcel.validation) if isinstance(one, PackedTask)]


def _done(content: bytes) -> Answer:
    return Answer(kind="done", bundle=content)


def stopped() -> Answer:
    """Return the answer for a job that its driver does not want any more."""
    return Answer(kind="stopped", reason="its driver stopped it, or is gone")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
