"""A search for hyper-parameters: its trials are jobs on the validation task, and never see another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import choices as suite
from bench.machine.environment import describe_environment
from bench.records.store import Store
from bench.running.plan import plan_jobs
from bench.running.runner import run_jobs
from bench.tuning.trials import best_of, trial_of, trial_rows
from bench.writing.csv import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.running.progress.listening import Progress
    from bench.tuning.trials import Trial
    from protocol.tasks.task import Task


TRIALS = "trials.csv"


@dataclass(frozen=True)
class TrialRunner:
    """Tries hyper-parameters; what was tried before is found.

    Parameters
    ----------
    task
        The validation task.
    folder
        Of records.
    patience
        See `bench.running.training.select_epochs`.
    timeout
        Seconds after which a trial is stopped.
    memory
        Bytes; a trial whose processes hold more is stopped. None for no limit.
    n_parallel
        How many trials run at once.
    """

    task: Task
    folder: Path
    seeds: Sequence[int]
    patience: int
    threads: int
    timeout: float
    memory: int | None
    n_parallel: int

    def run(self, choices: Iterable[suite.Choice], progress: Progress) -> list[Trial]:
        """Return a trial for each choice and seed, in their order; of deterministic recommenders one."""
        jobs = plan_jobs(
            choices,
            self.seeds,
            threads=self.threads,
            environment=describe_environment(),
            task=self.task,
            validation=self.task,
            patience=self.patience,
        )
        store = Store(self.folder)
        records = run_jobs(
            jobs, store, timeout=self.timeout, memory=self.memory, progress=progress, n_parallel=self.n_parallel
        )
        return [trial_of(job.choice.parameters, record) for job, record in zip(jobs, records, strict=True)]


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found, and where it lies.

    Parameters
    ----------
    trials
        All of them, in the order tried.
    folder
        With ``trials.csv`` and the file of the best.
    best_file
        Its name.
    """

    trials: tuple[Trial, ...]
    folder: Path
    best_file: str

    @property
    def n_failed(self) -> int:
        """How many trials failed."""
        return sum(trial.failure is not None for trial in self.trials)

    def write(self, best: str) -> None:
        """Write ``trials.csv``, and the text of the file of the best."""
        (self.folder / TRIALS).write_text(csv_text(trial_rows(self.trials)), encoding="utf-8")
        (self.folder / self.best_file).write_text(best, encoding="utf-8")

    def __str__(self) -> str:
        from tabulate import tabulate

        from bench.writing.text import accuracy_text

        rows = [
            [
                one.recommender,
                accuracy_text(one.hit_rate),
                accuracy_text(one.ndcg),
                suite.parameters_text(one.parameters),
            ]
            for one in best_of(self.trials)
        ]
        table = tabulate(
            rows,
            headers=["recommender", "HR@10", "NDCG@10", "best on validation"],
            tablefmt="simple",
            disable_numparse=True,
        )
        failed = [
            f"failed: {trial.recommender}:{suite.parameters_text(trial.parameters)} (seed {trial.seed}): "
            f"{trial.failure}"
            for trial in self.trials
            if trial.failure is not None
        ]
        written = f"{len(self.trials)} trials in {self.folder}/{TRIALS}, the best in {self.folder}/{self.best_file}"
        return "\n".join((table, "", *failed, written, ""))
