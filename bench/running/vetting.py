"""Whether the record that a job's process wrote can be true: the run compares it with what it knows itself.

A recommender runs in the process that writes the record, and may change it by mistake. What does not agree costs the
row, and says why. This finds mistakes; a recommender that means to deceive can still return false ranks that fit.
"""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING

import numpy as np

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import read_record
from protocol.errors import ProtocolError
from protocol.evaluation.evaluate import TOP_ITEMS
from protocol.tasks.counts import count_train

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from bench.records.record import Record
    from bench.running.plan import Job
    from protocol.evaluation.ranking import Ranks
    from protocol.types import IndexArray

CLOCK_SECONDS = 0.05
"""What a job's clock may differ from that of the run: the two are the same clock on one machine."""


def vetted(
    folder: Path,
    job: Job,
    asked_at: Mapping[str, float],
    refused: str | None = None,
    ended_at: float | None = None,
) -> Record:
    """Return the record that a job left in a folder if it can be true, and else a failure that says why not.

    Parameters
    ----------
    asked_at, refused
        When the job asked for each part of its data, and why it was refused one (see `bench.running.handing.Handing`).
    ended_at
        When the record was there; None for now.
    """
    ended_at = time.monotonic() if ended_at is None else ended_at
    try:
        record = read_record(folder)
    except (ProtocolError, OSError) as error:
        return _refused(job, f"it cannot be read: {error}")
    # A job that is refused a part fails, and says itself why it was.
    overlooked = None if record.failed else refused
    problem = overlooked or next(problems(record, job, {**asked_at, "end": ended_at}), None)
    if problem is not None:
        return _refused(job, problem)
    return failed_record(job.document, record.failure) if record.failure else record


def _refused(job: Job, problem: str) -> Record:
    message = f"the record that its process wrote cannot be true: {problem}; it is left out"
    return failed_record(job.document, Failure("record", " ".join(message.split()), detail=message))


def problems(record: Record, job: Job, asked_at: Mapping[str, float]) -> Iterator[str]:
    """Yield what is wrong with the record of a job; nothing where the recommender keeps to its own work.

    Parameters
    ----------
    asked_at
        As for `vetted`, with when the process ended as ``"end"``.
    """
    yield from problems_of_content(record, job)
    if record.failed:
        return
    needed = "validation" if job.only_selects else "candidates"
    if needed not in asked_at:
        yield "it has ranks, and the job never asked for the candidates"
        return
    yield from _time_problems(record, job, asked_at)


def problems_of_content(record: Record, job: Job) -> Iterator[str]:
    """Yield what in a record is not of its job and its task, whatever the clock says."""
    known = json.loads(json.dumps(job.document))
    differing = [name for name, value in known.items() if record.document.get(name) != value]
    if differing:
        yield f"its {differing[0].replace('_', ' ')} is not that of the job"
    if not record.failed:
        yield from _count_problems(record, job)


def _time_problems(record: Record, job: Job, asked_at: Mapping[str, float]) -> Iterator[str]:
    """Yield which part of the job would have taken longer than the run saw it take."""
    seen = {one: later - at for (one, at), (_, later) in itertools.pairwise(sorted(asked_at.items(), key=_moment))}
    # A choice of epochs begins with building, for which the job needs no data yet.
    seen["validation"] = seen.get("spec", 0.0) + seen.get("validation", 0.0)
    full = 0.0 if job.task.is_full_ranking else record.time.full_score_seconds or 0.0
    fitting, scoring = record.time.fit_seconds or 0.0, (record.time.score_seconds or 0.0) + full
    selecting = record.selection.seconds if record.selection else 0.0
    stated = [("selecting", selecting, "validation"), ("fitting", fitting, "train"), ("scoring", scoring, "candidates")]
    if job.only_selects:
        stated = [("selecting", max(selecting, fitting + scoring), "validation")]
    for what, seconds, part in stated:
        if seconds > seen.get(part, 0.0) + CLOCK_SECONDS:
            yield f"{what} took {seconds:g} s by the record, and {seen.get(part, 0.0):g} s by the clock of the run"


def _moment(asked: tuple[str, float]) -> float:
    return asked[1]


def _count_problems(record: Record, job: Job) -> Iterator[str]:
    """Yield where ranks, lists and counts are not of the job's task."""
    task = job.task
    counts, expected = record.counts, count_train(task.train, task.candidates)
    for name in ("users", "heldout", "items"):
        if not np.array_equal(getattr(counts, name), getattr(expected, name)):
            yield f"its counts of training interactions ({name}) are not those of the task"
    yield from _rank_problems("candidates", record.ranks, task.n_rivals)
    if record.full_ranks is not None:
        yield from _rank_problems("untouched items", record.full_ranks, task.n_untouched)
    if record.top_items is not None:
        yield from _list_problems(record.top_items, task.candidates.n_evaluated, task.train.n_items)
    if (job.validation is None) != (record.selection is None):
        yield "it has a choice of epochs where the job has none, or the other way round"


def _rank_problems(against: str, ranks: Ranks | None, n_rivals: npt.NDArray[np.int64]) -> Iterator[str]:
    """Yield where ranks are not one for each user; that they are within the rivals, `Ranks` makes sure itself."""
    if ranks is None or ranks.n_better.size != n_rivals.size:
        yield f"it has ranks of {0 if ranks is None else ranks.n_better.size} users, expected {n_rivals.size}"
    elif not np.array_equal(ranks.n_rivals, n_rivals):
        yield f"its ranks are not against the {against} of the task"


def _list_problems(lists: IndexArray, n_users: int, n_items: int) -> Iterator[str]:
    """Yield where lists of best items have another shape, or hold what is no item; -1 fills a short list up."""
    shape = (n_users, min(TOP_ITEMS, n_items))
    if lists.shape != shape:
        yield f"its lists of best items have the shape {lists.shape}, expected {shape}"
    elif lists.size and (lists.min() < -1 or lists.max() >= n_items):
        yield "its lists of best items hold items that do not exist"
