"""A search for hyper-parameters: its trials are jobs on the validation task, and never see another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import suite
from bench.environment import describe_environment
from bench.plan import plan_jobs
from bench.runner import run_jobs
from bench.store import Store
from bench.toml_files import toml_key, toml_lines
from bench.trials import best_of, trial_of, trial_rows
from bench.writers import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.progress import Progress
    from bench.trials import Best, Trial
    from protocol.task import Task

ABOUT = "selection"
"""The table of `best_toml` that is no recommender."""

TRIALS = "trials.csv"

TUNED, SELECTED = "tuned.toml", "selected.toml"
BEST_FILES = (TUNED, SELECTED)
"""Files of the best, as `recbench tune` and `recbench select` call them."""


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
        See `bench.training.select_epochs`.
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


def best_toml(best: Sequence[Best], command: str, about: Mapping[str, Any]) -> str:
    """Return the outcome as TOML: a table of parameters per recommender, and ``[selection]``: on what, at what cost.

    Parameters
    ----------
    command
        Who writes it.
    about
        Values of the table ``[selection]``.
    """
    lines = [
        f"# Written by `{command}`: for each recommender the parameters with the highest mean NDCG@10 over seeds",
        "# on the validation task. Where it learns in epochs, `epochs` is the rounded mean of the seeds' best epochs.",
        "",
        f"[{ABOUT}]",
        *toml_lines(about),
    ]
    for one in best:
        figures = {
            "HR@10": one.hit_rate,
            "NDCG@10": one.ndcg,
            "combinations": one.n_combinations,
            "failed": one.n_failed,
            "seconds": one.seconds,
            "best_epochs": list(one.best_epochs),
        }
        lines += ["", f"[{ABOUT}.{toml_key(one.recommender)}]", *toml_lines(figures)]
    for one in best:
        lines += ["", f"[{toml_key(one.recommender)}]", *toml_lines(one.parameters)]
    return "\n".join([*lines, ""])


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

        from bench.sheet import accuracy_text

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
