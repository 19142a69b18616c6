"""What a run shows while it goes on, on standard error: a live view in a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from bench.sheet import accuracy_text, amount_text
from bench.writers import printable
from protocol.metrics import ndcg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.plan import Job
    from bench.store import Record

Event = dict[str, Any]
"""What a job's process tells: ``phase`` (``"selection"``, ``"fit"`` or ``"score"``) and, of an epoch, its line of the
learning curve and ``epochs``, how many there will be at most; None where nobody knows."""

LINE_SECONDS = 10.0
"""Plain lines about epochs come no more often than this."""

DOING = {"selection": "validating", "fit": "fitting", "score": "scoring"}


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


def make_progress(*, quiet: bool = False) -> Progress:
    """Return what suits standard error: plain lines where it is no terminal, a dumb one, or a log of CI."""
    if quiet:
        return Silence()
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or os.environ.get("CI"):
        return PlainLines(lambda line: print(line, file=sys.stderr, flush=True))
    from rich.console import Console

    from bench.live_view import LiveView

    return LiveView(Console(stderr=True))


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


class PlainLines(Silence):
    """One line for each job's end, and now and then one for an epoch; for logs."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self._places: dict[str, str] = {}
        self._spoken: dict[str, float] = {}

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path) -> None:
        """Say what is to be done."""
        self._write(opening(len(jobs), n_stored, folder))
        width = len(str(len(jobs)))
        self._places = {job.key: f"[{number:{width}}/{len(jobs)}]" for number, job in enumerate(jobs, 1)}

    def started(self, job: Job) -> None:
        """Wait for `LINE_SECONDS` before the first word."""
        self._spoken[job.key] = self._clock()

    def told(self, job: Job, event: Event) -> None:
        """Say how far the epochs are, from time to time."""
        if "epoch" in event and self._clock() - self._spoken[job.key] >= LINE_SECONDS:
            self._spoken[job.key] = self._clock()
            self._write(f"{self._places[job.key]} {printable(job.title)}: {epoch_text(event)}")

    def ended(self, job: Job, record: Record) -> None:
        """Say how it went."""
        self._write(f"{self._places[job.key]} {printable(job.title)}: {outcome_text(record)}")


def opening(n_jobs: int, n_stored: int, folder: Path) -> str:
    """Return what is to be done: "3 jobs are stored in runs/ml-100k already; 7 jobs to run"."""
    to_run, place = f"{n_jobs or 'no'} job{'' if n_jobs == 1 else 's'} to run", printable(str(folder))
    if not n_stored:
        return f"{to_run}; records go to {place}"
    return f"{n_stored} job{' is' if n_stored == 1 else 's are'} stored in {place} already; {to_run}"


def epoch_text(event: Mapping[str, Any]) -> str:
    """Return where a job is: "fitting, epoch 3 of 30, loss 0.412, 5 s left"."""
    most = f" of {event['epochs']}" if event["epochs"] else ""
    return ", ".join((DOING[event["phase"]], f"epoch {event['epoch']}{most}", *_figures(event)))


def state_texts(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an epoch shows beside its bar, from all words to the fewest; validation is told by its score."""
    doing, figures = DOING[event["phase"]], list(_figures(event))
    brief = [figure.replace("at most ", "≤") for figure in figures]
    return ", ".join((doing, *figures)), ", ".join((doing, *brief)), ", ".join(brief or [doing])


def _figures(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the validation score, the loss and the time left, if known."""
    if "NDCG@10" in event:
        yield f"NDCG@10 {accuracy_text(event['NDCG@10'])}"
    if event["loss"] is not None:
        yield f"loss {event['loss']:.4g}"
    if event["epochs"]:
        left = event["seconds"] / event["epoch"] * (event["epochs"] - event["epoch"])
        yield f"{'at most ' if event['phase'] == 'selection' else ''}{_duration_text(left)} left"


def _duration_text(seconds: float) -> str:
    """Return ``14 s``, ``12 min`` and ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def outcome_text(record: Record) -> str:
    """Return how a job ended: "NDCG@10 .3942, fitted in 1.23 s"."""
    if record.ranks is None:
        return f"FAILED: {printable(record.document['failure']['message'])}"
    parts = [f"NDCG@10 {accuracy_text(float(np.mean(ndcg(record.ranks, 10))))}"]
    parts.append(f"fitted in {amount_text(record.document['time']['fit_seconds'])} s")
    if record.document["selection"]:
        parts.append(f"best epoch {record.document['selection']['best_epoch']}")
    return ", ".join(parts)
