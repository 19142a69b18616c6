"""A run whose workers take no jobs says so, and says when it goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench.running.places.dask_pauses import Pauses


class Watched:
    """Pauses whose clock a test moves; what they say is kept."""

    def __init__(self) -> None:
        self.now, self.said = 100.0, list[str]()
        self._pauses = Pauses("tcp://host:8786", self.said.append, lambda: self.now)

    def after(self, seconds: float, takes: list[bool], n_waiting: int = 2) -> int:
        """Look some seconds later; return how much has been said so far."""
        self.now += seconds
        members: Any = [SimpleNamespace(takes_jobs=one) for one in takes]
        self._pauses.look(members, n_waiting)
        return len(self.said)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_what_how_many_and_what_to_do_are_said_once_and_that_it_goes_on(watched: Watched) -> None:
    assert watched.after(0, [True, False]) == 0
    assert [watched.after(seconds, [False, False, False]) for seconds in (0.5, 4.9, 0.1, 60)] == [0, 0, 1, 1]
    assert watched.said[0].startswith("2 jobs wait: all 3 workers of dask are paused or being closed; ")
    assert "free it, restart the worker, or start others with `dask worker tcp://host:8786`" in watched.said[0]
    assert watched.after(1, [False, True, False]) == 2
    assert watched.said[1] == "a worker of dask takes jobs again: the run goes on"
    assert [watched.after(seconds, [False], 1) for seconds in (1, 5)] == [2, 3], "a second pause is another one"
    assert watched.said[2].startswith("1 job waits: the one worker of dask is paused or being closed; ")


def test_a_short_pause_and_one_without_jobs_or_workers_are_not_worth_a_word(watched: Watched) -> None:
    assert [watched.after(4, [False]), watched.after(0.5, [True]), watched.after(4, [False])] == [0, 0, 0]
    assert [watched.after(9, [False], 0), watched.after(9, [], 2), watched.after(0, [True])] == [0, 0, 0]


def test_that_it_goes_on_is_said_of_a_worker_that_takes_jobs_alone(watched: Watched) -> None:
    assert [watched.after(0, [False]), watched.after(5, [False])] == [0, 1]
    assert [watched.after(1, []), watched.after(1, [False], 0)] == [1, 1]
