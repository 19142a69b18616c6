"""The rows of a run whose jobs have all ended: one aligned line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from bench.running.progress.texts import row_text
from bench.writing.text import count_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.records.record import Record
    from bench.running.plan import Job

WIDEST_NAME = 32
"""Of the column of names; what follows a wider name is further right."""


class FinishedRows:
    """Gathers the records of jobs by row.

    Parameters
    ----------
    jobs
        Those that the run begins with.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs: dict[str, list[Job]] = {}
        self._records: dict[str, list[Record]] = {}
        self._width = 0
        self.added(jobs)

    def added(self, jobs: Sequence[Job]) -> None:
        """Receive jobs that are to run, too; the column of names grows with them."""
        for job in jobs:
            self._jobs.setdefault(job.row_name, []).append(job)
            self._width = min(WIDEST_NAME, max(self._width, cell_len(printable(job.row_name))))

    def add(self, job: Job, record: Record) -> str | None:
        """Receive how a job ended, and return the line of its row if that was the last one."""
        records = self._records.setdefault(job.row_name, [])
        records.append(record)
        if len(records) < len(self._jobs[job.row_name]):
            return None
        return self._line(job.row_name, self._records.pop(job.row_name))

    def unfinished(self) -> Iterator[str]:
        """Yield a line for each row of which some jobs have ended, and others have not."""
        while self._records:
            name = next(iter(self._records))
            yield self._line(name, self._records.pop(name))

    def _line(self, name: str, records: Sequence[Record]) -> str:
        shown = printable(name)
        label = shown if cell_len(shown) > self._width else set_cell_size(shown, self._width)
        return f"{label}  {self._seeds(name, len(records)):8}  {row_text(records)}"

    def _seeds(self, name: str, n_ended: int) -> str:
        """Return ``5 seeds`` and ``2 of 5 seeds``; nothing for a row that training again would not change."""
        jobs = self._jobs[name]
        if not jobs[0].seed_text:
            return ""
        return f"{f'{n_ended} of ' if n_ended < len(jobs) else ''}{count_text(len(jobs), 'seed')}"
