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
from bench.actions.tuned_run import labels_after_search, search, searched_names
from bench.names import VIEWS
from bench.records.lists import without_lists
from bench.records.results_folders import check_no_records
from bench.studies.collecting import check_datasets, check_views
from bench.studies.columns import DatasetRecords
from bench.studies.datasets import loaded
from protocol.errors import DatasetError, ProtocolError, RecbenchError, RecbenchWarning, RecommenderError
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from bench.choices import Choice
    from bench.studies.datasets import StudyDataset
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
    tuned = searched_names(described, choices)
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
    params = search(described, dataset, data, tuned, executor, quiet=quiet)
    results = run(
        data,
        described.named,
        params=params,
        labels=labels_after_search(described.choices(), tuned),
        executor=executor,
        out=described.folder_of(dataset),
        refit=refit,
        keep_models=described.keep_models,
        quiet=quiet,
        **described.of_measuring | described.of_jobs,
    )
    return DatasetRecords(dataset.name, without_lists(results.records), results.folder)
