"""PureSVD against numpy's decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.pure_svd import PureSVD


def best_approximation(matrix: np.ndarray, rank: int) -> np.ndarray:
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


@pytest.mark.parametrize("shape", [(30, 20), (15, 40)])
@pytest.mark.parametrize("rank", [1, 4, 14, 15, 99])
def test_scores_are_the_best_approximation_of_that_rank(interactions_of, shape: tuple[int, int], rank: int) -> None:
    matrix = np.random.default_rng(2).random(shape) < 0.3
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *shape)
    model = PureSVD(embedding_size=rank).fit(train, rng=np.random.default_rng(0))
    found = model.score_all(np.arange(shape[0], dtype=np.int32))
    np.testing.assert_allclose(found, best_approximation(matrix.astype(float), rank), atol=1e-5)


def test_scores_are_the_history_folded_in(checkerboard) -> None:
    """Cremonesi et al., eq. 5: x_u V v_i."""
    model = PureSVD(embedding_size=2).fit(checkerboard, rng=np.random.default_rng(0))
    matrix = checkerboard.to_csr(np.float64).toarray()
    right = np.linalg.svd(matrix)[2][:2]
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    np.testing.assert_allclose(model.score_all(users), matrix @ right.T @ right, atol=1e-5)


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    """Two groups of users that share no item are two singular vectors."""
    assert sees_the_board(PureSVD(embedding_size=2).fit(checkerboard, rng=np.random.default_rng(0))) == 1


def test_limits() -> None:
    with pytest.raises(RecommenderError, match="PureSVD: embedding_size is 0, expected 1 or more"):
        PureSVD(embedding_size=0)
