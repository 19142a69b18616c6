"""The jobs of a search: one for each combination and training seed, as the search's method asks for combinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.tuning.trials import trial_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.choices import Choice
    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.tuning.trials import Trial
    from protocol.tasks.task import Task


class Asking(Protocol):
    """Decides which combinations of hyper-parameters are tried."""

    @property
    def left(self) -> Mapping[str, int] | None:
        """How many combinations may follow those asked for, by recommender; None where that is not known."""
        ...

    def ask(self, n_free: int) -> Choice | None:
        """Return the next combination; None while those that run are enough.

        Parameters
        ----------
        n_free
            For how many places there is no job yet.
        """
        ...

    def tell(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Take the trials of a combination, one for each seed."""
        ...


@dataclass(frozen=True, eq=False)
class _Attempt:
    """A combination that is tried."""

    choice: Choice
    jobs: Sequence[Job]


class TrialFeed:
    """Gives the jobs of trials, and tells the method how they went (see `bench.running.feed.Feed`).

    Parameters
    ----------
    task
        The validation task.
    plan
        Returns the jobs of a combination.
    begun
        Called with the first jobs: of each recommender at least one.
    after_trial
        Called once a combination that was run now is told.
    """

    kept: tuple[Record, ...] = ()

    def __init__(
        self,
        asking: Asking,
        task: Task,
        plan: Callable[[Choice], Sequence[Job]],
        *,
        begun: Callable[[Sequence[Job]], None],
        after_trial: Callable[[], None],
    ) -> None:
        self._asking, self._task, self._plan = asking, task, plan
        self._begun, self._after_trial = begun, after_trial
        self._open: list[_Attempt] = []
        self._n_seeds: dict[str, int] = {}
        self._trials: dict[str, Trial] = {}

    @property
    def tasks(self) -> list[Task]:
        """See `bench.running.feed.Feed`, and so for the others."""
        return [self._task]

    @property
    def n_more(self) -> int | None:
        """The combinations that may follow, each with its seeds."""
        left = self._asking.left
        return None if left is None else sum(n * self._n_seeds.get(name, 1) for name, n in left.items())

    def next(self, at_once: int) -> list[Job]:
        """Return the jobs of further combinations."""
        given: list[Job] = []
        is_first = not self._n_seeds
        while choice := self._asking.ask(at_once - self._n_waiting):
            attempt = _Attempt(choice, self._plan(choice))
            self._n_seeds[choice.entry.name] = len(attempt.jobs)
            self._open.append(attempt)
            given += attempt.jobs
            # The jobs of an earlier combination may be the same ones.
            self._close()
        if is_first:
            self._begun(given)
        return given

    def tell(self, job: Job, record: Record, *, is_new: bool) -> None:
        """Keep the outcome of a job until its combination has all."""
        self._trials[job.key] = trial_of(job.choice.parameters, record)
        if self._close() and is_new:
            self._after_trial()

    def _close(self) -> bool:
        """Tell the method of each combination whose jobs have all come to their end; return whether there is any."""
        finished = [attempt for attempt in self._open if all(job.key in self._trials for job in attempt.jobs)]
        for attempt in finished:
            self._open.remove(attempt)
            self._asking.tell(attempt.choice, [self._trials[job.key] for job in attempt.jobs])
        return bool(finished)

    @property
    def _n_waiting(self) -> int:
        """How many jobs have no outcome yet."""
        return sum(job.key not in self._trials for attempt in self._open for job in attempt.jobs)
