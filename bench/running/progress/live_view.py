"""The live view of a run in a terminal: a bar for all jobs, and one for each that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from bench.running.progress.listening import Silence
from bench.running.progress.texts import DOING, opening, outcome_text, state_texts
from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from rich.console import Console, ConsoleOptions
    from rich.progress import Task, TaskID

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event


class LiveView(Silence):
    """Shows what runs; what has ended scrolls up."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}", markup=False, table_column=Column(ratio=2, no_wrap=True)),
            BarColumn(bar_width=6),
            TextColumn("{task.fields[steps]}", markup=False, table_column=Column(no_wrap=True, justify="right")),
            _StateColumn(table_column=Column(ratio=5, no_wrap=True)),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            expand=True,
        )
        self._all: TaskID | None = None
        self._n_jobs: int | None = 0
        self._n_ended = self._n_failed = 0
        self._shown: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """Say what is to be done, and open the bar of all jobs."""
        self._print(opening(len(jobs), n_stored, folder, n_more))
        self._n_jobs = None if n_more is None else len(jobs) + n_more
        if jobs:
            steps = f"0/{self._n_jobs or '?'}"
            self._all = self._bars.add_task("all jobs", total=self._n_jobs, steps=steps, state=("",))

    def explained(self, reason: str) -> None:
        """Say it."""
        self._print(printable(reason))

    def started(self, job: Job) -> None:
        """Open the job's bar."""
        self._shown[job.key] = self._add(job, "starting")

    def reported(self, job: Job, event: Event) -> None:
        """Move the job's bar."""
        bar = self._shown[job.key]
        if "epoch" in event:
            steps = f"{event['epoch']}/{event['epochs'] or '?'}"
            self._bars.update(
                bar, completed=event["epoch"], total=event["epochs"], steps=steps, state=state_texts(event)
            )
        else:
            # A bar whose length was known does not forget it.
            self._bars.remove_task(bar)
            self._shown[job.key] = self._add(job, DOING[event["phase"]])

    def ended(self, job: Job, record: Record) -> None:
        """Print how it went, and take the job's bar away."""
        self._bars.remove_task(self._shown.pop(job.key))
        self._n_ended += 1
        self._n_failed += record.failed
        if self._all is not None:
            state = f"{self._n_failed} failed" if self._n_failed else ""
            steps = f"{self._n_ended}/{self._n_jobs or '?'}"
            self._bars.update(self._all, completed=self._n_ended, steps=steps, state=(state,))
        self._print(f"{printable(job.title)}: {outcome_text(record)}", style="red" if record.failed else None)

    def _add(self, job: Job, state: str) -> TaskID:
        return self._bars.add_task(printable(job.title), total=None, steps="", state=(state,))

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


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
