"""Run trials: they are jobs on the validation task, and never see another task."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Protocol

from bench.machine.devices.choosing import ON_CPU, Asked
from bench.machine.environment import describe_environment
from bench.records.store import Store
from bench.running.device_texts import device_texts
from bench.running.plan import plan_jobs
from bench.running.progress.choosing import make_progress
from bench.running.progress.listening import Round
from bench.running.runner import run_jobs
from bench.tuning.trials import trial_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.choices import Choice
    from bench.running.places.place import Place
    from bench.tuning.trials import Trial
    from protocol.tasks.task import Task


class TryChoices(Protocol):
    """Tries combinations of hyper-parameters, each with every seed."""

    def __call__(self, choices: Sequence[Choice], title: str | None = None) -> list[Trial]:
        """Return the trials in the order of the choices; ``title`` is shown above the progress of their jobs."""
        ...


@dataclass(frozen=True, kw_only=True)
class TrialRunner:
    """Runs trials as jobs; a trial whose record is in the folder is not run again.

    Parameters
    ----------
    task
        The validation task.
    folder
        Where the records go.
    seeds
        Training seeds; a deterministic recommender gets the first one only.
    patience
        Epochs without a better NDCG@10 after which a trial stops (see `bench.running.training.select_epochs`).
    threads
        Of each trial.
    timeout
        Seconds after which a trial is stopped.
    memory
        Bytes; a trial whose processes hold more is stopped. None for no limit.
    place
        Where trials run.
    jobs
        The most trials that the place is asked for at once; None for all.
    asked
        The device and the precision (see `bench.running.plan.plan_jobs`).
    go_on
        Whether first trials that cannot fit into the free memory are failures; otherwise they are an error. Later ones
        are always failures: the search goes on.
    """

    task: Task
    folder: Path
    seeds: Sequence[int]
    patience: int
    threads: int
    timeout: float
    memory: int | None
    place: Place
    jobs: int | None
    asked: Asked = ON_CPU
    go_on: bool = False
    _said: set[str] = field(default_factory=set, repr=False)
    _is_begun: Event = field(default_factory=Event, repr=False)

    def run(self, choices: Sequence[Choice], title: str | None = None) -> list[Trial]:
        """Return the trials of some choices (see `TryChoices`)."""
        jobs = plan_jobs(
            choices,
            self.seeds,
            threads=self.threads,
            environment=describe_environment(),
            task=self.task,
            validation=self.task,
            patience=self.patience,
            asked=self.asked,
            elsewhere=self.place.is_elsewhere,
        )
        progress = make_progress(self.timeout)
        for text in device_texts(jobs, self.asked):
            if text not in self._said:
                self._said.add(text)
                progress.explained(text)
        go_on = self.go_on or self._is_begun.is_set()
        records = run_jobs(
            jobs,
            Store(self.folder),
            timeout=self.timeout,
            memory=self.memory,
            progress=progress if title is None else Round(title, progress),
            place=self.place,
            jobs=self.jobs,
            go_on=go_on,
        )
        self._is_begun.set()
        return [trial_of(job.choice.parameters, record) for job, record in zip(jobs, records, strict=True)]
