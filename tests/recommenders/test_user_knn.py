"""Nearest users against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.errors import RecommenderError
from recommenders.user_knn import UserKNN


def brute_force(matrix: np.ndarray, neighbors: int, shrinkage: float) -> np.ndarray:
    """Return each user's sum over the nearest users, by the definition, pair by pair."""
    rows = matrix.astype(float)
    scores = np.zeros(matrix.shape)
    for user, own in enumerate(rows):
        similarity = {
            other: own @ theirs / (np.sqrt(own.sum() * theirs.sum()) + shrinkage)
            for other, theirs in enumerate(rows)
            if other != user and own @ theirs > 0
        }
        for other in sorted(similarity, key=lambda other: (-similarity[other], other))[:neighbors]:
            scores[user] += similarity[other] * rows[other]
    return scores


@given(
    matrix=arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 7))),
    neighbors=st.integers(1, 9),
    shrinkage=st.sampled_from([0.0, 1.5, 100.0]),
)
def test_scores_are_those_of_brute_force(interactions_of, matrix: np.ndarray, neighbors: int, shrinkage: float) -> None:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    model = UserKNN(neighbors=neighbors, shrinkage=shrinkage).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(np.arange(matrix.shape[0], dtype=np.int32))
    np.testing.assert_allclose(scores, brute_force(matrix, neighbors, shrinkage), atol=1e-12)


def test_cosine_by_hand(interactions_of) -> None:
    """User 0 touched 0 and 1, user 1 item 0: 1 / (sqrt(2) + 1) with a shrinkage of 1, for both of user 0's items."""
    train = interactions_of([(0, 0), (0, 1), (1, 0)], 2, 2)
    model = UserKNN(shrinkage=1).fit(train, rng=np.random.default_rng(0))
    alike = 1 / (2**0.5 + 1)
    assert model.score_all(np.array([1, 0], np.int32)) == pytest.approx(np.array([[alike, alike], [alike, 0]]))


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    assert sees_the_board(UserKNN(neighbors=10).fit(checkerboard, rng=np.random.default_rng(0))) == 1


@pytest.mark.parametrize("parameters", [{"neighbors": 0}, {"shrinkage": -1.0}])
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        UserKNN(**parameters)
