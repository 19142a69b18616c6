"""Nearest neighbours against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.errors import RecommenderError
from recommenders.item_knn import ItemKNN


def brute_force(matrix: np.ndarray, neighbors: int, shrinkage: float) -> np.ndarray:
    """Return each user's sum over each item's nearest neighbours, by the definition, pair by pair."""
    columns = matrix.T.astype(float)
    n_items = len(columns)
    scores = np.zeros(matrix.shape)
    for item in range(n_items):
        similarity = {
            other: columns[item] @ columns[other] / (np.sqrt(columns[item].sum() * columns[other].sum()) + shrinkage)
            for other in range(n_items)
            if other != item and columns[item] @ columns[other] > 0
        }
        nearest = sorted(similarity, key=lambda other: (-similarity[other], other))[:neighbors]
        for other in nearest:
            scores[:, item] += similarity[other] * matrix[:, other]
    return scores


@given(
    matrix=arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 7))),
    neighbors=st.integers(1, 9),
    shrinkage=st.sampled_from([0.0, 1.5, 100.0]),
)
def test_scores_are_those_of_brute_force(interactions_of, matrix: np.ndarray, neighbors: int, shrinkage: float) -> None:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    model = ItemKNN(neighbors=neighbors, shrinkage=shrinkage).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(np.arange(matrix.shape[0], dtype=np.int32))
    np.testing.assert_allclose(scores, brute_force(matrix, neighbors, shrinkage), atol=1e-12)


def test_cosine_by_hand(interactions_of) -> None:
    """Items 0 and 1 share 1 user of 2 and 1: 1 / (sqrt(2) + 1) with a shrinkage of 1."""
    train = interactions_of([(0, 0), (0, 1), (1, 0)], 2, 2)
    model = ItemKNN(shrinkage=1).fit(train, rng=np.random.default_rng(0))
    assert model.score_all(np.array([1], np.int32)) == pytest.approx(np.array([[0, 1 / (2**0.5 + 1)]]))


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    assert sees_the_board(ItemKNN(neighbors=10).fit(checkerboard, rng=np.random.default_rng(0))) == 1


@pytest.mark.parametrize("parameters", [{"neighbors": 0}, {"neighbors": "some"}, {"shrinkage": -1.0}])
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        ItemKNN(**parameters)


@pytest.mark.parametrize(
    ("n_users", "n_items", "n_interactions", "neighbors"),
    [
        (943, 1680, 98_114, 10),  # ml-100k, validation: .62 / .0619 = 10.01
        (943, 1682, 99_057, 10),  # ml-100k, test: .62 / .0625 = 9.93
        (6_040, 3_704, 988_129, 14),  # ml-1m: .62 / .0442 = 14.04
        (22_363, 12_092, 153_776, 320),  # amazon-beauty: .62 / .000569 = 1,090
        (100, 100, 1_000, 6),  # .62 / .1 = 6.2
        (10, 10, 100, 5),  # .62 / 1 = .62
        (10, 0, 0, 5),
    ],
)
def test_the_automatic_number_of_neighbours_follows_the_density(
    n_users: int, n_items: int, n_interactions: int, neighbors: int
) -> None:
    assert ItemKNN().neighbors_for(n_users, n_items, n_interactions) == neighbors
    assert ItemKNN(neighbors=7).neighbors_for(n_users, n_items, n_interactions) == 7


def test_the_automatic_number_is_that_of_the_training_interactions(interactions_of) -> None:
    """Density .1: 6 neighbours."""
    rng = np.random.default_rng(0)
    chosen = rng.permutation(20 * 30)[:60]
    train = interactions_of(sorted((int(one) // 30, int(one) % 30) for one in chosen), 20, 30)
    scores = [
        ItemKNN(**given).fit(train, rng=np.random.default_rng(0)).score_all(np.arange(20, dtype=np.int32))
        for given in ({}, {"neighbors": 6}, {"neighbors": 7})
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])
