"""A job has one row: what it gave on one machine, and no failure of it on another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.machine.devices.choosing import Asked, Placement
from bench.machine.devices.device import Device
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running import one_row
from bench.running.one_row import OneRow
from bench.running.places.tries import Tries
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.stored import stored_records
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
    said = r"ease failed on CPU_A \(not today\), and .* has its figures of another machine, CPU_B: these are kept"
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


GPU = Device("cuda", 0, "A GPU", 1000.0, "CUDA 12.8", "570")

ASKED = {
    "any": (Asked("auto"), Placement()),
    "cuda": (Asked("cuda"), Placement(GPU)),
    "cuda:1": (Asked("cuda:1"), Placement(replace(GPU, index=1))),
    "any, TF32": (Asked("auto", "tf32"), Placement(GPU, tf32=True)),
}
"""What is asked for, and what a worker chooses for a recommender that takes no precision."""


def on_device(job: Job, figures: Record, where: Placement) -> Record:
    """Return figures of a job as a worker with a placement makes them."""
    there = replace(job, placement=where, environment=THERE)
    return replace(figures, document={**figures.document, **there.document})


def lost(job: Job) -> Record:
    """Return the row of a job whose worker was lost three times: no device was chosen."""
    tries = Tries()
    tries.lost(job, "its worker died")
    tries.lost(job, "its worker died")
    record = tries.lost(job, "its worker died")
    assert record is not None
    return record


@pytest.mark.parametrize("asked", ASKED)
def test_a_job_that_was_lost_before_it_had_a_device_has_one_row_with_its_figures(
    job: Job, figures: Record, tmp_path: Path, asked: str
) -> None:
    wish, where = ASKED[asked]
    job = replace(job, asked=wish)
    there = on_device(job, figures, where)
    rows_in(tmp_path / "lost first").add(job, lost(job))
    assert rows_in(tmp_path / "lost first").add(job, there) is there
    rows_in(tmp_path / "lost last").add(job, there)
    with pytest.warns(RecbenchWarning, match=r"ease failed on CPU_A.* \(its worker died, .* are kept"):
        assert rows_in(tmp_path / "lost last").add(job, lost(job)).key == there.key
    assert keys_in(tmp_path / "lost first") == keys_in(tmp_path / "lost last") == [there.key]


def test_a_lost_job_that_asked_for_a_device_leaves_rows_of_the_processor_alone(
    job: Job, figures: Record, tmp_path: Path
) -> None:
    asked = replace(job, asked=Asked("cuda"))
    assert lost(asked).device is not None
    for first in (figures, failed(job)):
        folder = tmp_path / first.key[:8]
        rows_in(folder).add(job, first)
        assert rows_in(folder).add(asked, lost(asked)).failed
        assert rows_in(folder).add(asked, on_device(asked, figures, Placement(GPU))).device is not None
        assert first.key in keys_in(folder)
        assert len(keys_in(folder)) == 2


def test_figures_answer_a_job_only_where_they_are_of_a_device_and_a_precision_that_were_asked_for(
    job: Job, figures: Record, tmp_path: Path
) -> None:
    of_processor, of_gpu = figures, on_device(job, figures, Placement(GPU))
    wishes = {"cpu": None, "auto": Asked(), "cuda": Asked("cuda"), "mps": Asked("mps"), "TF32": Asked("cuda", "tf32")}
    answered = {}
    for name, there in (("processor", of_processor), ("GPU", of_gpu)):
        store = Store(tmp_path / name)
        store.add(there)
        for wish, asked in wishes.items():
            wanted = replace(job, asked=asked)
            if stored_records(store, [wanted], store.documents(), of_any_machine=True).records:
                answered.setdefault(name, []).append(wish)
    assert answered == {"processor": ["cpu", "auto"], "GPU": ["auto", "cuda"]}
