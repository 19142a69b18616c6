"""The scores are implicit's own: those that its `recommend` gives to the same model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommenders import registry

pytest.importorskip("implicit", reason="implicit is not installed; it comes with the extra implicit")

PARAMETERS = {
    "implicit.als": {"factors": 5, "iterations": 2, "alpha": 3.0},
    "implicit.bpr": {"factors": 5, "iterations": 10},
    "implicit.lmf": {"factors": 5, "iterations": 5},
    "implicit.cosine": {"K": 7},
    "implicit.tfidf": {"K": 7},
    "implicit.bm25": {"K": 7, "K1": 2.0},
}


@pytest.mark.filterwarnings("ignore:Method expects CSR input")
@pytest.mark.parametrize("name", PARAMETERS)
def test_scores_are_the_librarys(checkerboard, name: str) -> None:
    model = registry.new(registry.find(name), PARAMETERS[name]).fit(checkerboard, rng=np.random.default_rng(3))
    history = csr_matrix(checkerboard.to_csr())
    theirs = model.library_class()
    seed = int(np.random.default_rng(3).integers(2**31))
    options = {} if getattr(model, "deterministic", False) else {"random_state": seed}
    oracle = theirs(**PARAMETERS[name], **options, num_threads=1)
    oracle.fit(history, show_progress=False)
    for user in (0, 7, 39):
        items, scores = oracle.recommend(user, history[user], N=30, filter_already_liked_items=False)
        ours = model.score(np.array([user], np.int32), np.asarray(items, np.int32)[None, :])[0]
        np.testing.assert_allclose(ours, scores, rtol=1e-4, atol=1e-6)
        unnamed = np.setdiff1d(np.arange(30), items)
        assert not model.score_all(np.array([user], np.int32))[0][unnamed].any()


def test_it_learns(checkerboard, sees_the_board) -> None:
    for name in PARAMETERS:
        parameters = {"factors": 8} if hasattr(registry.load_class(registry.find(name)), "factors") else {}
        model = registry.new(registry.find(name), parameters).fit(checkerboard, rng=np.random.default_rng(0))
        assert sees_the_board(model) > 0.8, name
