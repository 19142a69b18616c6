"""Jobs in line for workers."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from bench.running.places.waiting import Waiting, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job


@pytest.fixture
def waiting(plan: Callable[..., list[Job]]) -> list[Waiting]:
    return [Waiting(job, Future()) for job in plan(["popularity", "random"])]


def test_first_come_first_served(waiting: list[Waiting]) -> None:
    line = WaitingLine()
    for one in waiting:
        line.join(one)
    assert [line.next_for("a", "ab") for _ in range(3)] == [*waiting, None]


def test_a_job_that_lost_its_worker_is_first_in_line_for_another_one(waiting: list[Waiting]) -> None:
    first, second = waiting
    line = WaitingLine()
    line.join(second)
    assert line.lost(first, "a", "its worker a died")
    assert line.next_for("a", "ab") is second, "worker a has lost the first one"
    assert line.next_for("b", "ab") is first


def test_a_job_goes_back_to_a_worker_where_there_is_no_other_one(waiting: list[Waiting]) -> None:
    line = WaitingLine()
    line.lost(waiting[0], "a", "its worker a could not run it")
    assert line.next_for("a", "a") is waiting[0]


def test_after_two_retries_it_is_a_failure(waiting: list[Waiting]) -> None:
    job, line = waiting[0], WaitingLine()
    assert [line.lost(job, name, f"its worker {name} died") for name in "abc"] == [True, True, False]
    failure = job.returned.result().record.failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("lost", "its worker c died, the third time; it is not tried again")
    assert "its worker a died" in (failure.detail or "")
