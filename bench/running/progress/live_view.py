"""The live view of a run in a terminal: a bar for all jobs, and one for each that runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.progress import BarColumn, ProgressColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from bench.running.progress.finished_rows import FinishedRows
from bench.running.progress.listening import Silence
from bench.running.progress.outlook import Outlook
from bench.running.progress.texts import DOING, duration_text, opening, seconds_left, state_texts
from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from rich.console import Console, ConsoleOptions
    from rich.progress import Task, TaskID

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event

ALL_JOBS = "all jobs"

LEAST_WIDTH = 60
"""Of a terminal, in columns, that has room for the seed and for what a job is doing."""

_REFRESHES = 4
"""A second: what the view takes from the jobs is little."""


class LiveView(Silence):
    """Shows what runs; a row whose jobs have all ended becomes a line above it.

    Parameters
    ----------
    timeout
        Seconds after which a job is stopped; None where that is not known.
    clock
        Returns seconds.
    """

    def __init__(
        self, console: Console, timeout: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._timeout, self._clock = console, timeout, clock
        self._bars = Bars(
            *_columns(console.width), console=console, transient=True, expand=True, refresh_per_second=_REFRESHES
        )
        self._all: TaskID | None = None
        self._n_jobs: int | None = 0
        self._n_ended = self._n_failed = 0
        self._shown: dict[str, TaskID] = {}
        self._failed_rows: set[str] = set()
        self._rows, self._outlook = FinishedRows(()), Outlook({})

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        for line in self._rows.unfinished():
            self._print(line)
        self._bars.stop()

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """Say what is to be done, and open the bar of all jobs."""
        self._print(opening(len(jobs), n_stored, folder, n_more))
        self._rows, self._outlook = FinishedRows(jobs), Outlook(_rows_of(jobs), n_more)
        self._n_jobs = None if n_more is None else len(jobs) + n_more
        self._n_ended = self._n_failed = 0
        self._failed_rows.clear()
        if self._all is not None:
            self._bars.remove_task(self._all)
        begun = self._clock()
        self._all = (
            self._bars.add_task(
                ALL_JOBS,
                total=self._n_jobs,
                seed="",
                steps=f"0/{self._n_jobs or '?'}",
                state=("",),
                clock=partial(self._time_of_all, begun),
            )
            if jobs
            else None
        )

    def added(self, jobs: Sequence[Job]) -> None:
        """Expect these, too."""
        self._rows.added(jobs)
        self._outlook.added(_rows_of(jobs))

    def explained(self, reason: str) -> None:
        """Say it."""
        self._print(printable(reason))

    def started(self, job: Job) -> None:
        """Open the job's bar."""
        self._outlook.started(job.key, self._clock())
        self._shown[job.key] = self._add(job, "starting")

    def reported(self, job: Job, event: Event) -> None:
        """Move the job's bar."""
        bar = self._shown[job.key]
        if "epoch" in event:
            left = seconds_left(event)
            self._outlook.expected(job.key, None if left is None else self._clock() + left)
            steps = f"{event['epoch']}/{event['epochs'] or '?'}"
            self._bars.update(
                bar, completed=event["epoch"], total=event["epochs"], steps=steps, state=state_texts(event)
            )
        else:
            self._outlook.expected(job.key, None)
            # A bar whose length was known does not forget it.
            self._bars.remove_task(bar)
            self._shown[job.key] = self._add(job, DOING[event["phase"]])

    def ended(self, job: Job, record: Record) -> None:
        """Take the job's bar away, and print how its row went if that was the last job of it."""
        self._bars.remove_task(self._shown.pop(job.key))
        self._outlook.ended(job.key, self._clock())
        self._n_ended += 1
        self._n_failed += record.failed
        if record.failed:
            self._failed_rows.add(job.row_name)
        if self._all is not None:
            state = f"{self._n_failed} failed" if self._n_failed else ""
            steps = f"{self._n_ended}/{self._n_jobs or '?'}"
            self._bars.update(self._all, completed=self._n_ended, steps=steps, state=(state,))
        line = self._rows.add(job, record)
        if line is not None:
            self._print(line, style="red" if job.row_name in self._failed_rows else None)

    def _add(self, job: Job, state: str) -> TaskID:
        return self._bars.add_task(
            printable(job.row_name),
            total=None,
            seed=job.seed_text,
            steps="",
            state=(state,),
            clock=partial(self._time_of, job.key),
        )

    def _time_of(self, key: str) -> str:
        """Return how long a job still takes or, where it does not say, how long it runs, of the most that it may."""
        now = self._clock()
        left = self._outlook.job_seconds_left(key, now)
        if left is not None:
            return f"{duration_text(left)} left"
        running = duration_text(self._outlook.seconds_running(key, now))
        return running if self._timeout is None else f"{running} of {duration_text(self._timeout)}"

    def _time_of_all(self, begun: float) -> str:
        """Return about how long all jobs still take or, before the first one has ended, how long they run."""
        now = self._clock()
        left = self._outlook.seconds_left(now)
        return duration_text(now - begun) if left is None else f"~{duration_text(left)} left"

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False, highlight=False)


def _rows_of(jobs: Sequence[Job]) -> dict[str, str]:
    """Return the row of each job, by the job's key."""
    return {job.key: job.row_name for job in jobs}


def _columns(width: int) -> list[ProgressColumn]:
    """Return the columns for a terminal: row, seed, bar, epochs, what the job is doing, and the time."""
    name = Column(no_wrap=True, max_width=max(8, width // 6))
    right = partial(Column, no_wrap=True, justify="right")
    narrow: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False, table_column=name),
        BarColumn(bar_width=None, table_column=Column(ratio=2, min_width=6)),
        TextColumn("{task.fields[steps]}", markup=False, table_column=right()),
        _ClockColumn(table_column=right()),
    ]
    if width < LEAST_WIDTH:
        return narrow
    seed = TextColumn("{task.fields[seed]}", markup=False, table_column=Column(no_wrap=True))
    return [narrow[0], seed, *narrow[1:3], _StateColumn(table_column=Column(ratio=5, no_wrap=True)), narrow[3]]


class _ClockColumn(ProgressColumn):
    """The time that a job, or all of them, still takes."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["clock"]())


class _StateColumn(ProgressColumn):
    """The present activity of a job, in as many words as there is room for."""

    def render(self, task: Task) -> _Fitting:
        return _Fitting(task.fields["state"])


@dataclass(frozen=True)
class _Fitting:
    """The first of some texts that has room; where none has, the last one, cut off."""

    texts: tuple[str, ...]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        texts = [Text(text, overflow="ellipsis", no_wrap=True) for text in self.texts]
        yield next((text for text in texts if text.cell_len <= options.max_width), texts[-1])

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)
