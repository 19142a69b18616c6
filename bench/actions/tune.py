"""Search for hyper-parameters on the validation task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.run import DEFAULT_TIMEOUT
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.data import Data
    from bench.tuning.search import Method, Search

DEFAULT_PATIENCE = 5


def tune_records(
    data: Data,
    recommenders: Sequence[str] | None = None,
    *,
    grid: Path | str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    spaces: Path | str | None = None,
    search_seed: int | None = None,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    jobs: int = 1,
    out: Path | str | None = None,
) -> Search:
    """Search for hyper-parameters, and return the trials and where they are (see `bench.api.tune`)."""
    from bench.machine.environment import physical_cores
    from bench.tuning.search import run_search
    from bench.tuning.trial_runner import TrialRunner

    if grid is None:
        method = _optuna(recommenders, trials, seconds, spaces, search_seed, plugins)
    else:
        _refuse_beside_a_grid(
            recommenders=recommenders, trials=trials, seconds=seconds, spaces=spaces, search_seed=search_seed
        )
        method = _grid(Path(grid), plugins)
    dataset = data.load()
    task = data.validation_task(dataset)
    runner = TrialRunner(
        task=task,
        folder=Path(out) if out else Path("runs", "tuning", data.folder(dataset, task).name),
        seeds=seeds,
        patience=patience,
        threads=threads or physical_cores(),
        timeout=timeout,
        memory=memory,
        jobs=jobs,
    )
    return run_search(method, runner, dataset.name)


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


def _grid(path: Path, plugins: Sequence[str]) -> Method:
    from bench.choices import plugin_entries
    from bench.tuning.grid import read_grid

    return read_grid(path, plugin_entries(plugins))


def _optuna(
    recommenders: Sequence[str] | None,
    trials: int | None,
    seconds: float | None,
    spaces: Path | str | None,
    seed: int | None,
    plugins: Sequence[str],
) -> Method:
    from bench.choices import choose, plugin_entries
    from bench.tuning.budget import Budget
    from bench.tuning.optuna_search import optuna_search
    from bench.tuning.spaces import read_spaces, tunable

    budget = Budget(trials, seconds)
    given = read_spaces(Path(spaces), plugin_entries(plugins)) if spaces else {}
    choices = choose(recommenders or list(given or tunable()), plugins)
    return optuna_search(choices, given, budget, seed=seed or 0)
