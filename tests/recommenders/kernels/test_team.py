"""Teams of threads: all members run at once, and none continues before the others have arrived."""

from __future__ import annotations

import threading

import numba
import numpy as np
import pytest

from recommenders.kernels import team


@numba.njit(nogil=True)
def _add_up_in_turn(member, n_members, arrivals, sums, n_rounds):
    """In each round every member adds its neighbour's sum of the round before; one that does not wait gets another."""
    for round_ in range(n_rounds):
        sums[round_ + 1, member] = sums[round_, member] + sums[round_, (member + 1) % n_members]
        team.meet(arrivals, n_members * (round_ + 1))


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_members_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, n_threads: int) -> None:
    """In rounds of two or three threads on any number of cores each sum doubles."""
    monkeypatch.setattr(team, "n_threads", lambda: n_threads)
    sums = np.zeros((51, n_threads), dtype=np.int64)
    sums[0] = 1
    team.run_team(lambda *member: _add_up_in_turn(*member, sums, 50), 3)
    assert (sums[-1] == 2**50).all()


@pytest.mark.parametrize(("n_threads", "most", "expected"), [(1, 2, 1), (2, 2, 2), (5, 2, 2), (2, 5, 2)])
def test_the_team_is_as_large_as_allowed(
    monkeypatch: pytest.MonkeyPatch, n_threads: int, most: int, expected: int
) -> None:
    monkeypatch.setattr(team, "n_threads", lambda: n_threads)
    seen = []
    team.run_team(lambda member, n_members, arrivals: seen.append((member, n_members, arrivals.tolist())), most)
    assert sorted(seen) == [(member, expected, [0]) for member in range(expected)]


def test_a_team_of_one_runs_in_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a measurement of the calling thread's time contains the whole work."""
    monkeypatch.setattr(team, "n_threads", lambda: 1)
    callers = set()
    team.run_team(lambda *_: callers.add(threading.get_ident()), 2)
    assert callers == {threading.get_ident()}


@pytest.mark.parametrize("failing", [0, 1])
def test_no_member_waits_for_one_that_fails(monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    monkeypatch.setattr(team, "n_threads", lambda: 2)

    def work(member, n_members, arrivals) -> None:
        if member == failing:
            raise ZeroDivisionError
        _add_up_in_turn(member, n_members, arrivals, np.zeros((51, 2), dtype=np.int64), 50)

    with pytest.raises(ZeroDivisionError):
        team.run_team(work, 2)


def test_no_member_waits_for_one_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "n_threads", lambda: 2)
    start, started = threading.Thread.start, []

    def start_one(thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    sums = np.zeros((51, 2), dtype=np.int64)
    with pytest.raises(RuntimeError, match="can't start"):
        team.run_team(lambda *member: _add_up_in_turn(*member, sums, 50), 2)


def test_a_team_of_one_raises_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "n_threads", lambda: 1)
    with pytest.raises(ZeroDivisionError):
        team.run_team(lambda *_: 1 // 0, 2)
