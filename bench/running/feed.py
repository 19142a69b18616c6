"""Where the jobs of a run come from: all are given at once, or what comes next depends on what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.records.record import Record
    from bench.running.plan import Job
    from protocol.tasks.task import Task


class Feed(Protocol):
    """Gives the jobs of a run, at its beginning and whenever a job has its record, and receives the records."""

    @property
    def tasks(self) -> Iterable[Task]:
        """The tasks of all jobs that it gives."""
        ...

    @property
    def n_more(self) -> int | None:
        """The most jobs that may follow those given so far; None where that is not known."""
        ...

    @property
    def kept(self) -> Iterable[Record]:
        """The records that the store must still have, unchanged, when the run ends."""
        ...

    def next(self, at_once: int) -> Sequence[Job]:
        """Return what is to be run beside the jobs given so far; nothing while these are enough.

        Parameters
        ----------
        at_once
            How many jobs run at once.
        """
        ...

    def tell(self, job: Job, record: Record, *, is_new: bool) -> None:
        """Receive the record of a job: made now, or a stored one."""
        ...


class GivenJobs:
    """Gives all of some jobs at once, and keeps their records.

    Parameters
    ----------
    jobs
        Each once.
    """

    n_more = 0

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._waiting = list(jobs)
        self._records: dict[str, Record] = {}

    @property
    def tasks(self) -> list[Task]:
        """See `Feed`, and so for the others."""
        return [job.task for job in self._jobs]

    @property
    def kept(self) -> list[Record]:
        """The record of each job, in their order."""
        return [self._records[job.key] for job in self._jobs]

    def next(self, at_once: int) -> list[Job]:  # noqa: ARG002 - all are given, however many run
        """Return all jobs the first time."""
        given, self._waiting = self._waiting, []
        return given

    def tell(self, job: Job, record: Record, *, is_new: bool) -> None:  # noqa: ARG002 - no job depends on it
        """Keep a record."""
        self._records[job.key] = record
