"""Whether the jobs of a study fit into the free memory, on every dataset, before the first of them is fitted."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bench.actions.planned_run import plan_run
from protocol.errors import DatasetError, ProtocolError

if TYPE_CHECKING:
    from bench.actions.planned_run import PlannedRun
    from bench.studies.datasets import StudyDataset
    from bench.studies.description import Study
    from bench.studies.planning import StudyPlan


def check_room(described: Study, planned: StudyPlan, at_once: int) -> None:
    """Refuse a study that has jobs without room on one of its datasets; data that cannot be had are passed over.

    Each dataset is read for this. The first one is not: its run is the next thing that happens, and refuses them, too.

    Raises
    ------
    NoRoomError
        Naming the jobs, with the figures.
    """
    from bench.running.foresight.room import NoRoomError, without_room

    waiting = {one.dataset for one in planned.jobs if one.n_missing != 0}
    for dataset in described.datasets[1:]:
        if dataset.name not in waiting:
            continue
        # Its run says what is wrong with it.
        with contextlib.suppress(DatasetError, ProtocolError, OSError):
            jobs = planned_on(described, dataset).jobs
            try:
                without_room(jobs, limit=described.memory, at_once=at_once)
            except NoRoomError as error:
                raise NoRoomError(f"on {dataset.name}: {error}") from error


def planned_on(
    described: Study, dataset: StudyDataset, threads: int | None = None, *, elsewhere: bool = False
) -> PlannedRun:
    """Return what a study runs on one of its datasets, with the parameters before any search.

    Parameters
    ----------
    threads
        Of a job; by default those of the study, or all cores.
    elsewhere
        Whether other machines run the jobs.

    Raises
    ------
    RecbenchError
        If the data cannot be read or split.
    """
    from bench.machine.environment import physical_cores

    return plan_run(
        dataset.data,
        described.named,
        params=None,
        labels=described.labels,
        threads=threads or described.threads or physical_cores(),
        repeat_splits=None,
        elsewhere=elsewhere,
        **described.of_measuring,
    )
