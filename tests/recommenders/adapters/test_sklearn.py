"""The scores are scikit-learn's own: the entries of the matrix that it approximates."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import registry

pytest.importorskip("sklearn", reason="scikit-learn is not installed; it comes with the extra sklearn")

PARAMETERS = {
    "sklearn.nmf": {"n_components": 3, "alpha_W": 1e-4, "tol": 1e-2},
    "sklearn.truncated_svd": {"n_components": 3, "n_iter": 4},
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_scores_are_the_librarys(checkerboard, name: str) -> None:
    model = registry.new(registry.find(name), PARAMETERS[name]).fit(checkerboard, rng=np.random.default_rng(3))
    seed = int(np.random.default_rng(3).integers(2**31))
    oracle = model.library_class()(**PARAMETERS[name], random_state=seed)
    approximated = oracle.inverse_transform(oracle.fit_transform(checkerboard.to_csr(np.float32)))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    np.testing.assert_allclose(model.score_all(users), approximated, atol=1e-5)


@pytest.mark.parametrize("name", PARAMETERS)
def test_it_learns(checkerboard, sees_the_board, name: str) -> None:
    model = registry.new(registry.find(name), {"n_components": 4}).fit(checkerboard, rng=np.random.default_rng(0))
    assert sees_the_board(model) > 0.95
