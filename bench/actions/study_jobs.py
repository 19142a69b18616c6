"""The jobs of a study: what is planned, tuned and run on each dataset."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.run import run
from bench.actions.study_results import StudyResults
from bench.actions.study_room import check_room
from bench.actions.tune import tune
from bench.names import VIEWS
from bench.records.lists import without_lists
from bench.records.results_folders import check_no_records
from bench.studies.collecting import check_datasets, check_views
from bench.studies.columns import DatasetRecords
from bench.studies.datasets import loaded
from bench.studies.description import tuned_names
from protocol.errors import DatasetError, ProtocolError, RecbenchError, RecbenchWarning, RecommenderError
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from bench.choices import Choice
    from bench.studies.datasets import LoadedData, StudyDataset
    from bench.studies.description import Study
    from bench.studies.planning import StudyPlan

_LOG = logging.getLogger(__name__)


def plan(described: Study) -> StudyPlan:
    """Return the jobs of a study, without running or reading anything; see `bench.studies.planning.plan_study`.

    Raises
    ------
    RecbenchError
        If a recommender, a plug-in, a label or the baseline is unknown, or the search cannot be made as asked.
    """
    return _planned(described)[1]


def _planned(described: Study) -> tuple[list[str], StudyPlan]:
    """Return the names of the recommenders that are tuned, and the plan."""
    from msgspec import convert

    from bench.machine.environment import describe_environment
    from bench.records.environment import Environment
    from bench.studies.planning import plan_study

    _check_views(described)
    choices = _choices(described)
    tuned = _tuned(described, choices)
    return tuned, plan_study(described, choices, tuned, convert(describe_environment(), Environment))


def _choices(described: Study) -> list[Choice]:
    """Return what is run; an unknown recommender that has stored rows is a plug-in that is missing."""
    try:
        return described.choices()
    except RecommenderError as error:
        raise RecommenderError(f"{error}{_stored_rows(described, str(error))}") from error


def _stored_rows(described: Study, message: str) -> str:
    """Return where rows of a recommender are stored that an error message names; nothing where none are."""
    from bench.records.store import Store

    found = {}
    for dataset in described.datasets:
        folder = described.folder_of(dataset) or Path("runs", dataset.folder_name)
        for record in Store(folder).documents():
            name = record.recommender.name
            if repr(name) in message and record.recommender.origin != "built-in":
                found[name] = f"; {folder} has rows of {name}, of {record.recommender.reference}: add its plug-in"
    return "".join(found.values())


def _tuned(described: Study, choices: Sequence[Choice]) -> list[str]:
    """Return the names of the recommenders that are tuned, where the search can be made.

    Raises
    ------
    RecbenchError
        If the budget is none, Optuna is not installed, or a search space is faulty.
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
    optuna_search([choice for choice in choices if choice.entry.name in names], spaces, budget, seed=0)
    return names


def run_study(
    described: Study, *, executor: Executor | None = None, refit: bool = False, quiet: bool = False
) -> StudyResults:
    """Run what a study describes, dataset by dataset (see `study`)."""
    if executor is not None:
        described = replace(described, on=None)
    from bench.running.places.choosing import place_of
    from bench.running.places.local import LocalPlace

    # A place that does not exist is an error before any data are read.
    place = place_of(described.on, executor, same_machine=described.same_machine)
    if described.out is not None:
        check_no_records(described.out, "a study")
    tuned, planned = _planned(described)
    _LOG.info("%s", planned)
    if isinstance(place, LocalPlace) and not described.go_on:
        check_room(described, planned, place.n_at_once)
    found: list[DatasetRecords] = []
    lost: dict[str, str] = {}
    for number, dataset in enumerate(described.datasets, start=1):
        _LOG.info("dataset %d of %d: %s", number, len(described.datasets), dataset.name)
        try:
            records = _records_of(described, dataset, tuned, executor, refit=refit, quiet=quiet)
            check_datasets([*found, records])
            found.append(records)
        except (DatasetError, ProtocolError) as error:
            lost[dataset.name] = str(error)
            warnings.warn(f"{dataset.name} is left out of the study: {error}", RecbenchWarning, stacklevel=3)
    if not found:
        reasons = "; ".join(f"{name}: {problem}" for name, problem in lost.items())
        raise RecbenchError(f"no dataset of the study could be had: {reasons}")
    return StudyResults(tuple(found), lost, described.compared)


def _check_views(described: Study) -> None:
    """Refuse datasets that will not all have one figure, before anything runs (see `check_views`)."""
    views = {each.name: VIEWS if each.data.negatives else ("full",) for each in described.datasets}
    check_views(views, METRICS[described.compared.metric].label(described.compared.k), described.compared.view)


def _records_of(
    described: Study,
    dataset: StudyDataset,
    tuned: Sequence[str],
    executor: Executor | None,
    *,
    refit: bool,
    quiet: bool,
) -> DatasetRecords:
    """Tune and run on one dataset; return its records."""
    try:
        data = loaded(dataset.data)
    except OSError as error:
        raise DatasetError(f"it cannot be read: {error}") from error
    params = _tune(described, dataset, data, tuned, executor) if tuned else None
    results = run(
        data,
        # Without names, a run takes the recommenders of the file with parameters.
        described.recommenders or [choice.label for choice in described.choices()],
        plugins=described.plugins,
        params=params,
        labels=described.labels,
        seeds=described.seeds,
        patience=described.patience,
        full_limit=described.full_limit,
        threads=described.threads,
        timeout=described.timeout,
        memory=described.memory,
        device=described.device,
        precision=described.precision,
        on=described.on,
        executor=executor,
        same_machine=described.same_machine,
        go_on=described.go_on,
        out=described.folder_of(dataset),
        refit=refit,
        keep_models=described.keep_models,
        quiet=quiet,
    )
    return DatasetRecords(dataset.name, without_lists(results.records), results.folder)


def _tune(
    described: Study, dataset: StudyDataset, data: LoadedData, tuned: Sequence[str], executor: Executor | None
) -> Path | None:
    """Search on the validation task of one dataset; return the file of what was found, None if all trials failed."""
    from bench.choices import plugin_entries
    from bench.tuning.trials import best_of
    from bench.tuning.tuned_file import TUNED

    how = described.tuning
    if how is None:
        return None
    search = tune(
        data,
        [choice.label for choice in described.choices() if choice.entry.name in tuned],
        trials=how.trials,
        seconds=how.seconds,
        spaces=how.spaces,
        search_seed=how.search_seed,
        # A plug-in that is not named would be tuned, too.
        plugins=[plugin for plugin in described.plugins if set(plugin_entries([plugin])) & set(tuned)],
        seeds=how.seeds,
        patience=how.patience,
        threads=described.threads,
        timeout=described.timeout,
        memory=described.memory,
        device=described.device,
        precision=described.precision,
        on=described.on,
        executor=executor,
        same_machine=described.same_machine,
        go_on=described.go_on,
        out=described.search_folder_of(dataset),
    )
    found = [best.recommender for best in best_of(search.trials)]
    without = [name for name in tuned if name not in found]
    if without:
        warnings.warn(
            f"on {dataset.name}, all trials of {', '.join(without)} failed, so the parameters of the study are "
            f"taken as they are; {search.folder} says why",
            RecbenchWarning,
            stacklevel=4,
        )
    return search.folder / TUNED if found else None
