"""How jobs of Slurm end: which are tried elsewhere, and which are a row of their own."""

from __future__ import annotations

import pytest

from bench.running.places.slurm.states import ENDS, WAITS_OR_RUNS, end_of


def test_no_state_is_both_over_and_not() -> None:
    assert not WAITS_OR_RUNS & set(ENDS)


@pytest.mark.parametrize("state", ["NODE_FAIL", "PREEMPTED", "CANCELLED", "FAILED", "COMPLETED", None, "A_NEW_ONE"])
def test_a_job_that_was_lost_is_tried_elsewhere(state: str | None) -> None:
    assert end_of(state).kind is None


def test_a_job_that_took_too_much_is_not_tried_again() -> None:
    assert end_of("TIMEOUT").kind == "timeout"
    assert end_of("OUT_OF_MEMORY").kind == "memory"


def test_a_state_that_is_new_is_named() -> None:
    assert end_of("A_NEW_ONE").words == "Slurm says A_NEW_ONE"
    assert end_of(None).words == "Slurm does not know it any more"
