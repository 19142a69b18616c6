"""How long the jobs of a run will still take, judged by those that have ended."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outlook:
    """Expects of a job what others of its row took or, where none of them has ended, what all others took.

    It may be asked from another thread than the one that tells it what happens, so it reads copies.

    Times are in seconds, of any clock that never goes back.

    Parameters
    ----------
    row_of
        The row of each job that the run begins with, by the job's key.
    n_more
        How many jobs may follow on them; None where that is not known.
    """

    def __init__(self, row_of: Mapping[str, str], n_more: int | None = 0) -> None:
        self._row_of = dict(row_of)
        self._n_more = n_more
        self._waiting = dict.fromkeys(row_of)
        self._since: dict[str, float] = {}
        self._ends: dict[str, float] = {}
        self._took: dict[str, list[float]] = {}
        self._most_at_once = 1

    def added(self, row_of: Mapping[str, str]) -> None:
        """Receive jobs that follow."""
        self._row_of.update(row_of)
        self._waiting.update(dict.fromkeys(row_of))
        if self._n_more is not None:
            self._n_more = max(0, self._n_more - len(row_of))

    def started(self, key: str, now: float) -> None:
        """Receive that a job runs."""
        self._waiting.pop(key, None)
        self._since[key] = now
        self._most_at_once = max(self._most_at_once, len(self._since))

    def expected(self, key: str, end: float | None) -> None:
        """Receive when a job will end by its own account; None where it does not say any more."""
        self._ends.pop(key, None)
        if end is not None:
            self._ends[key] = end

    def ended(self, key: str, now: float) -> None:
        """Receive that a job has ended."""
        self._took.setdefault(self._row_of[key], []).append(now - self._since.pop(key))
        self._ends.pop(key, None)

    def seconds_running(self, key: str, now: float) -> float:
        """Return how long a job has been running."""
        return now - self._since.get(key, now)

    def job_seconds_left(self, key: str, now: float) -> float | None:
        """Return how long a job will still take by its own account; None where it gives none, or is overdue."""
        end = self._ends.get(key)
        return None if end is None or end < now else end - now

    def seconds_left(self, now: float) -> float | None:
        """Return about how long all jobs will still take; None before the first one has ended, or if it is open."""
        if not self._took or self._n_more is None:
            return None
        ends = {key: self._ends.get(key, since + self._usual(key)) for key, since in list(self._since.items())}
        running = sum(max(0.0, end - now) for end in ends.values())
        waiting = sum(map(self._usual, list(self._waiting))) + self._n_more * self._usual_of_all()
        return (running + waiting) / self._most_at_once

    def _usual(self, key: str) -> float:
        """Return how long a job takes, as far as others tell."""
        own = self._took.get(self._row_of[key])
        return fmean(own) if own else self._usual_of_all()

    def _usual_of_all(self) -> float:
        """Return how long the jobs that have ended took in the mean."""
        return fmean([each for row in list(self._took.values()) for each in row])
