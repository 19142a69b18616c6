"""What a run is going to do: its jobs on one split of a dataset, or on several."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.options import read
from protocol.errors import ProtocolError, RecbenchWarning, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.choices import Choice, Named
    from bench.data import Data
    from bench.machine.devices.choosing import Asked
    from bench.records.labels import Labels
    from bench.running.plan import Job
    from bench.tuning.tuned_choices import TunedChoices


@dataclass(frozen=True)
class PlannedRun:
    """The jobs of a run.

    Parameters
    ----------
    plans
        By the folder of their records within that of the results, which is ``""`` for a single split.
    usual_folder
        Where results go if no folder is named.
    asked
        The device and the precision that the user asks for.
    """

    plans: dict[str, list[Job]]
    usual_folder: Path
    asked: Asked

    @property
    def is_over_splits(self) -> bool:
        """Whether the dataset is split several times."""
        return "" not in self.plans

    @property
    def jobs(self) -> list[Job]:
        """All jobs."""
        return [job for jobs in self.plans.values() for job in jobs]


def plan_run(
    source: Data,
    recommenders: Named | Iterable[Named] | None,
    *,
    plugins: Named | Iterable[Named],
    params: Path | str | None,
    labels: Labels,
    seeds: int | str | Iterable[int],
    patience: int | None,
    full_limit: int,
    threads: int,
    device: str,
    precision: str,
    repeat_splits: int | None,
    baseline: str | None = None,
    elsewhere: bool = False,
    options: Mapping[str, str] | None = None,
) -> PlannedRun:
    """Return the jobs of a run (see `bench.run`); every wrong option is an error before the data are read.

    All splits are planned before any is run: one that is impossible is an error before anything is fitted.

    Parameters
    ----------
    elsewhere
        Whether other machines run the jobs.
    options
        See `bench.running.plan.Job`.

    Raises
    ------
    RecbenchError
        As `bench.run`.
    """
    from bench.machine.devices.choosing import Asked
    from bench.machine.environment import describe_environment
    from bench.records.groups import check_label
    from bench.records.results_folders import SPLITS, folder_of_split
    from bench.running.plan import plan_jobs
    from bench.tuning.tuned_choices import TunedChoices

    training_seeds: tuple[int, ...] = read("seeds", seeds)
    n_splits: int | None = read("repeat_splits", repeat_splits)
    patience = read("patience", patience)
    how: dict[str, Any] = {
        "threads": read("threads", threads),
        "full_limit": read("full_limit", full_limit),
        "asked": Asked(read("device", device), read("precision", precision)),
        "patience": patience,
        "elsewhere": elsewhere,
        "options": options,
    }
    tuned = None if params is None else TunedChoices.read(Path(params))
    choices = _named(recommenders, plugins, labels, tuned)
    if baseline is not None:
        check_label(baseline, [choice.row_name for choice in choices])
    found = source.load()

    def planned(split: Data) -> list[Job]:
        validation = split.validation_task(found) if patience or tuned else None
        chosen: Sequence[Choice] = choices
        if tuned and validation:
            chosen = tuned.run_on(choices, validation.digest)
            for warning in tuned.warnings(found.name, validation.digest):
                warnings.warn(warning, RecbenchWarning, stacklevel=4)
        return plan_jobs(
            chosen,
            training_seeds,
            environment=describe_environment(),
            task=split.test_task(found),
            validation=validation if patience else None,
            **how,
        )

    if n_splits is None:
        jobs = planned(source)
        return PlannedRun({"": jobs}, source.folder(found, jobs[0].task), how["asked"])
    plans: dict[str, list[Job]] = {}
    for name, split in source.repeated(found, n_splits).items():
        try:
            plans[str(folder_of_split(Path(), name))] = planned(split)
        except ProtocolError as error:
            raise ProtocolError(f"the split {name}: {error}") from error
    usual = source.folder(found, next(iter(plans.values()))[0].task)
    return PlannedRun(plans, usual.with_name(f"{usual.name}-{SPLITS}"), how["asked"])


def _named(
    recommenders: Named | Iterable[Named] | None,
    plugins: Named | Iterable[Named],
    labels: Labels,
    tuned: TunedChoices | None,
) -> list[Choice]:
    """Return what is to be run, with the names that the user gives to rows."""
    from bench.choices import choose
    from bench.records.labels import check_distinct, names_of_rows

    choices = tuned.choose(recommenders, plugins) if tuned else choose(recommenders, plugins)
    if not choices:
        raise RecommenderError("no recommender is named; name one, or leave recommenders out for the default suite")
    rows = {choice.label: choice.entry.name for choice in choices}
    names = {**(tuned.names_of(rows) if tuned else {}), **names_of_rows(labels, rows)}
    check_distinct(names.get(label, label) for label in rows)
    return [replace(choice, display_name=names.get(choice.label)) for choice in choices]
