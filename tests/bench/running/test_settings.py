"""A run says why a stored record of the same row and seed does not answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bench.machine.devices.choosing import Asked, Placement
from bench.machine.devices.device import Device
from bench.records.device import RecordedDevice
from bench.records.making import complete_document
from bench.records.outcome import Times
from bench.records.record import Record
from bench.running.settings import changed_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job

VERSIONS = {"python": "3.11", "numpy": "2.0"}


@pytest.fixture
def job(plan: Callable[..., list[Job]]) -> Job:
    (job,) = plan(["ease"], environment={"cpu": "A_CPU", "versions": VERSIONS})
    return job


def record_of(job: Job) -> Record:
    return Record(complete_document(job.document, time=Times(1.0, 1.0, 1.0)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source_sha256": "0" * 64}, ["its code has changed"]),
        ({"threads": 2}, ["it had 1 thread and has 2"]),
        ({"patience": 3}, ["the patience was none and is 3"]),
        ({"libraries": {"example": "1.1"}}, ["example was none and is 1.1"]),
        ({"full": False}, ["the stored record is of other settings"]),
    ],
)
def test_what_differs_is_said(job: Job, changes: dict[str, Any], expected: list[str]) -> None:
    assert changed_settings(replace(job, **changes), [record_of(job)]) == expected


def test_another_device_and_another_precision_are_said(job: Job) -> None:
    first, second = (Device("cuda", index, name, 1024.0, "CUDA 12.8", "550.1") for index, name in ((0, "A"), (1, "B")))
    here, there = replace(job, placement=Placement(first, "float32")), replace(job, placement=Placement(second, "bf16"))
    assert changed_settings(here, [record_of(job)]) == ["it ran on the processor and is to run on cuda (A)"]
    assert changed_settings(there, [record_of(here)]) == ["it ran on cuda (A) and is to run on cuda, bf16 (B)"]


def test_a_device_that_a_worker_may_choose_is_no_difference(job: Job) -> None:
    there = replace(job, placement=Placement(Device("cuda", 0, "A GPU")))
    asked = replace(job, asked=Asked("cuda"), threads=2)
    assert changed_settings(asked, [record_of(there)]) == ["it had 1 thread and has 2"]
    said = ["it had 1 thread and has 2", "it ran on the processor and is to run on cuda"]
    assert sorted(changed_settings(asked, [record_of(job)])) == said


def test_the_driver_of_the_device_decides_and_its_number_does_not(job: Job) -> None:
    first, alike, newer = (
        replace(job, placement=Placement(Device("cuda", index, "A", 1024.0, "CUDA 12.8", driver), "float32"))
        for index, driver in ((0, "550.1"), (1, "550.1"), (0, "560.2"))
    )
    assert first.key == alike.key != job.key
    assert newer.key not in (first.key, job.key)
    assert changed_settings(newer, [record_of(first)]) == [
        "it ran on cuda (A), CUDA 12.8 with driver 550.1 and is to run on CUDA 12.8 with driver 560.2"
    ]


def test_a_device_without_a_driver_has_the_key_that_it_had() -> None:
    """So has the processor with bf16."""
    assert set(RecordedDevice("cpu", precision="bf16").deciding) == {"kind", "name", "runtime", "precision", "tf32"}


def test_a_default_and_a_version_are_said_by_name(job: Job) -> None:
    stored = record_of(job).document
    recommender = {**stored["recommender"], "parameters": {**job.parameters, "reg": 100.0}}
    environment = {**stored["environment"], "versions": {**VERSIONS, "numpy": "1.26"}}
    older = Record({**stored, "key": "0" * 64, "recommender": recommender, "environment": environment})
    assert changed_settings(job, [older]) == [
        f"reg was 100.0 and is {job.parameters['reg']}",
        "numpy was 1.26 and is 2.0",
    ]


def test_the_record_that_is_most_like_the_job_is_compared(job: Job) -> None:
    far, near = replace(job, threads=2, source_sha256="0" * 64), replace(job, threads=4)
    assert changed_settings(job, [record_of(far), record_of(near)]) == ["it had 4 threads and has 1"]


def test_another_row_another_seed_and_the_same_key_are_no_reason(job: Job, plan: Callable[..., list[Job]]) -> None:
    (other,) = plan(["ease:reg=7"], threads=2)
    assert changed_settings(job, []) == []
    assert changed_settings(job, [record_of(other)]) == []
    assert changed_settings(job, [record_of(replace(job, seed=1))]) == []
    assert changed_settings(job, [record_of(job), record_of(replace(job, threads=2))]) == []
