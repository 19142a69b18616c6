"""Rows shared out among threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from recommenders.kernels import threads


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("amounts", [[], [5], [0, 0, 0], [1, 100, 1, 1, 1, 1], list(range(50))])
def test_every_row_is_done_once(monkeypatch: pytest.MonkeyPatch, amounts: list[int], n_threads: int) -> None:
    monkeypatch.setattr(threads, "n_threads", lambda: n_threads)
    done = np.zeros(len(amounts), dtype=np.int64)

    def work(start: int, stop: int) -> None:
        done[start:stop] += 1

    threads.share_out(work, np.cumsum(np.array(amounts, dtype=np.int64)))
    assert (done == 1).all()


def test_one_thread_is_the_calling_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a measurement of the calling thread's time contains the whole work."""
    monkeypatch.setattr(threads, "n_threads", lambda: 1)
    callers = set()
    threads.share_out(lambda start, stop: callers.add(threading.get_ident()), np.arange(3))
    assert callers == {threading.get_ident()}


def test_an_error_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        threads.share_out(lambda start, stop: 1 // 0, np.arange(3))


def test_there_is_a_thread_or_more() -> None:
    assert threads.n_threads() >= 1
