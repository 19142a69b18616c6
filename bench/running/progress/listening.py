"""The interface of a run's progress; progress that shows nothing, and the progress of one round of many."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, Self

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event


class Progress(Protocol):
    """Receives what happens in a run; from several threads where several jobs run at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """Receive the jobs to run, and the number of those whose records are stored already."""
        ...

    def explained(self, reason: str) -> None:
        """Receive a reason why jobs run again although there are records of them."""
        ...

    def started(self, job: Job) -> None:
        """Receive a job whose process starts now."""
        ...

    def reported(self, job: Job, event: Event) -> None:
        """Receive an event of a job's process."""
        ...

    def ended(self, job: Job, record: Record) -> None:
        """Receive the record of a job that has ended."""
        ...


class Silence:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """See `Progress`, and so for the others."""

    def explained(self, reason: str) -> None:
        """Show nothing."""

    def started(self, job: Job) -> None:
        """Show nothing."""

    def reported(self, job: Job, event: Event) -> None:
        """Show nothing."""

    def ended(self, job: Job, record: Record) -> None:
        """Show nothing."""


class Round(Silence):
    """One round of many: shows a title and passes all on; it is silent where no job is to be run."""

    def __init__(self, title: str, inner: Progress) -> None:
        self._title, self._inner = title, inner

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._inner.__exit__(*exception)

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """Print the title, and pass the jobs on."""
        if jobs:
            print(printable(self._title), file=sys.stderr, flush=True)
            self._inner.begin(jobs, n_stored=n_stored, folder=folder)

    def explained(self, reason: str) -> None:
        """Pass it on, and so for the others."""
        self._inner.explained(reason)

    def started(self, job: Job) -> None:
        """Pass it on."""
        self._inner.started(job)

    def reported(self, job: Job, event: Event) -> None:
        """Pass it on."""
        self._inner.reported(job, event)

    def ended(self, job: Job, record: Record) -> None:
        """Pass it on."""
        self._inner.ended(job, record)
