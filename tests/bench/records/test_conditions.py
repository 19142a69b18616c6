"""What a record says of the conditions of its times."""

from __future__ import annotations

from hand_made import ALS, EASE
from timed_on import timed

from bench.records.conditions import conditions_of, jobs_at_once


def test_a_job_is_timed_under_its_machine_its_threads_and_its_neighbours() -> None:
    found = conditions_of(timed("bpr", threads=3, at_once=4, device="GPU_A", cores=6))
    assert found is not None
    assert (found.cpu, found.cores, found.device, found.threads, found.at_once) == ("CPU_A", 6, "GPU_A", 3, 4)


def test_what_was_not_timed_has_no_conditions() -> None:
    """A failure, and scores of another program."""
    external = timed("theirs")
    external.document.update(environment={}, time={**external.document["time"], "fit_seconds": None})
    assert [conditions_of(each) for each in (ALS, external)] == [None, None]


def test_a_record_that_does_not_say_so_ran_alone() -> None:
    assert [jobs_at_once(each) for each in (EASE, timed("bpr", at_once=None), timed("bpr", at_once=2))] == [1, 1, 2]
