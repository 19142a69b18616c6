"""Run a search, and write what it found beside the records of its trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bench.choices import parameters_text
from bench.tuning.trials import best_of, trial_rows
from bench.tuning.tuned_file import TUNED, Tuned, check_names
from bench.writing.csv import csv_text
from bench.writing.text import unicode_values
from protocol.drafts import write_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bench.tuning.trial_runner import TrialRunner, TryChoices
    from bench.tuning.trials import Trial

TRIALS = "trials.csv"


class Method(Protocol):
    """Decides which combinations a search tries."""

    @property
    def recommenders(self) -> Sequence[str]:
        """Names of the recommenders that are searched."""
        ...

    @property
    def about(self) -> Mapping[str, Any]:
        """The entries of ``tuned.toml`` about the method: ``sampler``, ``budget`` and what else decides the trials."""
        ...

    def search(self, try_choices: TryChoices) -> list[Trial]:
        """Return all trials, each combination and seed once."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Search:
    """The outcome of a search.

    Parameters
    ----------
    trials
        All of them, by recommender in the order tried.
    about
        The search, as ``tuned.toml`` describes it.
    folder
        Holds the records, ``trials.csv`` and ``tuned.toml``.
    """

    trials: tuple[Trial, ...]
    about: Mapping[str, Any]
    folder: Path

    @property
    def n_failed(self) -> int:
        """The number of trials that failed."""
        return sum(trial.failure is not None for trial in self.trials)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per combination and seed: the columns of ``trials.csv``."""
        import pandas as pd

        return pd.DataFrame(unicode_values(trial_rows(self.trials)))

    def write(self) -> None:
        """Write ``trials.csv`` and ``tuned.toml``."""
        write_output(self.folder / TRIALS, csv_text(trial_rows(self.trials)).encode())
        Tuned.of(best_of(self.trials), self.about).write(self.folder / TUNED)

    def _repr_html_(self) -> str:
        return self._table("html")

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _table(self, form: str) -> str:
        """Return the best trial of each recommender as a table, in a format of tabulate."""
        from tabulate import tabulate

        from bench.writing.text import accuracy_text

        rows = [
            [one.recommender, accuracy_text(one.hit_rate), accuracy_text(one.ndcg), parameters_text(one.parameters)]
            for one in best_of(self.trials)
        ]
        headers = ["recommender", "HR@10", "NDCG@10", "best on validation"]
        return str(tabulate(rows, headers=headers, tablefmt=form, disable_numparse=True))

    def __str__(self) -> str:
        failed = [
            f"failed: {trial.recommender}:{parameters_text(trial.parameters)} (seed {trial.seed}): {trial.failure}"
            for trial in self.trials
            if trial.failure is not None
        ]
        written = f"{len(self.trials)} trials in {self.folder}/{TRIALS}, the best in {self.folder}/{TUNED}"
        return "\n".join((self._table("simple"), "", *failed, written, ""))


def run_search(method: Method, runner: TrialRunner, dataset: str) -> Search:
    """Try what a method asks for, write what was found, and return it.

    A search that was stopped goes on when it is run again: finished trials are read from their records.

    Parameters
    ----------
    dataset
        Name of the dataset that the runner's task is made of.

    Raises
    ------
    RecommenderError
        If ``tuned.toml`` cannot hold a table of a recommender's name; then nothing is run.
    """
    about = {
        "dataset": dataset,
        "validation_task": runner.task.digest,
        **method.about,
        "seeds": list(runner.seeds),
        "patience": runner.patience,
    }
    check_names(method.recommenders, about)
    search = Search(tuple(method.search(runner.run)), about, runner.folder)
    search.write()
    return search
