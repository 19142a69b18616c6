"""SLIM against the elastic net of its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from protocol.errors import RecommenderError
from recommenders import slim
from recommenders.kernels import threads
from recommenders.slim import SLIM


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    return np.random.default_rng(5).random((60, 9)) < np.linspace(0.1, 0.6, 9)


def scores_of(interactions_of, model: SLIM, matrix: np.ndarray) -> np.ndarray:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    model.fit(train, rng=np.random.default_rng(0))
    return model.score_all(np.arange(matrix.shape[0], dtype=np.int32))


def coordinate_descent(ones: np.ndarray, target: int, reg: float, l1_ratio: float) -> np.ndarray:
    """Return scikit-learn's ElasticNet(positive=True, fit_intercept=False) by its definition, on the data itself."""
    n_users, n_items = ones.shape
    weights = np.zeros(n_items)
    for _ in range(200):
        for item in range(n_items):
            if item != target and ones[:, item].any():
                left = ones[:, target] - ones @ weights + ones[:, item] * weights[item]
                slope = ones[:, item] @ left / n_users - reg * l1_ratio
                curvature = ones[:, item] @ ones[:, item] / n_users + reg * (1 - l1_ratio)
                weights[item] = max(0.0, slope / curvature)
    return weights


@pytest.mark.parametrize(("reg", "l1_ratio"), [(0.02, 0.5), (0.1, 0.0), (0.03, 1.0)])
def test_scores_are_those_of_one_elastic_net_per_item(interactions_of, matrix, reg: float, l1_ratio: float) -> None:
    ones = matrix.astype(float)
    weights = np.column_stack([coordinate_descent(ones, target, reg, l1_ratio) for target in range(ones.shape[1])])
    model = SLIM(reg=reg, l1_ratio=l1_ratio, tol=1e-10, max_iter=10_000)
    np.testing.assert_allclose(scores_of(interactions_of, model, matrix), ones @ weights, atol=1e-7)


def test_the_highest_weights_of_each_item_are_kept(interactions_of, matrix) -> None:
    same = {"reg": 0.02, "l1_ratio": 0.1, "tol": 1e-10, "max_iter": 10_000}
    ones = matrix.astype(float)
    weights = np.column_stack([coordinate_descent(ones, target, 0.02, 0.1) for target in range(9)])
    for column in weights.T:
        column[np.argsort(-column)[2:]] = 0
    found = scores_of(interactions_of, SLIM(neighbors=2, **same), matrix)
    np.testing.assert_allclose(found, ones @ weights, atol=1e-7)


@pytest.mark.parametrize(("n_users", "kind"), [(2**16 - 1, np.uint16), (2**16, np.float32)])
def test_counts_are_as_short_as_they_can_be(n_users: int, kind: type) -> None:
    history = csr_array(np.ones((n_users, 2)))
    gram = slim._gram(history)
    assert gram.dtype == kind
    np.testing.assert_array_equal(gram, np.full((2, 2), n_users))


def test_neither_blocks_nor_threads_change_a_bit(interactions_of, matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scores_of(interactions_of, SLIM(), matrix)
    monkeypatch.setattr(slim, "BLOCK_BYTES", 4 * 8 * 12)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)
    np.testing.assert_array_equal(scores_of(interactions_of, SLIM(), matrix), whole)


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    assert sees_the_board(SLIM().fit(checkerboard, rng=np.random.default_rng(0))) == 1


@pytest.mark.parametrize(
    "parameters",
    [{"reg": 0.0}, {"l1_ratio": -0.1}, {"l1_ratio": 1.1}, {"neighbors": 0}, {"tol": -1.0}, {"max_iter": 0}],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        SLIM(**parameters)
