"""One element of a job array, on a node: it runs the job of its parcel, and leaves the answer in the run's folder."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.records.conditions import kind_of_machine
from bench.running.places.slurm import queue
from bench.running.places.slurm.folder import RunFolder, parcel_key
from bench.running.places.slurm.neighbours import Neighbours
from bench.running.travel.answer import Answer
from bench.running.travel.blobs import Blobs
from bench.running.travel.bundle import unbundled
from bench.running.travel.events import EventFile
from bench.running.travel.lease import FileLease
from bench.running.travel.visiting import environment_here, visit

if TYPE_CHECKING:
    from bench.running.progress.texts import Event

EVENT_SECONDS = 0.5
"""The least time between two epochs that are reported: each is written to a disk that the whole cluster shares."""

TOLD_SECONDS = 1.0
"""For how long a job that was killed may have been killed because Slurm ends the element, which gets to know now."""

EXIT_STOPPED = 143
"""The exit code of an element that was stopped: that of a process which SIGTERM ends."""


class ElementLease:
    """Held while the driver lives and wants this element, and Slurm does not end it.

    Parameters
    ----------
    withdrawal
        A file that ends the element.
    """

    def __init__(self, folder: RunFolder, withdrawal: Path) -> None:
        self._driver, self._withdrawal = FileLease(folder.lease), withdrawal
        self.told_to_end = threading.Event()

    def is_held(self) -> bool:
        """See `bench.running.travel.lease.Lease`."""
        return not self.told_to_end.is_set() and self.has_driver() and not self._withdrawal.exists()

    def has_driver(self) -> bool:
        """Whether the driver renews its lease."""
        return self._driver.is_held()


class Reports:
    """Writes the events of a job, of many epochs in a short time the last ones alone."""

    def __init__(self, file: EventFile) -> None:
        self._file, self._last = file, float("-inf")

    def write(self, event: Event) -> None:
        """Write an event."""
        now = time.monotonic()
        if "epoch" in event and now - self._last < EVENT_SECONDS:
            return
        self._last = now
        self._file.write(event)


def main() -> None:
    """Run the element that Slurm's environment and the command line name."""
    folder, name, index = RunFolder(Path(sys.argv[1])), sys.argv[2], int(os.environ["SLURM_ARRAY_TASK_ID"])
    lease = ElementLease(folder, folder.withdrawal(name, index))
    signal.signal(signal.SIGTERM, lambda *_: lease.told_to_end.set())
    if not lease.is_held():
        sys.exit(EXIT_STOPPED)
    parcel = folder.parcel(name, index)
    key = parcel_key(parcel)
    with Neighbours(folder.part("running")) as neighbours:
        answer = refusal(folder) or visit(
            parcel,
            Blobs(folder.part("blobs")),
            lease=lease,
            on_event=Reports(EventFile(folder.part("events"), key)).write,
            folder=Path(os.environ["SLURM_SUBMIT_DIR"]),
            results=folder.path.parent,
        )
    if answer.kind == "stopped" or _was_killed_by_slurm(answer, lease):
        if not lease.has_driver():
            _cancel_all(folder)
        sys.exit(EXIT_STOPPED)
    folder.answer(key, answer.encoded(), neighbours.most, os.environ["SLURMD_NODENAME"])


def refusal(folder: RunFolder) -> Answer | None:
    """Return an answer that gives the job back where the run wants another kind of machine."""
    if not folder.is_of_one_kind:
        return None
    ours = kind_of_machine(environment_here())
    theirs = folder.claim_kind(ours)
    if ours == theirs:
        return None
    reason = (
        f"{platform.node()} is another kind of machine ({ours}) than that of the first job ({theirs}; --same-machine)"
    )
    return Answer(kind="refused", reason=reason)


def _was_killed_by_slurm(answer: Answer, lease: ElementLease) -> bool:
    """Whether a job died because Slurm ends all processes of the element, and the job's own was the first."""
    if answer.kind != "done":
        return False
    failure = unbundled(answer.bundle)[0].failure
    return failure is not None and failure.kind == "died" and lease.told_to_end.wait(TOLD_SECONDS)


def _cancel_all(folder: RunFolder) -> None:
    """Cancel what the run of a driver that is gone has in the queue; running elements end by themselves."""
    with contextlib.suppress(OSError):
        folder.lease.unlink(missing_ok=True)
    with contextlib.suppress(OSError, queue.ControllerAwayError):
        queue.cancel_waiting(folder.arrays())
