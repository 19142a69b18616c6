"""Counts of what was trained on, by hand and against a loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.data.loading import load_dataset
from protocol.tasks.candidates import Candidates
from protocol.tasks.counts import TrainCounts, count_train
from protocol.tasks.task import build_task
from protocol.types import Interactions


def interactions(pairs: set[tuple[int, int]], n_users: int, n_items: int) -> Interactions:
    users, items = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2).T
    return Interactions(users, items, np.zeros(users.size, np.int64), n_users, n_items)


def test_by_hand() -> None:
    """P7: user 2 trained on items 0 and 1; item 3, held out for user 0, is cold."""
    train = interactions({(0, 0), (1, 0), (2, 0), (2, 1)}, 3, 4)
    nobody = np.zeros((2, 0), np.int32)
    counts = count_train(train, Candidates(np.array([0, 2]), np.array([3, 0]), nobody))
    assert counts.users.tolist() == [1, 2]
    assert counts.heldout.tolist() == [0, 3]
    assert counts.items.tolist() == [3, 1, 0, 0]


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 6))), st.data())
def test_a_loop_agrees(pairs: set[tuple[int, int]], data: st.DataObject) -> None:
    users = data.draw(st.lists(st.integers(0, 4), unique=True))
    heldout = [data.draw(st.integers(0, 6)) for _ in users]
    candidates = Candidates(np.array(users, int), np.array(heldout, int), np.zeros((len(users), 0), int))
    counts = count_train(interactions(pairs, 5, 7), candidates)
    assert counts.users.tolist() == [sum(u == user for u, _ in pairs) for user in users]
    assert counts.heldout.tolist() == [sum(i == item for _, i in pairs) for item in heldout]
    assert counts.items.tolist() == [sum(i == item for _, i in pairs) for item in range(7)]


def test_the_cold_are_those_of_the_facts() -> None:
    """P7."""
    task = build_task(load_dataset("synthetic:200x400x2000"))
    counts = count_train(task.train, task.candidates)
    assert np.count_nonzero(counts.heldout == 0) == task.facts["n_cold_heldout"] > 0


@pytest.mark.parametrize(
    ("users", "heldout", "items", "expected"),
    [
        ([1, 2], [1], [3], "one-dimensional, the first two of one length"),
        ([1], [1], [[3]], "one-dimensional"),
        ([1], [4], [3], "a held-out item has more training interactions than any item"),
        ([-1], [1], [3], "must not be negative"),
    ],
)
def test_counts_that_cannot_be_are_refused(users, heldout, items, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        TrainCounts(np.array(users), np.array(heldout), np.array(items))


def test_counts_cannot_be_written_into() -> None:
    counts = TrainCounts(np.array([1]), np.array([1]), np.array([3]))
    assert not counts.items.flags.writeable
    assert counts.items.dtype == np.int64
