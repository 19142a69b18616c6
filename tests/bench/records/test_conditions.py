"""What a record says of the conditions of its times."""

from __future__ import annotations

import timed_on
from hand_made import ALS, EASE
from timed_on import timed

from bench.records import conditions
from bench.records.conditions import conditions_of, jobs_at_once, kind_of_machine


def test_a_job_is_timed_under_its_machine_its_threads_and_its_neighbours() -> None:
    found = conditions_of(timed("bpr", threads=3, at_once=4, device="GPU_A", cores=6))
    assert found is not None
    assert (found.cpu, found.cores, found.device, found.threads, found.at_once) == ("CPU_A", 6, "GPU_A", 3, 4)


def test_what_was_not_timed_has_no_conditions() -> None:
    """A failure, and scores of another program."""
    external = timed("theirs")
    external.document.update(environment={}, time={**external.document["time"], "fit_seconds": None})
    assert [conditions_of(each) for each in (ALS, external)] == [None, None]


def test_a_record_that_does_not_say_so_ran_alone_and_one_may_say_that_it_is_not_known() -> None:
    several = (EASE, timed("bpr", at_once=None), timed("bpr", at_once=2), timed("bpr", at_once=0))
    assert [jobs_at_once(each) for each in several] == [1, 1, 2, None]


def test_the_kind_of_a_machine_is_what_times_depend_on() -> None:
    kind = "CPU_A, 2 cores, 8 GiB, Linux x86_64, openblas 0.3 SkylakeX, x86-64-v4, znver4"
    assert kind_of_machine(timed_on.MACHINE) == kind
    assert kind_of_machine({**timed_on.MACHINE, "commit": "b", "versions": {}}) == kind
    others = {kind_of_machine({**timed_on.MACHINE, name: 7}) for name in conditions.MACHINE}
    assert len(others - {kind}) == len(conditions.MACHINE) == 6
    assert kind_of_machine({"cpu": "CPU_A", "cores": 2}).startswith("CPU_A, 2 cores, memory_gib not known, ")
