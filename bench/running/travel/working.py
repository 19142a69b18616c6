"""Work on a plan: run the jobs of some indices here, one after the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.machine.memory import size_text
from bench.running.travel.answer import Answer
from bench.running.travel.visiting import LEAST_FREE_BYTES, visit

if TYPE_CHECKING:
    from bench.running.travel.plan_folder import PlanFolder

Skipped = Literal["done", "claimed"]


def work_on(plan: PlanFolder, index: int) -> Answer | Skipped:
    """Run one job of a plan unless that is done or another process does it; keep its record in the plan.

    Returns
    -------
    Answer or str
        The answer; ``"done"`` where the record is there already, ``"claimed"`` where another process runs the job.

    Raises
    ------
    ProtocolError
        If there is no such index, or its specification is damaged.
    """
    plan.check_index(index)
    try:
        return _worked(plan, index)
    except OSError as error:
        return Answer(kind="unfit", reason=f"{plan.folder} cannot be written: {error.strerror or error}")


def _worked(plan: PlanFolder, index: int) -> Answer | Skipped:
    with plan.claimed(index) as is_ours:
        if plan.is_done(index):
            return "done"
        if not is_ours:
            return "claimed"
        # Before the job, whose work would be lost.
        if (free := shutil.disk_usage(plan.folder).free) < LEAST_FREE_BYTES:
            reason = f"the disk of {plan.folder} has {size_text(free)} free, expected {size_text(LEAST_FREE_BYTES)}"
            return Answer(kind="unfit", reason=reason)
        answer = visit(plan.parcel(index), plan.blobs, folder=Path.cwd(), results=plan.folder.resolve())
        if answer.kind == "done":
            plan.keep(index, answer.bundle)
        return answer
