"""Interactions whose answer is known, and recommenders small enough to fit in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from protocol.types import Interactions
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from protocol.contract import Recommender


@pytest.fixture(scope="session")
def interactions_of() -> Callable[..., Interactions]:
    """Return a function that makes interactions of pairs (user, item), all at one time."""

    def make(pairs: Iterable[tuple[int, int]], n_users: int, n_items: int) -> Interactions:
        ordered = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
        return Interactions(ordered[:, 0], ordered[:, 1], np.zeros(len(ordered), np.int64), n_users, n_items)

    return make


@pytest.fixture(scope="session")
def checkerboard(interactions_of) -> Interactions:
    """Return 40 users of 30 items: even users have touched 9 of the 15 even items each, odd ones 9 of the odd."""
    rng = np.random.default_rng(0)
    own = {user: np.arange(user % 2, 30, 2) for user in range(40)}
    return interactions_of([(u, i) for u in own for i in rng.choice(own[u], 9, replace=False).tolist()], 40, 30)


@pytest.fixture(scope="session")
def sees_the_board(checkerboard) -> Callable[[Recommender], float]:
    """Return a function: how often does an untouched item of the user's colour score above one of the other colour?

    Popularity gets about 1/2, because both colours are equally popular.
    """
    touched = checkerboard.to_csr(np.bool_).toarray()
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    own_colour = users[:, None] % 2 == np.arange(checkerboard.n_items) % 2

    def share(model: Recommender) -> float:
        scores = model.score(users, np.tile(np.arange(checkerboard.n_items, dtype=np.int32), (users.size, 1)))
        wins = [
            np.mean(row[own & ~seen][:, None] > row[~own])
            for row, own, seen in zip(scores, own_colour, touched, strict=True)
        ]
        return float(np.mean(wins))

    return share


@pytest.fixture(scope="session")
def small() -> Callable[..., Recommender]:
    """Return a function that builds a registered recommender with few epochs, unless ``epochs`` is given."""

    def build(name: str, **parameters) -> Recommender:
        entry = registry.find(name)
        cls = registry.load_class(entry)
        few = {"epochs": 2} if hasattr(cls, "fit_epochs") else {}
        return registry.new(entry, {**few, **parameters})

    return build


@pytest.fixture(scope="session")
def circle() -> tuple[Interactions, npt.NDArray[np.int64]]:
    """Return 60 users who go 9 steps from each of 20 items to the next, and the item that comes next for each user.

    All items are equally popular. Without the order, a user's untouched items cannot be told apart.
    """
    n_users, n_items, length = 60, 20, 9
    starts = np.arange(n_users) * 7 % n_items
    steps = (starts[:, None] + np.arange(length + 1)) % n_items
    users, times = np.repeat(np.arange(n_users), length), np.tile(np.arange(length), n_users)
    return Interactions(users, steps[:, :-1].reshape(-1), times, n_users, n_items), steps[:, -1]


@pytest.fixture(scope="session")
def comes_next(circle) -> Callable[[Recommender], float]:
    """Return a function: for which share of the users does the next item score above all other untouched ones?"""
    train, following = circle
    touched = train.to_csr(np.bool_).toarray()
    users = np.arange(train.n_users, dtype=np.int32)

    def share(model: Recommender) -> float:
        scores = model.score(users, np.tile(np.arange(train.n_items, dtype=np.int32), (train.n_users, 1)))
        untouched = np.where(touched, -np.inf, scores)
        own = np.take_along_axis(untouched, following[:, None], axis=1)
        return float(np.mean(np.sum(untouched >= own, axis=1) == 1))

    return share
