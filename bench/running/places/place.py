"""The interface of a place: where the jobs of a run run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.folder_view import FolderView
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from bench.running.supervisor import Limits


class PlaceLostError(RecbenchError):
    """The engine of a place is gone; the message says how to go on."""


@dataclass(frozen=True)
class RunOfJobs:
    """What a place is told of a run.

    Parameters
    ----------
    jobs
        Those that are known when the run opens, in their order; others may be submitted later. Of each recommender that
        has any job, there is one among them.
    limits
        The most that each may take.
    progress
        Receives what happens, from any thread and in any order: the runner puts it in order.
    view
        What jobs of this machine see as their current folder.
    folder
        Of the results.
    models
        A folder, on the file system of the results, for fitted models; None to keep none.
    refit
        Whether no job may be answered by what an earlier run left.
    """

    jobs: Sequence[Job]
    limits: Limits
    progress: Progress
    view: FolderView
    folder: Path
    models: Path | None = None
    refit: bool = False


@dataclass(frozen=True)
class Returned:
    """What a place gives back for a job.

    Parameters
    ----------
    record
        Of the job; a failure is a record, too.
    model
        A folder in `RunOfJobs.models` with the fitted model, which is the runner's from now on; None where none is
        kept.
    """

    record: Record
    model: Path | None = None


class Place(Protocol):
    """Where jobs run.

    One run is `open`, `submit` for each job, `settled` for each record, and `close`. Then the next run may be opened.
    """

    same_machine: bool
    """Whether all jobs run on one kind of machine; of a cluster, on the kind that most of its workers have."""

    @property
    def n_at_once(self) -> int | None:
        """How many jobs it runs at once; None where its engine decides."""
        ...

    @property
    def threads(self) -> int:
        """The threads of a job where the user names no number."""
        ...

    @property
    def is_elsewhere(self) -> bool:
        """Whether jobs may run on other machines, each of which has an environment and devices of its own."""
        ...

    def open(self, run: RunOfJobs) -> None:
        """Take what a run needs.

        Raises
        ------
        RecbenchError
            If there is no such place, or nothing can run there; then there is nothing to close.
        """
        ...

    def submit(self, job: Job) -> Future[Returned]:
        """Let a job run; return at once.

        The future raises `PlaceLostError` if the engine of the place is gone, and `KeyboardInterrupt` if `stop`
        stopped the job.
        """
        ...

    def settled(self, job: Job) -> None:
        """Receive that the record of a job is stored; a place of this machine frees the job's slot only now.

        What the driver does with the record would otherwise disturb the times of the next job.
        """
        ...

    def stop(self) -> None:
        """End the running jobs with all that they started, and start no others."""
        ...

    def close(self) -> None:
        """Give back what the run needed; after `stop`, or when all is settled."""
        ...
