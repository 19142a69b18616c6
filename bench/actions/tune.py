"""Search for hyper-parameters on the validation task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import data_of
from bench.options import DEFAULT_PATIENCE, DEFAULT_TIMEOUT, read
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor
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
    device: str = "auto",
    precision: str = "float32",
    on: str | None = None,
    executor: Executor | None = None,
    same_machine: bool = False,
    go_on: bool = False,
    jobs: int | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
    **data: Unpack[DataOptions],
) -> Search:
    """Search for hyper-parameters on the validation task, and write and return the trials.

    Either Optuna searches, with the same budget for every recommender: ``bench.tune("ml-100k", ["als", "ease"],
    trials=30)``. Or every combination of a grid is tried: ``bench.tune("ml-100k", grid="grid.toml")``.

    Parameters
    ----------
    dataset
        As for `bench.run`; ml-100k by default.
    recommenders
        ``"NAME"``, ``"NAME:param=value,..."``, which fixes parameters, or a class, one or several; by default those
        of ``spaces``, or those of the default suite that declare a search space. None for a grid, which names its own.
    grid
        A TOML file; see `bench.tuning.grid.read_grid`. It excludes ``recommenders`` and the next four options.
    trials, seconds
        The budget, one of the two or both; see `bench.tuning.budget.Budget`.
    spaces
        A TOML file; see `bench.tuning.spaces.space_of`.
    search_seed
        Decides what is tried; 0 by default.
    seeds
        Training seeds of every trial; a deterministic recommender gets the first one only.
    patience
        Epochs without a better NDCG@10 after which a trial stops.
    jobs
        The most trials that run at once; by default as many as the place of ``on`` runs, which is one here. A free
        place is filled at once. With one at a time, the same seed tries the same combinations; with more, so it is
        while there are as many recommenders with budget left. After that, several trials of one run at once, and what
        is tried next depends on which ends first. The same search, run again in its folder, goes on with what it
        tried.
    out
        The folder for records, ``trials.csv`` and ``tuned.toml``; ``runs/tuning/DATASET`` by default. Both files are
        whole whenever the search is stopped.
    quiet
        Whether to show no progress.
    plugins, threads, timeout, memory, device, precision, on, executor, same_machine, go_on
        As for `bench.run`.
    data
        Further options of `bench.Data`, such as ``protocol_seed``.

    Returns
    -------
    Search
        It prints the best of each recommender; ``.frame`` has one row per combination and seed.

    Raises
    ------
    RecbenchError
        If an option does not take its value, there is neither a budget nor a grid, a grid has options of Optuna's
        beside it, Optuna is needed and not installed, the grid or a search space is missing or faulty, or the data
        cannot be found.
    """
    from bench.machine.devices.choosing import Asked
    from bench.running.places.choosing import place_of
    from bench.running.places.local import LocalPlace
    from bench.tuning.search import run_search
    from bench.tuning.trial_runner import TrialRunner

    source = data_of(tune, dataset, data)
    jobs, on, same_machine = read("jobs", jobs), read("on", on), read("same_machine", same_machine)
    is_here = on is None and executor is None
    place = LocalPlace(jobs or 1) if is_here else place_of(on, executor, same_machine=same_machine)
    how: dict[str, Any] = {
        "seeds": read("seeds", seeds),
        "patience": read("patience", patience),
        "threads": read("threads", threads) or place.threads,
        "timeout": read("timeout", timeout),
        "memory": read("memory", memory),
        "place": place,
        "jobs": jobs,
        "go_on": read("go_on", go_on),
        "asked": Asked(read("device", device), read("precision", precision)),
        "quiet": quiet,
    }
    trials, seconds = read("trials", trials), read("seconds", seconds)
    search_seed = read("search_seed", search_seed)
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
    return run_search(method, TrialRunner(task=task, folder=folder, **how), found.name)


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
