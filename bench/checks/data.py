"""The data of the checks: small, the same on every machine, and with a known answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from protocol.data.dataset import Dataset
from protocol.data.loading import load_dataset
from protocol.keyed import derive, root_key, words
from protocol.tasks.task import Task, build_task
from protocol.types import Interactions

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

DATASET = "synthetic:60x80x900"
N_NEGATIVES = 15

BOARD_USERS, BOARD_ITEMS, BOARD_TOUCHED = 200, 100, 30
"""Large enough for a network with a learning rate of .001 to see the pattern in 30 epochs."""

CHANCE_USERS, CHANCE_ITEMS, CHANCE_TOUCHED = 400, 150, 8
"""With 400 users the standard error of chance is .015."""


HALF_USERS, HALF_ITEMS, HALF_TOUCHED = 80, 60, 8


@cache
def ordinary_task() -> Task:
    """Return a task on synthetic data with planted tastes."""
    return build_task(load_dataset(DATASET), n_negatives=N_NEGATIVES)


@cache
def checkerboard() -> Interactions:
    """Return interactions of even users with even items and of odd users with odd ones, three in five of each row."""
    own = [
        np.arange(user % 2, BOARD_ITEMS, 2)[_drawn("board", user, BOARD_ITEMS // 2, BOARD_TOUCHED)]
        for user in range(BOARD_USERS)
    ]
    return interactions_of(((user, item) for user, items in enumerate(own) for item in items), BOARD_USERS, BOARD_ITEMS)


@cache
def chance_task() -> Task:
    """Return a task without anything to learn: every user's items are drawn uniformly and independently."""
    items = [_drawn("chance", user, CHANCE_ITEMS, CHANCE_TOUCHED) for user in range(CHANCE_USERS)]
    users = np.repeat(np.arange(CHANCE_USERS), CHANCE_TOUCHED)
    times = np.tile(np.arange(CHANCE_TOUCHED), CHANCE_USERS)
    return build_task(Dataset.from_arrays("chance", users, np.concatenate(items), times))


@cache
def half_unknown() -> Interactions:
    """Return random interactions with items of even index; the odd ones have none."""
    own = [2 * _drawn("half unknown", user, HALF_ITEMS // 2, HALF_TOUCHED) for user in range(HALF_USERS)]
    return interactions_of(((user, item) for user, items in enumerate(own) for item in items), HALF_USERS, HALF_ITEMS)


SILENT = ((0, 0), (0, 2), (2, 2), (2, 3), (4, 0), (4, 3)), 6, 7
"""Pairs of user and item, the number of users and the number of items. Users 1, 3 and 5 and items 1, 4, 5 and 6 have no
interaction."""

DEGENERATE = {
    "one user": ([(0, 0), (0, 2), (0, 3)], 1, 5),
    "one item": ([(user, 0) for user in range(4)], 4, 1),
    "all users alike": ([(user, item) for user in range(5) for item in range(3)], 5, 6),
    "a user of every item": ([*((0, item) for item in range(6)), (1, 0), (1, 3), (2, 1), (2, 5)], 3, 6),
    "one item a user": ([(user, user) for user in range(5)], 5, 5),
}
"""Pairs of user and item, the number of users and the number of items, by what is unusual about them."""


def interactions_of(pairs: Iterable[tuple[int, int]], n_users: int, n_items: int) -> Interactions:
    """Return the interactions of pairs (user, item); those of one user are in the given order of time."""
    users, items = np.array(list(pairs), dtype=np.int32).reshape(-1, 2).T
    times = np.arange(users.size, dtype=np.int64)
    return Interactions(users, items, times, n_users, n_items)


def writeable(train: Interactions) -> Interactions:
    """Return a writeable copy, for the checks that watch for writes; the harness gives read-only arrays."""
    copy = replace(train)
    for name in ("users", "items", "timestamps"):
        object.__setattr__(copy, name, getattr(train, name).copy())
    return copy


def every_pair(train: Interactions) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return all users, ``(n_users,)``, and all items for each of them, ``(n_users, n_items)``."""
    users = np.arange(train.n_users, dtype=np.int32)
    return users, np.tile(np.arange(train.n_items, dtype=np.int32), (users.size, 1))


def _drawn(purpose: str, user: int, n_items: int, n_drawn: int) -> npt.NDArray[np.int64]:
    """Return distinct numbers below ``n_items`` in a random order that depends only on the purpose and the user."""
    key = derive(root_key(0, f"checks {purpose}"), user)
    return np.argsort(words(key, np.arange(n_items)), kind="stable")[:n_drawn]
