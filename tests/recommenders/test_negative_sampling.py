"""Negatives: never a training item, and every other item equally often."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from recommenders.negative_sampling import NegativeSampler


@given(arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 9))), st.integers(0, 2**32))
def test_draws_are_untouched_items(interactions_of, matrix: np.ndarray, seed: int) -> None:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    sampler = NegativeSampler.of(train)
    assert sampler.n_untouched.tolist() == np.sum(~matrix, axis=1).tolist()
    users = np.repeat(np.flatnonzero(~matrix.all(axis=1)), 5).astype(np.int32)
    rng = np.random.default_rng(seed)
    users = rng.permutation(users)
    items = sampler.draw(users, rng)
    assert items.dtype == np.int32
    assert items.shape == users.shape
    assert not matrix[users, items].any()


@pytest.mark.parametrize("touched", [(), (0,), (19,), (0, 1, 2, 3), (3, 7, 8, 9, 18), tuple(range(18))])
def test_draws_are_uniform(interactions_of, touched: tuple[int, ...]) -> None:
    """Each of the untouched items equally often; a sampler that maps positions wrongly is far off."""
    train = interactions_of([(0, 5), (2, 5), *((1, item) for item in touched)], 3, 20)
    n_draws = 40_000
    items = NegativeSampler.of(train).draw(np.ones(n_draws, np.int32), np.random.default_rng(0))
    counts = np.delete(np.bincount(items, minlength=20), touched)
    expected = n_draws / counts.size
    statistic = np.sum((counts - expected) ** 2) / expected
    assert statistic < chi2.isf(1e-4, counts.size - 1)


def test_time_order_does_not_matter(interactions_of) -> None:
    """`Interactions` are sorted by time, not by item."""
    from protocol.types import Interactions

    by_time = Interactions(np.zeros(3, int), np.array([4, 0, 2]), np.arange(3), 1, 5)
    items = NegativeSampler.of(by_time).draw(np.zeros(200, np.int32), np.random.default_rng(0))
    assert set(items.tolist()) == {1, 3}


def test_nobody_draws_from_nothing(interactions_of) -> None:
    sampler = NegativeSampler.of(interactions_of([(0, 0), (1, 0), (1, 1)], 2, 2))
    with pytest.raises(ValueError, match="high <= 0"):
        sampler.draw(np.array([1], np.int32), np.random.default_rng(0))
