"""A job has one row: what it gave on one processor, and no failure of it on another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.machine.devices.choosing import Placement
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running import one_row
from bench.running.one_row import OneRow
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.supervisor import Supervisor
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]

HERE, THERE = ({"cpu": f"CPU_{one}", "versions": {"python": "3.11"}, "instructions": one} for one in "AB")


@pytest.fixture
def job(plan: Plan) -> Job:
    """Return the job as the driver has it; workers have others' processors."""
    return plan(["ease"], environment=HERE)[0]


@pytest.fixture
def figures(plan: Plan, tmp_path: Path, jobs_here: None) -> Record:
    """Return the figures of the job on the other processor."""
    return run_jobs(plan(["ease"], environment=THERE), Store(tmp_path / "there"), timeout=60, progress=Silence())[0]


def failed(job: Job, why: str = "not today") -> Record:
    return failed_record(job.document, Failure("raised", why))


def rows_in(folder: Path) -> OneRow:
    store = Store(folder)
    return OneRow(store, store.documents())


def keys_in(folder: Path) -> list[str]:
    return [record.key for record in Store(folder).documents()]


def test_figures_take_the_place_of_a_failure_on_another_processor(job: Job, figures: Record, tmp_path: Path) -> None:
    assert job.key != figures.key
    rows_in(tmp_path).add(job, failed(job))
    assert rows_in(tmp_path).add(job, figures) is figures
    assert keys_in(tmp_path) == [figures.key]


def test_both_come_in_one_run(job: Job, figures: Record, tmp_path: Path) -> None:
    rows = rows_in(tmp_path)
    rows.add(job, failed(job))
    rows.add(job, figures)
    assert keys_in(tmp_path) == [figures.key]


def test_a_failure_that_comes_after_the_figures_of_another_processor_is_a_warning(
    job: Job, figures: Record, tmp_path: Path
) -> None:
    rows_in(tmp_path).add(job, figures)
    said = r"ease failed on CPU_A \(not today\), and .* has its figures of another processor, CPU_B: these are kept"
    with pytest.warns(RecbenchWarning, match=said):
        row = rows_in(tmp_path).add(job, failed(job))
    assert (row.key, row.failed) == (figures.key, False)
    assert keys_in(tmp_path) == [figures.key]


def test_figures_that_are_of_other_files_are_not_kept_for_a_failure(
    job: Job, figures: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_in(tmp_path).add(job, figures)
    monkeypatch.setattr(one_row, "changes_since", lambda *_: ["weights.csv has changed"])
    assert rows_in(tmp_path).add(job, failed(job)).failed


def test_of_two_failures_the_last_one_is_the_row(job: Job, tmp_path: Path) -> None:
    for place in (HERE, THERE):
        rows_in(tmp_path).add(job, failed(replace(job, environment=place), f"on {place['cpu']}"))
    (record,) = Store(tmp_path).documents()
    assert record.failure == Failure("raised", "on CPU_B")


def test_failures_of_other_jobs_and_on_other_devices_stay(
    job: Job, figures: Record, plan: Plan, tmp_path: Path
) -> None:
    others = [
        *plan(["ease"], environment=HERE, threads=2),
        *plan(["ease:reg=7"], environment=HERE),
        *plan(["als"], environment=HERE),
        replace(job, placement=Placement(precision="bf16")),
    ]
    for other in others:
        rows_in(tmp_path).add(other, failed(other))
    rows_in(tmp_path).add(job, figures)
    assert sorted(keys_in(tmp_path)) == sorted([figures.key, *(other.key for other in others)])


@pytest.mark.usefixtures("jobs_here")
def test_a_run_has_one_row_in_either_order(
    job: Job, figures: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "failed there")
    store.add(failed(replace(job, environment=THERE)))
    (row,) = run_jobs([job], store, timeout=60, progress=Silence())
    assert [record.key for record in store.documents()] == [row.key] == [job.key]
    store = Store(tmp_path / "done there")
    store.add(figures)
    monkeypatch.setattr(Supervisor, "run", lambda _, job: failed(job))
    with pytest.warns(RecbenchWarning) as warned:
        (row,) = run_jobs([job], store, timeout=60, progress=Silence())
    assert [str(one.message)[:27] for one in warned] == ["ease failed on CPU_A (not t"]
    assert [record.key for record in store.documents()] == [row.key] == [figures.key]
