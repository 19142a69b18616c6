"""The plan of a study: jobs, records, and times of this machine alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hand_made import record, task
from msgspec import convert

from bench.data import Data
from bench.records.environment import Environment
from bench.records.store import Store
from bench.studies.datasets import StudyDataset
from bench.studies.description import Study, Tuning
from bench.studies.planning import PlannedJobs, duration_text, plan_study, seconds_of

HERE = {"cpu": "A_CPU", "versions": {"python": "3.11"}}


def study(**options: Any) -> Study:
    datasets = (StudyDataset("one", Data("one.csv")), StudyDataset("two", Data("two.csv")))
    return Study(datasets=datasets, recommenders=("popularity", "bpr"), seeds=(0, 1, 2), out=Path("out"), **options)


def plan(described: Study, tuned: tuple[str, ...] = ()):
    return plan_study(described, described.choices(), tuned, convert(HERE, Environment))


def store(folder: str, label: str, seconds: float, *, seed: int = 0, cpu: str = "A_CPU", trial: bool = False) -> None:
    made = record(label, [0, 1], fit=seconds, seed=seed, of=task(purpose="validation") if trial else None)
    made.document["environment"]["cpu"] = cpu
    made.document["key"] = f"{label}{seed}{trial}".encode().hex().ljust(64, "0")[:64]
    Store(Path(folder)).add(made)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_jobs_are_counted_before_anything_is_known() -> None:
    """popularity is deterministic, so that it has one job on each dataset; bpr has three."""
    text = str(plan(study()))
    assert text.splitlines() == [
        "2 datasets: 8 jobs; the time is unknown",
        "  one: 4 jobs; the time is unknown",
        "  two: 4 jobs; the time is unknown",
        "unknown time: there are no records by this machine, on some data, of popularity and bpr",
    ]


def test_records_and_times_are_those_of_the_dataset() -> None:
    """Two of three bpr are missing on "one", each fitted in 8.9 s, scored in .1 s and started in 1 s: 20 s."""
    store("out/one", "bpr", 8.9)
    store("out/one", "popularity", 1.0)
    found = plan(study())
    assert "one: 4 jobs (2 with a record); about 20 s" in str(found)
    assert "two: 4 jobs; the time is unknown" in str(found)
    assert str(found).startswith("2 datasets: 8 jobs (2 with a record); about 20 s, and an unknown time for others")


def test_times_of_another_machine_do_not_count() -> None:
    store("out/one", "bpr", 8.9, cpu="ANOTHER_CPU")
    (bpr,) = (one for one in plan(study()).jobs if (one.dataset, one.row) == ("one", "bpr"))
    assert (bpr.n_stored, bpr.seconds) == (1, None)


def test_another_row_of_the_recommender_tells_the_time_and_is_no_record() -> None:
    store("runs/one", "bpr:reg=5", 3.9)
    (bpr,) = (one for one in plan(study()).jobs if (one.dataset, one.row) == ("one", "bpr"))
    assert (bpr.n_stored, bpr.seconds) == (0, pytest.approx(5.0))


def test_trials_of_a_search_are_counted_apart() -> None:
    store("out/tuning/one", "bpr:reg=1", 2.9, trial=True)
    found = plan(study(tuning=Tuning(trials=10)), ("bpr",))
    assert "one: 4 jobs; 10 trials (1 with a record); about" in str(found)
    assert "not tuned, because they have no search space: popularity" in str(found)
    (trials,) = (one for one in found.jobs if one.dataset == "one" and one.is_search)
    assert trials.seconds_left == pytest.approx(9 * 4)
    (jobs,) = (one for one in found.jobs if (one.dataset, one.row, one.is_search) == ("one", "bpr", False))
    assert jobs.n_stored == 0, "a trial is no record of the run"


def test_a_budget_of_seconds_is_the_most_that_a_search_takes() -> None:
    (trials, *_) = plan(study(tuning=Tuning(seconds=60)), ("bpr",)).jobs
    assert (trials.n_jobs, trials.seconds_left) == (None, 60)
    assert "trials within a budget of time" in str(plan(study(tuning=Tuning(seconds=60)), ("bpr",)))
    both = PlannedJobs("one", "bpr", True, 10, 0, 2.0, 60.0)
    assert both.seconds_left == 20
    assert replace(both, seconds=None).seconds_left == 60
    assert replace(both, n_stored=10).seconds_left == 0


def test_the_seconds_of_a_failure_are_those_that_it_had() -> None:
    failed = record("bpr", [], failure={"kind": "timeout", "message": "stopped", "seconds": 7.0})
    assert seconds_of(failed) == 7
    assert seconds_of(record("bpr", [], failure={"kind": "raised", "message": "no"})) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (40.4, "40 s"), (720, "12 min"), (12_600, "3.5 h"), (90_000, "25.0 h")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
