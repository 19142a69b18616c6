"""Whether jobs have room in memory: what cannot fit is not begun."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine.free_memory import free_bytes
from bench.machine.memory import size_text
from bench.records.outcome import Failure
from bench.running.foresight.need import may_matter, needs_of
from bench.running.foresight.own import shared_bytes
from bench.writing.text import enumerated
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.running.foresight.need import Need
    from bench.running.plan import Job

RUNS = Path("runs")
"""Where results of earlier runs are by default."""

KIND = "memory"
"""Of the failure of a job that was not begun; a job that was stopped for its memory has the same."""


class NoRoomError(RecbenchError):
    """Jobs cannot fit into the memory that is free."""


def without_room(
    jobs: Sequence[Job], *, limit: int | None, at_once: int = 1, go_on: bool = False
) -> dict[str, Failure]:
    """Return the failures of jobs that cannot fit, by their keys. Where it is not known what a job needs, it fits.

    Parameters
    ----------
    limit
        Bytes that one job may hold; None for no limit.
    at_once
        How many jobs run at the same time.
    go_on
        Whether the others are to run; otherwise nothing is.

    Raises
    ------
    NoRoomError
        If jobs cannot fit and the others are not to run, or if those that run at once cannot fit together.
    """
    free = free_bytes()
    needs = needs_of([job for job in jobs if may_matter(job, free)], [RUNS] if RUNS.is_dir() else [])
    refused = {
        job.key: problem
        for job in jobs
        if job.key in needs and (problem := lack_of_room(job.choice.row_name, needs[job.key], free, limit))
    }
    if refused and not go_on:
        problems = "\n".join(dict.fromkeys(refused.values()))
        raise NoRoomError(f"{problems}; --go-on runs the others")
    if not go_on:
        _check_together(jobs, needs, free, at_once)
    return {key: Failure(KIND, f"not started: {problem}") for key, problem in refused.items()}


def lack_of_room(name: str, need: Need, free: int, limit: int | None) -> str:
    """Return why a job cannot fit, with the figures and what helps; empty where it can, or where that is not known."""
    needed = need.least_bytes
    if needed is None:
        return ""
    # A job whose libraries alone are over the limit is stopped in its first second; how large they are is less certain.
    if limit is not None and (needed if need.declared is None else need.declared) > limit:
        has, helps = f"--memory allows {size_text(limit)}", "leave it out, raise --memory, or use --core"
    elif needed > free:
        has, helps = f"{size_text(free)} are free", "leave it out or use --core"
    else:
        return ""
    facts = need.facts
    sizes = f"{facts.n_items:,} items, {facts.n_users:,} users and {facts.n_interactions:,} interactions"
    about = "" if need.bound == "about" else f"{need.bound} "
    return f"{name} needs {about}{size_text(needed)} for {sizes}, {has}; {helps}"


def _check_together(jobs: Sequence[Job], needs: Mapping[str, Need], free: int, at_once: int) -> None:
    """Refuse jobs that fit one by one, but not so many at once; they share the interactions of their task.

    Raises
    ------
    NoRoomError
        With the largest of them.
    """
    known = [(needs[job.key].least_bytes or 0, job) for job in jobs if job.key in needs]
    largest = sorted(known, key=lambda one: one[0], reverse=True)[:at_once]
    shared = {job.task.digest: shared_bytes(job.task) for _, job in largest}
    together = sum(shared.values()) + sum(max(0, needed - shared[job.task.digest]) for needed, job in largest)
    if len(largest) > 1 and together > free:
        names = enumerated(list(dict.fromkeys(job.choice.row_name for _, job in largest)))
        raise NoRoomError(
            f"{len(largest)} jobs at once need {size_text(together)} together ({names}), {size_text(free)} are free; "
            "run fewer at once, or use --core"
        )
