"""Search before a run: for which recommenders, and the file of what the search found."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.actions.study_room import planned_on
from bench.actions.tune import tune
from bench.studies.datasets import StudyDataset, loaded
from bench.studies.description import tuned_names
from bench.writing.text import enumerated
from protocol.errors import RecbenchWarning, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from bench.choices import Choice, Named
    from bench.running.places.place import Place
    from bench.studies.datasets import LoadedData
    from bench.studies.description import Study

_LOG = logging.getLogger(__name__)


def searched_names(described: Study, choices: Sequence[Choice]) -> list[str]:
    """Return the names of the recommenders that are tuned, where the search can be made; none without tuning.

    Raises
    ------
    RecbenchError
        If the budget is none, Optuna is not installed, a search space is faulty, or no recommender has one.
    """
    if described.tuning is None:
        return []
    from bench.choices import plugin_entries
    from bench.tuning.budget import Budget
    from bench.tuning.optuna_search import optuna_search
    from bench.tuning.spaces import read_spaces
    from recommenders import registry

    tuning = described.tuning
    budget = Budget(tuning.trials, tuning.seconds)
    spaces = read_spaces(tuning.spaces, plugin_entries(described.plugins)) if tuning.spaces else {}
    declares = {
        choice.entry.name: not choice.entry.preset and registry.search_space_of(choice.entry).table is not None
        for choice in choices
    }
    names = tuned_names(choices, spaces, declares)
    if not names:
        without = list(dict.fromkeys(choice.entry.name for choice in choices))
        raise RecommenderError(
            f"there is nothing to tune: {enumerated(without)} {'has' if len(without) == 1 else 'have'} no search "
            "space; leave the tuning out, or give a recommender one (`recbench tune --help` shows how)"
        )
    optuna_search([choice for choice in choices if choice.entry.name in names], spaces, budget, seed=0)
    return names


def search(
    described: Study,
    dataset: StudyDataset,
    data: LoadedData,
    names: Sequence[str],
    executor: Executor | None,
    *,
    quiet: bool = False,
) -> Path | None:
    """Search on the validation task of one dataset; return the file of what was found.

    Parameters
    ----------
    names
        See `searched_names`.

    Returns
    -------
    Path or None
        None where nothing is searched for, or all trials failed.
    """
    from bench.choices import plugin_entries
    from bench.tuning.trials import best_of
    from bench.tuning.tuned_file import TUNED

    how = described.tuning
    if how is None:
        return None
    found = tune(
        data,
        [choice.label for choice in described.choices() if choice.entry.name in names],
        trials=how.trials,
        seconds=how.seconds,
        spaces=how.spaces,
        search_seed=how.search_seed,
        # A plug-in that is not named would be tuned, too.
        plugins=[plugin for plugin in described.plugins if set(plugin_entries([plugin])) & set(names)],
        seeds=how.seeds,
        patience=how.patience,
        executor=executor,
        out=described.search_folder_of(dataset),
        quiet=quiet,
        **described.of_jobs,
    )
    succeeded = [best.recommender for best in best_of(found.trials)]
    without = [name for name in names if name not in succeeded]
    if without:
        warnings.warn(
            f"on {dataset.name}, all trials of {', '.join(without)} failed, so their parameters stay as they are "
            f"given; {found.folder} says why",
            RecbenchWarning,
            stacklevel=4,
        )
    return found.folder / TUNED if succeeded else None


@dataclass(frozen=True)
class Searched:
    """What a run on one dataset begins with after a search.

    Parameters
    ----------
    data
        Which are read once.
    params
        The file of what was found; None where all trials failed.
    choices
        What was asked for, before the search.
    names
        Of the recommenders that were tuned.
    plugins
        Those of the run, with the classes among the recommenders.
    """

    data: LoadedData
    params: Path | None
    choices: Sequence[Choice]
    names: Sequence[str]
    plugins: Sequence[Named]

    @property
    def recommenders(self) -> list[str]:
        """What is run, as `bench.run` takes it: without names, it would take the recommenders of the file."""
        return [choice.label for choice in self.choices]

    @property
    def labels(self) -> dict[str, str]:
        """See `labels_after_search`."""
        return labels_after_search(self.choices, self.names)

    def row(self, before: str, after: Sequence[Choice]) -> str:
        """Return what a row is called with the parameters that were found.

        Parameters
        ----------
        before
            What it was called before the search.
        after
            What is run.
        """
        if before in [choice.row_name for choice in after]:
            return before
        recommender = next(choice.entry.name for choice in self.choices if choice.row_name == before)
        return next(choice.row_name for choice in after if choice.entry.name == recommender)


def labels_after_search(choices: Sequence[Choice], names: Sequence[str]) -> dict[str, str]:
    """Return the names that the user gave to rows, for rows with the parameters that a search found.

    Parameters
    ----------
    choices
        Before the search.
    names
        Of the recommenders that were tuned, each of which has one row.
    """
    return {
        choice.entry.name if choice.entry.name in names else choice.label: choice.display_name
        for choice in choices
        if choice.display_name is not None
    }


def search_before_run(described: Study, place: Place, executor: Executor | None, *, quiet: bool) -> Searched:
    """Search before a run on one dataset; what would keep the run from starting is an error before the search.

    Raises
    ------
    RecbenchError
        As `searched_names`, and as `bench.run`.
    """
    (dataset,) = described.datasets
    choices = described.choices()
    names = searched_names(described, choices)
    data = loaded(dataset.data)
    _check_run(described, StudyDataset(dataset.name, data), place)
    untuned = list(dict.fromkeys(choice.row_name for choice in choices if choice.entry.name not in names))
    if untuned and not quiet:
        _LOG.info("not tuned, because they have no search space: %s", enumerated(untuned))
    params = search(described, dataset, data, names, executor, quiet=quiet)
    return Searched(data, params, choices, names, described.plugins)


def _check_run(described: Study, dataset: StudyDataset, place: Place) -> None:
    """Refuse a run that could not start, with the parameters before the search.

    Raises
    ------
    RecbenchError
        If its options do not fit the data, its folder has records of something else, or its jobs have no room.
    """
    from bench.records.results_folders import check_no_splits
    from bench.records.store import Store
    from bench.running.foresight.room import without_room
    from bench.running.runner import check_tasks

    threads = described.threads or place.threads
    planned = planned_on(described, dataset, threads, elsewhere=place.is_elsewhere)
    store = Store(described.out or planned.usual_folder)
    check_no_splits(store.folder)
    check_tasks(store, store.documents(), [job.task for job in planned.jobs])
    if not (described.go_on or place.is_elsewhere):
        without_room(planned.jobs, limit=described.memory, at_once=place.n_at_once or 1)
