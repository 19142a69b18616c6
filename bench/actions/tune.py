"""Search for hyper-parameters on the validation task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import data_of
from bench.options import DEFAULT_PATIENCE, DEFAULT_TIMEOUT, read
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from bench.choices import Named
    from bench.data import Data, DataOptions, Source
    from bench.tuning.search import Method, Search


def tune(
    dataset: Source | Data | None = None,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    grid: Path | str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    spaces: Path | str | None = None,
    search_seed: int | None = None,
    plugins: Named | Iterable[Named] = (),
    seeds: int | str | Iterable[int] = 0,
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | str | None = None,
    jobs: int = 1,
    out: Path | str | None = None,
    **data: Unpack[DataOptions],
) -> Search:
    """Search for hyper-parameters on the validation task, with the same budget for all recommenders.

    ``bench.tune("ml-100k", ["als", "ease"], trials=30)`` searches with Optuna; ``bench.tune("ml-100k",
    grid="grid.toml")`` tries every combination of a grid.

    Parameters
    ----------
    dataset
        As for `bench.run`; ml-100k by default.
    recommenders
        As for `bench.run`; parameters given here are fixed. By default those of ``spaces``, or those of the default
        suite that declare a search space.
    grid
        A TOML file; see `bench.tuning.grid.read_grid`. It excludes ``recommenders`` and the options of Optuna:
        ``trials``, ``seconds``, ``spaces`` and ``search_seed``.
    trials, seconds
        The budget, one of the two or both; see `bench.tuning.budget.Budget`.
    spaces
        A TOML file; see `bench.tuning.spaces.space_of`.
    search_seed
        Decides what is tried; 0 by default.
    plugins, threads, timeout, memory
        As for `bench.run`.
    seeds
        Training seeds of each combination.
    patience
        A trial stops when validation NDCG@10 has not risen for this many epochs.
    jobs
        How many trials run at once, without a grid at most one of each recommender.
    out
        The folder for the results; ``runs/tuning/DATASET`` by default.
    data
        Further options of `bench.Data`, such as ``protocol_seed``.

    Returns
    -------
    Search
        The trials: ``frame`` has one row per combination and seed. A notebook shows them.

    Raises
    ------
    RecbenchError
        If an option does not take its value, Optuna is not installed, there is no budget, a search space is missing or
        faulty, or the data cannot be read; then nothing is fitted.
    """
    from bench.machine.environment import physical_cores
    from bench.tuning.search import run_search
    from bench.tuning.trial_runner import TrialRunner

    source = data_of(tune, dataset, data)
    settings = {
        "seeds": read("seeds", seeds),
        "patience": read("patience", patience),
        "threads": read("threads", threads) or physical_cores(),
        "timeout": read("timeout", timeout),
        "memory": read("memory", memory),
        "jobs": read("jobs", jobs),
    }
    if grid is None:
        method = _optuna(recommenders, trials, seconds, spaces, search_seed, plugins)
    else:
        _refuse_beside_a_grid(
            recommenders=recommenders, trials=trials, seconds=seconds, spaces=spaces, search_seed=search_seed
        )
        method = _grid(Path(grid), plugins)
    found = source.load()
    task = source.validation_task(found)
    folder = Path(out) if out else Path("runs", "tuning", source.folder(found, task).name)
    return run_search(method, TrialRunner(task=task, folder=folder, **settings), found.name)


def _refuse_beside_a_grid(**options: object) -> None:
    """Refuse the options that say what Optuna tries: a grid says that itself.

    Raises
    ------
    RecbenchError
        If one of them is given.
    """
    given = [name.replace("_", " ") for name, value in options.items() if value is not None]
    if given:
        raise RecbenchError(
            f"a grid names its recommenders and is tried in full, found {', '.join(given)} beside it; leave out "
            f"{', '.join(given)}, or leave out the grid"
        )


def _grid(path: Path, plugins: Named | Iterable[Named]) -> Method:
    from bench.choices import plugin_entries
    from bench.tuning.grid import read_grid

    return read_grid(path, plugin_entries(plugins))


def _optuna(
    recommenders: Named | Iterable[Named] | None,
    trials: int | None,
    seconds: float | None,
    spaces: Path | str | None,
    seed: int | None,
    plugins: Named | Iterable[Named],
) -> Method:
    from bench.choices import choose, plugin_entries
    from bench.tuning.budget import Budget
    from bench.tuning.optuna_search import optuna_search
    from bench.tuning.spaces import read_spaces, tunable

    budget = Budget(read("trials", trials), read("seconds", seconds))
    given = read_spaces(Path(spaces), plugin_entries(plugins)) if spaces else {}
    choices = choose(list(given or tunable()) if recommenders is None else recommenders, plugins)
    return optuna_search(choices, given, budget, seed=0 if seed is None else read("search_seed", seed))
