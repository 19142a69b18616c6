"""Run a search, and write what it found beside the records of its trials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bench.choices import parameters_text
from bench.tuning.edges import edges_of
from bench.tuning.trial_feed import Asking
from bench.tuning.trials import best_of, trial_rows
from bench.tuning.tuned_file import COMPLETE, TUNED, Tuned, check_names
from bench.writing.csv import csv_text
from bench.writing.text import unicode_values
from protocol.drafts import write_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bench.tuning.dimensions import Dimension
    from bench.tuning.trial_runner import TrialRunner
    from bench.tuning.trials import Trial

TRIALS = "trials.csv"


class Method(Asking, Protocol):
    """Decides which combinations a search tries, and says how."""

    @property
    def recommenders(self) -> Sequence[str]:
        """Names of the recommenders that are searched."""
        ...

    @property
    def about(self) -> Mapping[str, Any]:
        """The entries of ``tuned.toml`` about the method: ``sampler``, ``budget`` and what else decides the trials."""
        ...

    @property
    def searched(self) -> Mapping[str, Mapping[str, Dimension]]:
        """What is searched, by recommender and hyper-parameter."""
        ...

    @property
    def trials(self) -> Sequence[Trial]:
        """All trials so far, each combination and seed once: by recommender, in the order asked for."""
        ...

    def go_on_in(self, folder: Path) -> None:
        """Take up what the same search asked for before, where its records are.

        Raises
        ------
        RecbenchError
            If what is kept of that is damaged.
        """
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
    searched
        What was searched, by recommender and hyper-parameter.
    """

    trials: tuple[Trial, ...]
    about: Mapping[str, Any]
    folder: Path
    searched: Mapping[str, Mapping[str, Dimension]] = field(default_factory=dict)

    @property
    def n_failed(self) -> int:
        """The number of trials that failed."""
        return sum(trial.failure is not None for trial in self.trials)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per combination and seed: the columns of ``trials.csv``."""
        import pandas as pd

        return pd.DataFrame(unicode_values(trial_rows(self.trials)))

    @property
    def edges(self) -> dict[str, list[str]]:
        """By recommender, a sentence for each best value at the edge of what was searched."""
        found = {one.recommender: edges_of(one, self.searched.get(one.recommender, {})) for one in best_of(self.trials)}
        return {name: sentences for name, sentences in found.items() if sentences}

    def write(self) -> None:
        """Write ``trials.csv`` and ``tuned.toml``, each whole."""
        write_output(self.folder / TRIALS, csv_text(trial_rows(self.trials)).encode())
        Tuned.of(best_of(self.trials), self.about, self.edges).write(self.folder / TUNED)

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
        at_edge = [f"at the edge: {name}: {text}" for name, texts in self.edges.items() for text in texts]
        hint = ["a better one may lie beyond; spaces are widened with --spaces or --grid"] if at_edge else []
        written = f"{len(self.trials)} trials in {self.folder}/{TRIALS}, the best in {self.folder}/{TUNED}"
        return "\n".join((self._table("simple"), "", *at_edge, *hint, *failed, written, ""))


def run_search(method: Method, runner: TrialRunner, dataset: str) -> Search:
    """Try what a method asks for, write what was found, and return it.

    What was found is written after each trial, too. A search that was stopped goes on when it is run again: finished
    trials are read from their records.

    Parameters
    ----------
    dataset
        Name of the dataset that the runner's task is made of.

    Raises
    ------
    RecbenchError
        If ``tuned.toml`` cannot hold a table of a recommender's name, or what an earlier search left is damaged; then
        nothing is run.
    """
    about = {
        "dataset": dataset,
        "validation_task": runner.task.digest,
        **method.about,
        "seeds": list(runner.seeds),
        "patience": runner.patience,
    }
    check_names(method.recommenders, (*about, COMPLETE))
    method.go_on_in(runner.folder)

    def found(**more: Any) -> Search:
        return Search(tuple(method.trials), {**about, **more}, runner.folder, method.searched)

    runner.run(method, after_trial=lambda: found(**{COMPLETE: False}).write())
    search = found()
    search.write()
    return search
