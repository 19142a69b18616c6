"""EASE against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.errors import RecommenderError
from recommenders.ease import EASE


def brute_force(matrix: np.ndarray, reg: float) -> np.ndarray:
    """Solve one ridge regression per item, on the other items."""
    n_items = matrix.shape[1]
    weights = np.zeros((n_items, n_items))
    for item in range(n_items):
        others = np.delete(np.arange(n_items), item)
        normal = matrix[:, others].T @ matrix[:, others] + reg * np.eye(n_items - 1)
        weights[others, item] = np.linalg.solve(normal, matrix[:, others].T @ matrix[:, item])
    return weights


@given(
    arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(2, 6))),
    st.floats(0.1, 1000),
)
def test_weights_are_those_of_one_regression_per_item(interactions_of, matrix: np.ndarray, reg: float) -> None:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    users = np.arange(matrix.shape[0], dtype=np.int32)
    scores = EASE(reg=reg).fit(train, rng=np.random.default_rng(0)).score_all(users)
    np.testing.assert_allclose(scores, matrix @ brute_force(matrix.astype(float), reg), atol=1e-9)


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    assert sees_the_board(EASE(reg=10).fit(checkerboard, rng=np.random.default_rng(0))) == 1


def test_no_penalty_has_no_solution() -> None:
    with pytest.raises(RecommenderError, match="EASE: reg is 0, expected more than 0"):
        EASE(reg=0)
