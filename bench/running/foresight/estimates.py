"""What each recommender will need, beside what is free: the rows of `recbench estimate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.machine.free_memory import free_bytes
from bench.running.foresight.need import needs_of
from bench.running.foresight.room import lack_of_room

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.running.foresight.need import Bound, Need
    from bench.running.plan import Job


@dataclass(frozen=True)
class Estimate:
    """What a job of one recommender on one dataset will need.

    Parameters
    ----------
    dataset, recommender
        The name of the data, and that of the row.
    need
        Of one job.
    free
        Bytes that are free.
    limit
        Bytes that a job may hold; None for no limit.
    """

    dataset: str
    recommender: str
    need: Need
    free: int
    limit: int | None

    @property
    def fits(self) -> bool | None:
        """Whether it fits; None where that is not known."""
        if self.problem:
            return False
        most = min(self.free, self.free if self.limit is None else self.limit)
        is_most = self.need.bound != "at least" and self.need.n_bytes is not None and self.need.n_bytes <= most
        return True if is_most else None

    @property
    def problem(self) -> str:
        """Why it cannot fit; empty where it can, or where that is not known."""
        return lack_of_room(self.recommender, self.need, self.free, self.limit)

    @property
    def seconds(self) -> float | None:
        """Of fitting and scoring, from an earlier record; None where none is known."""
        return None if self.need.earlier is None else self.need.earlier.seconds

    @property
    def time_bound(self) -> Bound:
        """How the time is to be read."""
        return "about" if self.need.earlier is None else self.need.earlier.bound


def estimates_of(dataset: str, jobs: Sequence[Job], folders: Sequence[Path], limit: int | None) -> list[Estimate]:
    """Return an estimate for each row of some jobs on one dataset.

    Parameters
    ----------
    folders
        With earlier results (see `bench.running.foresight.need.need_of`).
    limit
        Bytes that a job may hold; None for no limit.
    """
    rows = {job.choice.row_name: job for job in reversed(jobs)}
    ordered = [rows[name] for name in dict.fromkeys(job.choice.row_name for job in jobs)]
    needs = needs_of(ordered, folders)
    free = free_bytes()
    return [Estimate(dataset, job.choice.row_name, needs[job.key], free, limit) for job in ordered]
