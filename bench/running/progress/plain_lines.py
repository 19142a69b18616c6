"""One line for each job's end, and now and then one for an epoch; for logs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.running.progress.listening import Silence
from bench.running.progress.texts import Event, epoch_text, opening, outcome_text
from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

LINE_SECONDS = 10.0
"""Plain lines about epochs come no more often than this."""


class PlainLines(Silence):
    """One line for each job's end, and now and then one for an epoch; for logs."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self._numbers: dict[str, int] = {}
        self._n_all: int | None = 0
        self._spoken: dict[str, float] = {}

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """Say what is to be done."""
        self._write(opening(len(jobs), n_stored, folder, n_more))
        self._n_all = None if n_more is None else len(jobs) + n_more
        self._numbers.clear()
        self.added(jobs)

    def added(self, jobs: Sequence[Job]) -> None:
        """Count on."""
        for job in jobs:
            self._numbers[job.key] = len(self._numbers) + 1

    def explained(self, reason: str) -> None:
        """Say it."""
        self._write(printable(reason))

    def started(self, job: Job) -> None:
        """Wait for `LINE_SECONDS` before the first word."""
        self._spoken[job.key] = self._clock()

    def reported(self, job: Job, event: Event) -> None:
        """Say how far the epochs are, from time to time."""
        if "epoch" in event and self._clock() - self._spoken[job.key] >= LINE_SECONDS:
            self._spoken[job.key] = self._clock()
            self._write(f"{self._place_of(job)} {printable(job.title)}: {epoch_text(event)}")

    def ended(self, job: Job, record: Record) -> None:
        """Say how it went."""
        self._write(f"{self._place_of(job)} {printable(job.title)}: {outcome_text(record)}")

    def _place_of(self, job: Job) -> str:
        """Return ``[ 3/24]``, or ``[3]`` where it is not known how many there will be."""
        number = self._numbers[job.key]
        return f"[{number}]" if self._n_all is None else f"[{number:{len(str(self._n_all))}}/{self._n_all}]"
