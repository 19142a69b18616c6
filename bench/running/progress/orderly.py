"""Progress in order: what places report from many threads reaches the display as it expects it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from bench.running.progress.listening import Silence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from bench.running.progress.texts import Event


class Orderly(Silence):
    """Passes on that a job has started once, its events while it runs, and its end once.

    A job that runs again on another worker reports its start and its phases a second time, and an event may come late.
    """

    def __init__(self, inner: Progress) -> None:
        self._inner, self._lock = inner, threading.RLock()
        self._running: set[str] = set()
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._inner.__exit__(*exception)

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """Pass it on."""
        self._inner.begin(jobs, n_stored=n_stored, folder=folder, n_more=n_more)

    def added(self, jobs: Sequence[Job]) -> None:
        """Pass it on."""
        with self._lock:
            self._inner.added(jobs)

    def explained(self, reason: str) -> None:
        """Pass it on."""
        self._inner.explained(reason)

    def started(self, job: Job) -> None:
        """Pass it on the first time."""
        with self._lock:
            if job.key not in self._running and job.key not in self._ended:
                self._running.add(job.key)
                self._inner.started(job)

    def reported(self, job: Job, event: Event) -> None:
        """Pass it on unless the job has ended."""
        with self._lock:
            self.started(job)
            if job.key in self._running:
                self._inner.reported(job, event)

    def ended(self, job: Job, record: Record) -> None:
        """Pass it on, for a job that never started, too."""
        with self._lock:
            self.started(job)
            self._running.discard(job.key)
            self._ended.add(job.key)
            self._inner.ended(job, record)
