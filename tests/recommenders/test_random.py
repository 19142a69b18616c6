"""Random scores: a pure function of key, user and item, uniform over 0 .. 1."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.parts.keyed_numbers import _mixed
from recommenders.random import Random


@pytest.fixture
def model(checkerboard) -> Random:
    return Random().fit(checkerboard, rng=np.random.default_rng(0))


def test_first_words_are_the_published_ones() -> None:
    """SplitMix64 with seed 1234567, as in its reference implementation."""
    gamma = np.uint64(0x9E3779B97F4A7C15)
    states = np.uint64(1234567) + np.arange(2, dtype=np.uint64) * gamma
    assert _mixed(states).tolist() == [6457827717110365317, 3203168211198807973]


def test_a_pair_has_one_score(model: Random) -> None:
    users, items = np.array([3, 5], np.int32), np.array([[1, 2, 3], [9, 1, 1]], np.int32)
    scores = model.score(users, items)
    assert scores[1, 1] == scores[1, 2]
    assert scores[0, 0] != scores[1, 1]
    np.testing.assert_array_equal(model.score(users[::-1], items[::-1, ::-1]), scores[::-1, ::-1])
    np.testing.assert_array_equal(model.score_all(users)[0, [1, 2, 3]], scores[0])


def test_scores_are_uniform(checkerboard, interactions_of) -> None:
    train = interactions_of([(0, 0)], 200, 500)
    scores = Random().fit(train, rng=np.random.default_rng(0)).score_all(np.arange(200, dtype=np.int32))
    counts = np.histogram(scores, bins=20, range=(0, 1))[0]
    # 19 degrees of freedom: a fair generator is above 43.8 once in a thousand keys.
    assert np.sum((counts - 5000) ** 2 / 5000) < 43.8
    assert np.unique(scores).size == scores.size
