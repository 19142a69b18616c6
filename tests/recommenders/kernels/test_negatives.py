"""Candidates of a step: the interactions asked for, each beside untouched items, each equally often."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from recommenders.kernels.negatives import candidates, open_rows
from recommenders.kernels.sampling import Sampler


@given(arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 9))), st.integers(1, 3), st.integers(0, 2**32))
def test_negatives_are_never_items_of_the_user(
    interactions_of, matrix: np.ndarray, n_negatives: int, seed: int
) -> None:
    pairs = list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True))
    sampler = Sampler.of(interactions_of(pairs, *matrix.shape), np.random.default_rng(seed))
    rows = open_rows(sampler)
    assert [pairs[row] for row in rows] == [pair for pair in pairs if not matrix[pair[0]].all()]

    users, items = candidates(sampler, rows[::-1].copy(), n_negatives)
    assert users.shape == (rows.size, 1)
    assert items.shape == (rows.size, 1 + n_negatives)
    assert [(user, item) for (user,), (item, *_) in zip(users, items, strict=True)] == [
        pairs[row] for row in rows[::-1]
    ]
    assert not matrix[users, items[:, 1:]].any()


def test_negatives_are_uniform(interactions_of) -> None:
    touched = (0, 3, 7, 8, 19)
    sampler = Sampler.of(interactions_of([(0, item) for item in touched], 1, 20), np.random.default_rng(0))
    _, items = candidates(sampler, np.zeros(30, dtype=np.int32), 1000)
    counts = np.bincount(items[:, 1:].ravel(), minlength=20)
    assert not counts[list(touched)].any()
    drawn = counts[counts > 0]
    assert drawn.size == 15
    # Pearson's test: a fair draw fails it once in 10,000 times.
    assert np.sum((drawn - 2000) ** 2) / 2000 < chi2.isf(1e-4, 14)


def test_memory_is_that_of_the_rows(interactions_of) -> None:
    """Not that of all negatives of the training set."""
    sampler = Sampler.of(
        interactions_of([(u, i) for u in range(100) for i in range(100)], 100, 200), np.random.default_rng(0)
    )
    rows = np.arange(10, dtype=np.int32)
    candidates(sampler, rows, 100)
    tracemalloc.start()
    candidates(sampler, rows, 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 101 * 8 + 4096
