"""Search for hyper-parameters on the validation task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.options import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.choices import Choice, Named
    from bench.data import Data
    from bench.tuning.search import Search
    from bench.tuning.trials import Trial

DEFAULT_PATIENCE = 5


def select_records(
    grid: Path,
    data: Data,
    *,
    plugins: Named | Iterable[Named] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
) -> Search:
    """Do what `select` does, and return the trials and where they lie."""
    from bench.choices import plugin_entries
    from bench.machine.environment import physical_cores
    from bench.running.progress.choosing import make_progress
    from bench.tuning.grid import read_grid
    from bench.tuning.search import Search, TrialRunner
    from bench.tuning.trials import best_of
    from bench.tuning.tuned_file import SELECTED, selected_toml

    choices = read_grid(grid, plugin_entries(plugins))
    dataset = data.load()
    task = data.validation_task(dataset)
    folder = Path(out) if out else Path("runs", "selection", data.folder(dataset, task).name)
    runner = TrialRunner(task, folder, seeds, patience, threads or physical_cores(), timeout, memory, n_parallel)
    search = Search(tuple(runner.run(choices, make_progress())), folder, SELECTED)
    best = best_of(search.trials)
    search.write(selected_toml(best, dataset=dataset.name, digest=task.digest, seeds=seeds, patience=patience))
    return search


def tune_records(
    data: Data,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    spaces: Path | None = None,
    search_seed: int = 0,
    plugins: Named | Iterable[Named] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
) -> Search:
    """Do what `tune` does, and return the trials and where they lie."""
    from bench.choices import choose, plugin_entries
    from bench.machine.environment import physical_cores
    from bench.running.progress.choosing import make_progress
    from bench.running.progress.listening import Round
    from bench.tuning.budget import Budget
    from bench.tuning.optuna_search import make_tuners
    from bench.tuning.optuna_search import tune as spend
    from bench.tuning.search import Search, TrialRunner
    from bench.tuning.spaces import read_spaces, tunable
    from bench.tuning.trials import best_of
    from bench.tuning.tuned_file import TUNED, tuned_toml

    budget = Budget(trials, seconds)
    given = read_spaces(spaces, plugin_entries(plugins)) if spaces else {}
    choices = choose(recommenders or list(given or tunable()), plugins)
    tuners = make_tuners(choices, given, seed=search_seed)
    dataset = data.load()
    task = data.validation_task(dataset)
    folder = Path(out) if out else Path("runs", "tuning", data.folder(dataset, task).name)
    runner = TrialRunner(task, folder, seeds, patience, threads or physical_cores(), timeout, memory, n_parallel)

    def run(number: int, suggested: Sequence[Choice]) -> list[Trial]:
        most = "" if trials is None else f" of {trials}" if seconds is None else f" of at most {trials}"
        return runner.run(suggested, Round(f"trial {number}{most} of each recommender:", make_progress()))

    search = Search(tuple(spend(tuners, budget, run)), folder, TUNED)
    best = tuned_toml(
        best_of(search.trials),
        budget,
        dataset=dataset.name,
        digest=task.digest,
        search_seed=search_seed,
        seeds=seeds,
        patience=patience,
    )
    search.write(best)
    return search
