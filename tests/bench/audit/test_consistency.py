"""Which items of users' lists are no rivals, in a task of three users and five items that was made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bench.audit.consistency import RemadeTask
from protocol.tasks.candidates import Candidates
from protocol.tasks.task import Task
from protocol.types import Interactions


def interactions(*pairs: tuple[int, int]) -> Interactions:
    users, items = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    return Interactions(users, items, np.zeros(len(pairs), dtype=np.int64), 3, 5)


def remade(*later: tuple[int, int]) -> RemadeTask:
    """Return a task in which users 0 and 2 are evaluated, and user 1, who trained on item 4, is not."""
    candidates = Candidates(np.array([0, 2]), np.array([2, 0]), np.empty((2, 0), dtype=np.int32))
    train = interactions((0, 0), (0, 1), (1, 4), (2, 2))
    keys = np.zeros(2, dtype=np.uint64)
    return RemadeTask(Task(train, candidates, interactions(*later), keys, "test", "by hand", {}))


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([[2, 3, 4], [0, 1, 4]], []),
        ([[2, 3, -1], [0, -1, -1]], []),
        ([[1, 3, 4], [0, 1, 4]], ["trained on"]),
        ([[2, 3, 4], [0, 1, 2]], ["trained on"]),
        ([[2, 3, 4], [0, 3, 4]], ["touched from the cut on"]),
        ([[0, 3, 4], [0, 3, 4]], ["trained on", "touched from the cut on"]),
    ],
)
def test_items_that_are_no_rivals_are_found_in_lists(lists: list[list[int]], expected: list[str]) -> None:
    assert list(remade((2, 3)).non_rivals_in(np.array(lists, dtype=np.int32))) == expected


def test_without_later_interactions_only_training_counts() -> None:
    assert list(remade().non_rivals_in(np.array([[2, 3, 4], [0, 3, 4]], dtype=np.int32))) == []
    assert list(remade().non_rivals_in(np.array([[-1], [-1]], dtype=np.int32))) == []


def test_the_counts_are_those_of_the_evaluated_users() -> None:
    counts = remade().counts
    assert counts.users.tolist() == [2, 1]
    assert counts.heldout.tolist() == [1, 1]
    assert counts.items.tolist() == [1, 1, 1, 0, 1]
