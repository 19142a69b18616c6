"""What a worker of dask does for a run: it keeps files, and runs jobs. The driver calls these functions there."""

from __future__ import annotations

import asyncio
import errno
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Status, get_worker

from bench.running.places.introduction import process_name
from bench.running.travel.blobs import BlobError, Blobs
from bench.running.travel.visiting import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Worker

TOPIC = "recbench"
"""Under which workers tell drivers what their jobs do."""

EPOCH_SECONDS = 0.2
"""Epochs are told no more often than this: the scheduler keeps what is told."""

_ENDING = (Status.closing, Status.closed, Status.failed, Status.stopping, Status.stopped)
"""A worker in one of these goes, whatever its tasks do."""


def run(name: str, process: str, parcel: bytes, at_once: int) -> bytes:
    """Run a job; return the encoded answer of `bench.running.travel.visiting.visit`.

    Parameters
    ----------
    name
        Of the task.
    process
        The worker that the driver has met. If it died, another one may have its address, and dask gives it the task;
        nothing is returned then.
    at_once
        How many jobs may run on this machine.
    """
    if process != process_name():
        return b""
    worker = get_worker()
    teller, lease = _Teller(worker, name), _TaskLease(worker, name)
    folder = Path(worker.local_directory)
    try:
        return visit(
            parcel, _blobs(folder), lease=lease, on_event=teller.report, at_once=at_once, scratch=folder
        ).encoded()
    finally:
        teller.tell(None)


async def keep_piece(digest: str, sender: str, piece: bytes, dask_worker: Worker) -> str:
    """Keep the next piece of a file that a driver sends; return why that is not possible, and nothing if it is."""
    return await _problem(_append, _draft(dask_worker, digest, sender), piece)


async def keep(digest: str, sender: str, dask_worker: Worker) -> str:
    """Keep a file whose pieces are all there; return why that is not possible, as `keep_piece`."""
    blobs = _blobs(Path(dask_worker.local_directory))
    return await _problem(blobs.adopt, digest, _draft(dask_worker, digest, sender))


class _TaskLease:
    """Held while dask has the task: it forgets it when the driver lets it go, ends, or loses its connection."""

    def __init__(self, worker: Worker, name: str) -> None:
        self._worker, self._name = worker, name

    def is_held(self) -> bool:
        """See `bench.running.travel.lease.Lease`."""
        task = self._worker.state.tasks.get(self._name)
        return task is not None and task.state == "executing" and self._worker.status not in _ENDING


class _Teller:
    """Tells drivers what a job does."""

    def __init__(self, worker: Worker, name: str) -> None:
        self._worker, self._name, self._told = worker, name, 0.0

    def tell(self, event: dict[str, Any] | None) -> None:
        """Tell an event; None is the end."""
        self._worker.log_event(TOPIC, {"job": self._name, "event": event})

    def report(self, event: dict[str, Any]) -> None:
        """Tell an event of the job unless an epoch was told just before."""
        now = time.monotonic()
        if "epoch" in event and now - self._told < EPOCH_SECONDS:
            return
        self._told = now
        self.tell(event)


@cache
def _blobs(folder: Path) -> Blobs:
    """Return the files that a worker keeps in its own folder, and which go with it."""
    return Blobs(folder / "recbench-blobs")


def _draft(worker: Worker, digest: str, sender: str) -> Path:
    return Path(worker.local_directory) / f"recbench-{sender}-{digest}"


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


async def _problem(keep: Callable[..., None], *arguments: object) -> str:
    """Keep something outside of the worker's loop; return why that is not possible."""
    try:
        await asyncio.to_thread(keep, *arguments)
    except (OSError, BlobError) as error:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        return "its disk is full" if full else f"it cannot keep a file ({error})"
    return ""
