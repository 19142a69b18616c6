"""The scores are LensKit's own: those of its pipeline for the same scorer."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import registry

pytest.importorskip("lenskit", reason="lenskit is not installed; it comes with the extra lenskit")


def test_popularity_is_lenskits_quantile(checkerboard) -> None:
    model = registry.new(registry.find("lenskit.popularity"), {}).fit(checkerboard, rng=np.random.default_rng(0))
    scores = model.score_all(np.array([0, 7], np.int32))
    counts = np.bincount(checkerboard.items, minlength=30)
    np.testing.assert_array_equal(scores[0], scores[1])
    least, most = np.argmin(counts), np.argmax(scores[0])
    assert counts[most] == counts.max()
    assert scores[0][most] == pytest.approx(1.0)
    assert scores[0][least] <= scores[0][most]


def test_neighbours_are_summed(interactions_of) -> None:
    """Users 0 and 1 share items 0 and 1; of user 2, who has item 0 alone, item 1's neighbour is item 0: 2 / (√3 √2)."""
    train = interactions_of([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], 3, 3)
    model = registry.new(registry.find("lenskit.item_knn"), {}).fit(train, rng=np.random.default_rng(0))
    scores = model.score(np.array([2], np.int32), np.array([[1, 2, 1]], np.int32))
    np.testing.assert_allclose(scores, [[2 / np.sqrt(6), 0.0, 2 / np.sqrt(6)]], rtol=1e-5)


def test_ease_is_ours(checkerboard) -> None:
    theirs = registry.new(registry.find("lenskit.ease"), {"regularization": 20.0})
    ours = registry.new(registry.find("ease"), {"reg": 20.0}).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    scores = theirs.fit(checkerboard, rng=np.random.default_rng(0)).score_all(users)
    np.testing.assert_allclose(scores, ours.score_all(users), rtol=1e-3, atol=1e-5)


FEW = {"lenskit.implicit_mf": {"embedding_size": 4}, "lenskit.ease": {"regularization": 20.0}, "lenskit.slim": {}}


@pytest.mark.parametrize("name", [*FEW, "lenskit.item_knn", "lenskit.user_knn"])
def test_it_learns(checkerboard, sees_the_board, name: str) -> None:
    model = registry.new(registry.find(name), FEW.get(name, {})).fit(checkerboard, rng=np.random.default_rng(0))
    assert sees_the_board(model) > 0.8
