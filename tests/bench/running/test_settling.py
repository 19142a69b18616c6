"""Storing what comes back: the driver alone, and what is finished is kept however a run ends."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running.one_row import OneRow
from bench.running.places.place import PlaceLostError, Returned
from bench.running.progress.listening import Silence
from bench.running.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.places.place import RunOfJobs
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]


class InTheHand:
    """A place whose futures a test completes itself."""

    threads = 1
    is_elsewhere = True

    def __init__(self, act: Callable[[InTheHand], None]) -> None:
        self._act = act
        self.futures: dict[str, Future[Returned]] = {}
        self.jobs: dict[str, Job] = {}
        self.stopped = False

    def open(self, run: RunOfJobs) -> None:
        """Do nothing."""

    def submit(self, job: Job) -> Future[Returned]:
        self.futures[job.choice.label], self.jobs[job.choice.label] = Future(), job
        future = self.futures[job.choice.label]
        self._act(self)
        return future

    def settled(self, job: Job) -> None:
        """Do nothing."""

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        """Do nothing."""

    def end(self, label: str) -> None:
        record = failed_record(self.jobs[label].document, Failure("raised", label))
        self.futures[label].set_result(Returned(record))


def settle(jobs: list[Job], folder: Path, place: InTheHand) -> list[str]:
    records: dict[str, Record] = {}

    def settled(job: Job, record: Record) -> list[Job]:
        records[job.key] = record
        return []

    Settling(OneRow(Store(folder), []), place, Silence()).run(jobs, None, settled)
    return [records[job.key].failure.message for job in jobs]  # type: ignore[union-attr]


def test_records_are_those_of_their_jobs_whatever_comes_first(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity", "ease", "item_knn"])

    def act(place: InTheHand) -> None:
        if len(place.futures) == len(jobs):
            for label in ("item_knn", "popularity", "ease"):
                place.end(label)

    assert settle(jobs, tmp_path, InTheHand(act)) == ["popularity", "ease", "item_knn"]
    assert len(Store(tmp_path).records()) == 3


def test_a_lost_engine_ends_the_run_and_what_had_come_is_stored(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity", "ease", "item_knn"])

    def act(place: InTheHand) -> None:
        if len(place.futures) == len(jobs):
            place.futures["popularity"].set_exception(PlaceLostError("gone"))
            place.end("ease")

    place = InTheHand(act)
    with pytest.raises(PlaceLostError, match="gone"):
        settle(jobs, tmp_path, place)
    assert place.stopped
    assert [record.recommender.name for record in Store(tmp_path).records()] == ["ease"]


def test_what_follows_on_a_record_takes_its_place_at_once(plan: Plan, tmp_path: Path) -> None:
    """Two at once: when the second of two ends, the third begins, though the first still runs."""
    jobs = plan(["popularity", "ease", "item_knn"])
    begun: list[list[str]] = []

    def act(place: InTheHand) -> None:
        begun.append(list(place.futures))
        if len(place.futures) == 2:
            place.end("ease")
        if len(place.futures) == 3:
            place.end("item_knn")
            place.end("popularity")

    def settled(job: Job, record: Record) -> list[Job]:
        assert record.failure is not None
        return jobs[2:] if job.choice.label == "ease" else []

    Settling(OneRow(Store(tmp_path), []), InTheHand(act), Silence()).run(jobs[:2], 2, settled)
    assert begun[-1] == ["popularity", "ease", "item_knn"]
    assert len(Store(tmp_path).records()) == 3
