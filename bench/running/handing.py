"""Hand a job's process what it may have, and only when it may have it (P12).

A job asks for one thing after the other. It gets the training interactions first, and the candidates once it says that
it has fitted. Nothing of this has a name on the disk of a run; a worker of another machine keeps the arrays of tasks in
files that are named by SHA-256 (see `bench.running.travel.blobs`), outside of the folder that its jobs see.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from bench.running.channel import send
from bench.running.packing import Packed, pack, unpack
from recommenders import registry

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from bench.running.plan import Job
    from protocol.tasks.task import Task

Part = Literal["spec", "validation", "train", "candidates"]
"""What a job asks for: what it is to do, the whole validation task, the training interactions, the candidates."""


def parts_of(job: Job) -> tuple[Part, ...]:
    """Return what a job gets, in order."""
    if job.validation is None:
        return ("spec", "train", "candidates")
    if job.only_selects:
        return ("spec", "validation")
    return ("spec", "validation", "train", "candidates")


class TrainingData:
    """The training interactions of tasks, packed once for all jobs that ask for them, and for the run itself.

    Parameters
    ----------
    packed
        What is packed already, by the digest of the task.
    """

    def __init__(self, packed: Mapping[str, Packed] | None = None) -> None:
        self._packed: dict[str, Packed] = dict(packed or {})
        self._lock = threading.Lock()

    def of(self, task: Task) -> Packed:
        """Return the packed training interactions of a task."""
        with self._lock:
            if task.digest not in self._packed:
                packed = self._packed[task.digest] = pack(task.train.arrays)
                # The run reads what its jobs read, so that this machine holds the interactions once.
                task.train.move_to(unpack(os.dup(packed.descriptor), packed.layout))
            return self._packed[task.digest]

    def close(self) -> None:
        """Give up the files."""
        with self._lock:
            for packed in self._packed.values():
                packed.close()
            self._packed.clear()


class Handing:
    """Hands one job what it asks for, each part once and in the order of `parts_of`.

    The job of a built-in may begin anew once, and then asks for its spec again (see `bench.running.job`).

    Attributes
    ----------
    asked_at
        When the job asked for each part, in seconds of `time.monotonic`.
    refused
        Why the job did not get what it asked for last; None if it got it. Only a recommender that writes among the
        events of its process asks out of turn.
    """

    def __init__(self, job: Job, spec: Mapping[str, Any], training: TrainingData, channel: socket.socket) -> None:
        self._job, self._spec, self._training, self._channel = job, spec, training, channel
        self._next = iter(parts_of(job))
        self._may_begin_anew = job.choice.entry.origin == registry.BUILT_IN
        self.asked_at: dict[str, float] = {}
        self.refused: str | None = None

    def answer(self, asked: Part) -> None:
        """Send what was asked for; refuse what is not the next part, with the reason."""
        due = self._due(asked)
        # A process that died meanwhile leaves a failure of its own.
        with contextlib.suppress(ConnectionError):
            if asked != due:
                self._refuse(f"it asked for the part {asked!r}, and the next one is {due!r}")
                return
            self.asked_at[asked] = time.monotonic()
            try:
                self._send(asked)
            except ConnectionError:
                raise
            except MemoryError:
                self._refuse(f"there is no memory left for the part {asked!r}")
            except OSError as error:
                self._refuse(f"the part {asked!r} could not be written ({error.strerror})")
            except Exception as error:  # noqa: BLE001 - a job that got no answer would wait until its time-out
                self._refuse(f"the part {asked!r} could not be handed over ({type(error).__name__}: {error})")

    def _due(self, asked: Part) -> Part | None:
        if asked == "spec" and self._may_begin_anew and [*self.asked_at] == ["spec"]:
            self._may_begin_anew = False
            return "spec"
        return next(self._next, None)

    def _refuse(self, reason: str) -> None:
        self.refused = reason
        send(self._channel, {"refused": reason})

    def _send(self, asked: Part) -> None:
        with self._packed(asked) as (about, files):
            send(
                self._channel,
                {"about": about, "layouts": [file.layout for file in files]},
                [file.descriptor for file in files],
            )

    @contextlib.contextmanager
    def _packed(self, asked: Part) -> Iterator[tuple[Mapping[str, Any], list[Packed]]]:
        """Yield what is said of a part, and its files; those that are only for this job are closed afterwards."""
        job = self._job
        if asked == "spec":
            yield self._spec, []
        elif asked == "train":
            yield job.task.train.sizes, [self._training.of(job.task)]
        else:
            task = job.task if asked == "candidates" else job.validation
            assert task is not None  # noqa: S101 - `parts_of` has this part only where there is such a task
            # It is made now: until it is asked for, no process has it among its open files.
            evaluation = pack(task.evaluation_arrays)
            train = [] if asked == "candidates" else [self._training.of(task)]
            try:
                yield {**task.about, **task.train.sizes}, [*train, evaluation]
            finally:
                evaluation.close()
