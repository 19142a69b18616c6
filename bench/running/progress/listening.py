"""What a run shows while it goes on, on standard error: a live view in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, Self

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.records.store import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event


class Progress(Protocol):
    """Is told how a run gets on; by several threads where several jobs run at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """Hear of the jobs to be run, and of how many need not be."""
        ...

    def started(self, job: Job) -> None:
        """Hear that a job's process begins."""
        ...

    def told(self, job: Job, event: Event) -> None:
        """Hear what a job's process tells."""
        ...

    def ended(self, job: Job, record: Record) -> None:
        """Hear of a job's record."""
        ...


class Silence:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """See `Progress`, and so for the others."""

    def started(self, job: Job) -> None:
        """Show nothing."""

    def told(self, job: Job, event: Event) -> None:
        """Show nothing."""

    def ended(self, job: Job, record: Record) -> None:
        """Show nothing."""


class Round(Silence):
    """One round of many: passes on what it is told, below a title, and is silent where nothing is to be run."""

    def __init__(self, title: str, inner: Progress) -> None:
        self._title, self._inner = title, inner

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._inner.__exit__(*exception)

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """Say which round it is."""
        if jobs:
            print(printable(self._title), file=sys.stderr, flush=True)
            self._inner.begin(jobs, n_stored=n_stored, folder=folder)

    def started(self, job: Job) -> None:
        """Pass it on, and so for the others."""
        self._inner.started(job)

    def told(self, job: Job, event: Event) -> None:
        """Pass it on."""
        self._inner.told(job, event)

    def ended(self, job: Job, record: Record) -> None:
        """Pass it on."""
        self._inner.ended(job, record)
