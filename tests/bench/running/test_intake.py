"""Jobs as a feed gives them: what is stored is told at once, what has no room fails, and what follows is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running.feed import GivenJobs
from bench.running.progress.listening import Silence
from bench.running.runner import run_feed, run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]

pytestmark = pytest.mark.usefixtures("jobs_here")


class OneByOne:
    """A feed that gives one job after the other, each when the one before it has its record."""

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._n_given = 0
        self.told: list[tuple[str, bool]] = []
        self.failures: list[str] = []
        self.kept: list[Record] = []

    @property
    def tasks(self) -> list:
        return [job.task for job in self._jobs]

    @property
    def n_more(self) -> int:
        return len(self._jobs) - self._n_given

    def next(self, at_once: int) -> list[Job]:
        if self._n_given > len(self.told) or not self.n_more:
            return []
        self._n_given += 1
        return [self._jobs[self._n_given - 1]]

    def tell(self, job: Job, record: Record, *, is_new: bool) -> None:
        self.told.append((job.choice.label, is_new))
        self.failures += [record.failure.message] if record.failure else []


class Counted(Silence):
    """Notes how many jobs were announced."""

    def __init__(self) -> None:
        self.begun: tuple[int, int, int | None] = (0, 0, 0)
        self.n_added = 0

    def begin(self, jobs: object, *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        self.begun = (len(jobs), n_stored, n_more)  # type: ignore[arg-type]

    def added(self, jobs: object) -> None:
        self.n_added += len(jobs)  # type: ignore[arg-type]


NAMES = ["popularity", "ease:reg=1", "ease:reg=2", "ease:reg=3"]


def test_stored_records_are_told_before_anything_runs_and_the_rest_follows(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(NAMES)
    run_jobs([jobs[0], jobs[2]], Store(tmp_path), timeout=60.0, progress=Silence())
    feed, progress = OneByOne(jobs), Counted()
    run_feed(feed, Store(tmp_path), timeout=60.0, progress=progress)
    assert feed.told == [("popularity", False), ("ease:reg=1", True), ("ease:reg=2", False), ("ease:reg=3", True)]
    assert (progress.begun, progress.n_added) == ((1, 1, 2), 1)
    again = OneByOne(jobs)
    run_feed(again, Store(tmp_path), timeout=60.0, progress=Silence())
    assert again.told == [(name, False) for name in NAMES]


def test_later_jobs_without_room_are_failures_and_the_others_run(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_room(jobs: list[Job], *, go_on: bool, **_: object) -> dict[str, Failure]:
        large = [job for job in jobs if job.choice.label in ("ease:reg=1", "ease:reg=2")]
        assert go_on or not large
        return {job.key: Failure("memory", f"not started: {job.choice.label} is large") for job in large}

    monkeypatch.setattr("bench.running.runner.without_room", without_room)
    feed = OneByOne(plan(NAMES))
    run_feed(feed, Store(tmp_path), timeout=60.0, progress=Silence())
    assert [label for label, _ in feed.told] == NAMES
    assert feed.failures == ["not started: ease:reg=1 is large", "not started: ease:reg=2 is large"]
    assert len(Store(tmp_path).records()) == 4


def test_given_jobs_are_given_once_and_keep_their_records_in_order(plan: Plan) -> None:
    jobs = plan(NAMES)
    given = GivenJobs(jobs)
    assert list(given.next(1)) == jobs
    assert list(given.next(1)) == []
    for job in reversed(jobs):
        given.tell(job, failed_record(job.document, Failure("raised", job.choice.label)), is_new=True)
    assert [record.recommender.label for record in given.kept] == NAMES
