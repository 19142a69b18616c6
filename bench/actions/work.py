"""Run jobs of a plan on this machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.options import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.running.travel.plan_folder import PlanFolder

INDEX_VARIABLES = ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX")
"""Variables in which a scheduler says the index: of an element of Slurm's job arrays, of Kubernetes' indexed jobs."""

ALL = "all"

WAITING_SECONDS = 1.0
"""How often a process that has nothing else to do looks whether the jobs of others are done."""


@dataclass(frozen=True)
class Worked:
    """What became of a job.

    Parameters
    ----------
    said
        In words: how the job ended, or why it did not run.
    is_done
        Whether its record is in the plan; that of a failure is one, too.
    is_claimed
        Whether another process runs it.
    """

    index: int
    title: str
    said: str
    is_done: bool
    is_claimed: bool = False


def work(plan: Path | str, index: int | str | None = None) -> Iterator[Worked]:
    """Run jobs of a plan that `bench.plan` wrote, one after the other; yield what becomes of each.

    A job whose record is in the plan does not run again, and one that another process runs is left to it. So many may
    work on one plan at once, and any of them may be killed: one that works on all jobs waits for those of the others,
    and takes the job of one that was killed.

    Parameters
    ----------
    plan
        The folder.
    index
        Of the one job to run; ``"all"`` for all that are left. By default what the scheduler says in
        `INDEX_VARIABLES`, and all that are left where there is none.

    Raises
    ------
    RecbenchError
        If there is no plan or no such index, or a specification is damaged.
    """
    from bench.running.travel.plan_folder import PlanFolder

    folder = PlanFolder(Path(plan))
    folder.clear_drafts()
    chosen = _index(index)
    if chosen is not None:
        folder.check_index(chosen)
        yield _worked(folder, chosen)
    else:
        yield from _all_that_are_left(folder)


def _index(given: int | str | None) -> int | None:
    """Return the index that is asked for; None for all that are left."""
    if given is None:
        given = next((found for name in INDEX_VARIABLES if (found := os.environ.get(name))), ALL)
    found = read("index", given)
    return None if found == ALL else found


def _all_that_are_left(folder: PlanFolder) -> Iterator[Worked]:
    """Run what no other process runs, and wait for what others run: one of them may be killed, and its job is left."""
    tried: set[int] = set()
    while left := [index for index in folder.missing if index not in tried]:
        is_at_work = False
        for index in left:
            if not (worked := _worked(folder, index)).is_claimed:
                tried.add(index)
                is_at_work = True
                yield worked
        if not is_at_work:
            time.sleep(WAITING_SECONDS)


def _worked(folder: PlanFolder, index: int) -> Worked:
    from bench.running.progress.texts import outcome_text
    from bench.running.travel.bundle import unbundled
    from bench.running.travel.working import work_on

    answer, title = work_on(folder, index), folder.jobs[index].title
    if answer == "done":
        return Worked(index, title, "its record is there already", is_done=True)
    if answer == "claimed":
        return Worked(index, title, "another process runs it", is_done=False, is_claimed=True)
    if answer.kind != "done":
        return Worked(index, title, f"not run: {answer.reason}", is_done=False)
    record, _ = unbundled(answer.bundle)
    return Worked(index, title, outcome_text(record), is_done=True)
