"""The jobs of a study before it starts: how many there are and have records, and how long such jobs took here."""

from __future__ import annotations

import glob
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from bench.records.store import Store
from bench.studies.collecting import TUNING
from bench.writing.text import count_text, enumerated
from protocol.tasks.split_rule import parse_rule, rule_of_part
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.choices import Choice
    from bench.data import Data
    from bench.records.environment import Environment
    from bench.records.record import Record
    from bench.studies.datasets import StudyDataset
    from bench.studies.description import Study, Tuning

START_SECONDS = 1.0
"""About what it takes to start the process of a job, beside what its record says."""


@dataclass(frozen=True)
class PlannedJobs:
    """The jobs of one recommender on one dataset: those of the run, or the trials of its search.

    Parameters
    ----------
    row
        What its row is called.
    n_jobs
        All of them; None where the budget of a search is in seconds alone.
    n_stored
        Those that have a record. Whether it answers is known when the data are read.
    seconds
        That one job took on this machine before, as a mean; None where none is known.
    most_seconds
        The budget of a search; None without one.
    """

    dataset: str
    row: str
    is_search: bool
    n_jobs: int | None
    n_stored: int
    seconds: float | None
    most_seconds: float | None = None

    @property
    def n_missing(self) -> int | None:
        """The jobs without a record; None where it is not known how many there are."""
        return None if self.n_jobs is None else max(0, self.n_jobs - self.n_stored)

    @property
    def seconds_left(self) -> float | None:
        """About how long the missing ones will take; None where nothing is known."""
        if self.n_missing == 0:
            return 0.0
        known = [] if self.seconds is None or self.n_missing is None else [self.n_missing * self.seconds]
        return min([*known, *([self.most_seconds] if self.most_seconds is not None else [])], default=None)


@dataclass(frozen=True)
class StudyPlan:
    """All jobs of a study.

    Parameters
    ----------
    untuned
        The recommenders that are not tuned because they have no search space, where the study tunes.
    """

    jobs: tuple[PlannedJobs, ...]
    untuned: tuple[str, ...] = ()

    def __str__(self) -> str:
        names = list(dict.fromkeys(one.dataset for one in self.jobs))
        lines = [f"{count_text(len(names), 'dataset')}: {_amounts(self.jobs)}"]
        lines += [f"  {name}: {_amounts([one for one in self.jobs if one.dataset == name])}" for name in names]
        unknown = list(dict.fromkeys(one.row for one in self.jobs if one.seconds_left is None))
        if unknown:
            lines.append(f"unknown time: there are no records by this machine, on some data, of {enumerated(unknown)}")
        if self.untuned:
            lines.append(f"not tuned, because they have no search space: {enumerated(self.untuned)}")
        return "\n".join(lines)


def _amounts(jobs: Sequence[PlannedJobs]) -> str:
    """Return how many jobs and trials there are, and how long they will take."""
    kinds = [("job", [one for one in jobs if not one.is_search]), ("trial", [one for one in jobs if one.is_search])]
    return f"{'; '.join(_amount(noun, members) for noun, members in kinds if members)}; {_time_text(jobs)}"


def _amount(noun: str, jobs: Sequence[PlannedJobs]) -> str:
    n_stored = sum(one.n_stored for one in jobs)
    known = [one.n_jobs for one in jobs if one.n_jobs is not None]
    number = count_text(sum(known), noun) if len(known) == len(jobs) else f"{noun}s within a budget of time"
    return f"{number} ({n_stored:,} with a record)" if n_stored else number


def _time_text(jobs: Sequence[PlannedJobs]) -> str:
    known = [one.seconds_left for one in jobs if one.seconds_left is not None]
    about = f"about {duration_text(sum(known))}" if sum(known) else ""
    if len(known) < len(jobs):
        return f"{about}, and an unknown time for others" if about else "the time is unknown"
    return about or "nothing is missing"


def duration_text(seconds: float) -> str:
    """Return ``40 s``, ``12 min`` and ``3.5 h``."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"


def plan_study(study: Study, choices: Sequence[Choice], tuned: Sequence[str], here: Environment) -> StudyPlan:
    """Return the jobs of a study, without reading any data.

    Parameters
    ----------
    choices
        What is run on each dataset.
    tuned
        The names of the recommenders that are tuned before.
    here
        This machine: times of others do not count.
    """
    jobs = []
    for dataset in study.datasets:
        documents = _documents(study, dataset)
        seconds = _seconds_here(documents, here)
        if study.tuning:
            searched = [choice for choice in choices if choice.entry.name in tuned]
            jobs += [_trials(study.tuning, dataset, choice, documents, seconds) for choice in searched]
        jobs += [_jobs(study, dataset, choice, documents, seconds, tuned) for choice in choices]
    names = dict.fromkeys(choice.entry.name for choice in choices if choice.entry.name not in tuned)
    return StudyPlan(tuple(jobs), tuple(names) if study.tuning else ())


def _documents(study: Study, dataset: StudyDataset) -> list[Record]:
    """Return the documents of records of a dataset: of its run, of its search, and of others that are where runs go."""
    usual = Path("runs")
    off_protocol = f"{glob.escape(dataset.folder_name)}-{'[0-9a-f]' * 8}"
    folders = (
        study.folder_of(dataset) or usual / dataset.folder_name,
        study.search_folder_of(dataset) or usual / TUNING / dataset.folder_name,
        usual / dataset.folder_name,
        usual / TUNING / dataset.folder_name,
        # Off the default protocol, a run and a search add the first digits of the task.
        *(found for place in (usual, usual / TUNING) for found in sorted(place.glob(off_protocol))),
    )
    return [record for folder in dict.fromkeys(folders) for record in Store(folder).documents()]


def _trials(
    budget: Tuning,
    dataset: StudyDataset,
    choice: Choice,
    documents: Iterable[Record],
    seconds: Mapping[tuple[str, bool], float],
) -> PlannedJobs:
    name = choice.entry.name
    n_jobs = None if budget.trials is None else budget.trials * _n_seeds(choice, budget.seeds)
    trials = [record for record in documents if _is_trial(record) and _is_split_as(dataset.data, record)]
    n_done = len({record.key for record in trials if record.recommender.name == name})
    return PlannedJobs(
        dataset=dataset.name,
        row=choice.row_name,
        is_search=True,
        n_jobs=n_jobs,
        n_stored=n_done if n_jobs is None else min(n_done, n_jobs),
        seconds=seconds.get((name, True), seconds.get((name, False))),
        most_seconds=budget.seconds,
    )


def _jobs(
    study: Study,
    dataset: StudyDataset,
    choice: Choice,
    documents: Iterable[Record],
    seconds: Mapping[tuple[str, bool], float],
    tuned: Sequence[str],
) -> PlannedJobs:
    name = choice.entry.name
    wanted = set(study.seeds[: _n_seeds(choice, study.seeds)])
    stored = {
        record.seed
        for record in documents
        if _is_split_as(dataset.data, record) and _answers(record, choice, is_tuned=name in tuned)
    }
    return PlannedJobs(
        dataset=dataset.name,
        row=choice.row_name,
        is_search=False,
        n_jobs=len(wanted),
        n_stored=len(wanted & stored),
        seconds=seconds.get((choice.label, False), seconds.get((name, False), seconds.get((name, True)))),
    )


def _n_seeds(choice: Choice, seeds: Sequence[int]) -> int:
    description = registry.description_of(choice.entry)
    return 1 if description is None or description.deterministic else len(seeds)


def _is_trial(record: Record) -> bool:
    return record.task.purpose == "validation"


def _is_split_as(data: Data, record: Record) -> bool:
    """Return whether a record is of the split and the negatives that are asked for."""
    task = record.task
    asked = (str(parse_rule(data.split)), str(data.protocol_seed), data.negatives)
    return (str(rule_of_part(task.parts.split)), task.parts.protocol_seed, task.facts.n_negatives) == asked


def _answers(record: Record, choice: Choice, *, is_tuned: bool) -> bool:
    if _is_trial(record) or record.failed or record.recommender.name != choice.entry.name:
        return False
    return record.found_parameters is not None if is_tuned else record.recommender.label == choice.label


def _seconds_here(documents: Iterable[Record], here: Environment) -> dict[tuple[str, bool], float]:
    """Return the mean seconds of jobs on this machine, by label or name and by whether they were trials."""
    found: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for record in documents:
        seconds = seconds_of(record)
        if seconds is not None and record.environment.machine == here.machine:
            for name in {record.recommender.label, record.recommender.name}:
                found[name, _is_trial(record)].append(seconds)
    return {name: fmean(seconds) for name, seconds in found.items()}


def seconds_of(record: Record) -> float | None:
    """Return about how long a job took, with the start of its process; None where that is not known."""
    if record.failure is not None:
        return record.failure.seconds
    fit, score = record.time.fit_seconds, record.time.score_seconds
    if fit is None or score is None:
        return None
    chosen = record.selection.seconds if record.selection else 0.0
    if record.usage is None:
        return START_SECONDS + chosen + fit + score + (record.time.full_score_seconds or 0.0)
    return START_SECONDS + chosen + record.usage.build_seconds + fit + record.usage.scoring_seconds
