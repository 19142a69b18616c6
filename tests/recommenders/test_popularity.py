"""Popularity: counts."""

from __future__ import annotations

import numpy as np

from recommenders.popularity import Popularity


def test_scores_are_counts(interactions_of) -> None:
    train = interactions_of([(0, 0), (0, 2), (1, 2), (2, 2)], 3, 4)
    model = Popularity().fit(train, rng=np.random.default_rng(0))
    assert model.score(np.array([2, 0], np.int32), np.array([[0, 1], [2, 3]], np.int32)).tolist() == [[1, 0], [3, 0]]
    assert model.score_all(np.array([1, 1], np.int32)).tolist() == [[1, 0, 3, 0]] * 2
