"""Cores: each job has its own, as far as there are free ones."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from bench.machine import cores, environment
from bench.machine.cores import hold_cores

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _four_cores_with_two_threads_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for cpu in range(8):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    monkeypatch.setattr(environment, "_CPUS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda *_: None, raising=False)


@pytest.mark.parametrize(
    ("n_threads", "expected"), [(1, {7}), (3, {5, 6, 7}), (5, {3, 4, 5, 6, 7}), (8, set()), (9, set())]
)
def test_threads_get_physical_cores_first_and_the_job_may_run_anywhere_where_it_needs_all(
    n_threads: int, expected: set[int]
) -> None:
    held = hold_cores(n_threads)
    assert held.numbers == expected
    held.give_back()


def test_two_jobs_share_no_core_and_none_is_held_where_too_few_are_free() -> None:
    first, second, third = hold_cores(3), hold_cores(4), hold_cores(2)
    assert (len(first.numbers), len(second.numbers)) == (3, 4)
    assert not first.numbers & second.numbers
    assert third.numbers == set()
    last = hold_cores(1)
    assert last.numbers == set(range(8)) - first.numbers - second.numbers, "the third job has given back what it found"
    second.give_back()
    again = hold_cores(4)
    assert again.numbers == second.numbers
    for held in (first, again, last):
        held.give_back()


def test_a_core_of_another_run_is_not_taken() -> None:
    """The other run may be a process that knows nothing of this one."""
    with environment.siblings_file(7).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        held = hold_cores(1)
        assert held.numbers == {6}
        held.give_back()


def test_where_the_system_describes_no_core_none_is_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "_CPUS", tmp_path / "none")
    assert hold_cores(2).numbers == set()


def test_where_no_process_can_be_held_to_cores_none_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cores.os, "sched_setaffinity")
    assert hold_cores(1).numbers == set()
