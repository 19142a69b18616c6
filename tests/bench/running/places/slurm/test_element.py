"""When an element of an array ends, and what it reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench.running.places.slurm import element
from bench.running.places.slurm.element import ElementLease, Reports
from bench.running.places.slurm.folder import RunFolder
from bench.running.travel.events import EventFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder.made(tmp_path)
    folder.lease.write_text("1")
    return folder


@pytest.fixture
def lease(folder: RunFolder) -> ElementLease:
    return ElementLease(folder, folder.withdrawal("a-1", 3))


def test_an_element_ends_with_its_driver(folder: RunFolder, lease: ElementLease) -> None:
    assert lease.is_held()
    folder.lease.unlink()
    assert not lease.is_held()
    assert not lease.has_driver()


def test_an_element_ends_when_slurm_says_so(lease: ElementLease) -> None:
    lease.told_to_end.set()
    assert not lease.is_held()
    assert lease.has_driver()


def test_an_element_ends_when_its_job_was_sent_again(folder: RunFolder, lease: ElementLease) -> None:
    folder.withdrawal("a-1", 4).touch()
    assert lease.is_held()
    folder.withdrawal("a-1", 3).touch()
    assert not lease.is_held()


def test_many_epochs_in_a_short_time_are_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(element.time, "monotonic", lambda: now)
    reports = Reports(EventFile(tmp_path, "job"))
    reports.write({"phase": "fit"})
    for epoch in range(1, 11):
        now = epoch * 0.2
        reports.write({"phase": "fit", "epoch": epoch})
    reports.write({"phase": "score"})
    lines = [json.loads(line) for line in (tmp_path / "job").read_text().splitlines()]
    assert [line.get("epoch", line["phase"]) for line in lines] == ["fit", 3, 6, 9, "score"]


def test_a_job_on_another_kind_of_machine_is_given_back(tmp_path: Path) -> None:
    other = RunFolder.made(tmp_path, same_machine=True)
    assert element.refusal(other) is None
    assert element.refusal(other) is None
    (other.path / "kind").write_text("A_CPU, 64 cores, 1 GiB")
    answer = element.refusal(other)
    assert answer is not None
    assert answer.kind == "refused"
    assert answer.reason.endswith("than that of the first job (A_CPU, 64 cores, 1 GiB; --same-machine)")
    assert [path.name for path in other.path.iterdir() if path.name.startswith(".kind")] == []


def test_any_machine_will_do_where_none_is_asked_for(folder: RunFolder) -> None:
    (folder.path / "kind").write_text("A_CPU, 64 cores, 1 GiB")
    assert element.refusal(folder) is None
