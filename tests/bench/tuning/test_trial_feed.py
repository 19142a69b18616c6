"""The jobs of a search: seeds belong together, and a combination is told when all of its jobs have their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hand_made import record

from bench.choices import Choice, choose
from bench.tuning.trial_feed import TrialFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.running.plan import Job
    from bench.tuning.trials import Trial

    Plan = Callable[..., list[Job]]


class Given:
    """Asks for given combinations, as many as there are places."""

    def __init__(self, *names: str) -> None:
        self._choices = choose(names)
        self.n_asked = 0
        self.told: list[tuple[str, list[int]]] = []

    @property
    def left(self) -> dict[str, int]:
        return {"als": len(self._choices) - self.n_asked}

    def ask(self, n_free: int) -> Choice | None:
        if self.n_asked == len(self._choices) or n_free <= 0:
            return None
        self.n_asked += 1
        return self._choices[self.n_asked - 1]

    def tell(self, choice: Choice, trials: Sequence[Trial]) -> None:
        self.told.append((choice.label, [trial.seed for trial in trials]))


def feed_of(asking: Given, plan: Plan, events: list[Any]) -> TrialFeed:
    def planned(choice: Choice) -> list[Job]:
        return plan([choice.label], seeds=(0, 1))

    return TrialFeed(
        asking,
        planned(choose(["als"])[0])[0].task,
        planned,
        begun=lambda jobs: events.append([job.title for job in jobs]),
        after_trial=lambda: events.append("told"),
    )


def test_a_combination_is_told_with_all_its_seeds_and_its_place_is_filled(plan: Plan) -> None:
    asking, events = Given("als:reg=1", "als:reg=2", "als:reg=3"), []
    feed = feed_of(asking, plan, events)
    jobs = list(feed.next(2))
    assert events == [["als:reg=1, seed 0", "als:reg=1, seed 1"]], "two places, and a combination has two jobs"
    assert feed.n_more == 2 * 2
    feed.tell(jobs[1], record("als", [0, 1], seed=1), is_new=True)
    assert asking.told == []
    jobs += feed.next(2)
    assert asking.n_asked == 2, "one place is free, and the next combination takes it"
    feed.tell(jobs[0], record("als", [0, 1], seed=0), is_new=True)
    assert asking.told == [("als:reg=1", [0, 1])]
    assert events[1:] == ["told"]
    for job in jobs[2:]:
        feed.tell(job, record("als", [0, 1], seed=job.seed), is_new=False)
    assert events[1:] == ["told"], "what was stored has been written before"


def test_two_combinations_that_are_one_job_are_both_told(plan: Plan) -> None:
    """A parameter that is given as its default makes no other job."""
    asking, events = Given("als", "als:reg=0.01"), []
    feed = feed_of(asking, plan, events)
    for job in feed.next(1):
        feed.tell(job, record("als", [0, 1], seed=job.seed), is_new=True)
    feed.next(1)
    assert [label for label, _ in asking.told] == ["als", "als:reg=0.01"]
