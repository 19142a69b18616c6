"""Gathering to columns and scattering from them, for sizes that are no multiple of eight, too."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.columns import gather, scatter

SIZES = pytest.mark.parametrize(("n", "size"), [(1, 1), (7, 8), (8, 7), (8, 8), (21, 19), (32, 16)])


def examples_of(n: int) -> np.ndarray:
    return np.random.default_rng(1).integers(5, size=(n, 3)).astype(np.int32)


@SIZES
def test_gather(n: int, size: int) -> None:
    table = np.random.default_rng(0).normal(size=(5, size)).astype(np.float32)
    values = np.full((size + 1, n + 3), np.nan, np.float32)
    gather(table, examples_of(n), 1, values)
    np.testing.assert_array_equal(values[:size, :n], table[examples_of(n)[:, 1]].T)
    assert np.isnan(values[size]).all()
    assert np.isnan(values[:, n:]).all()


@SIZES
def test_scatter_adds_up_where_examples_share_a_vector(n: int, size: int) -> None:
    slopes = np.random.default_rng(0).normal(size=(size, n + 3)).astype(np.float32)
    gradients, expected = np.ones((5, size), np.float32), np.ones((5, size))
    scatter(slopes, examples_of(n), 2, gradients)
    np.add.at(expected, examples_of(n)[:, 2], slopes[:, :n].T)
    np.testing.assert_allclose(gradients, expected, rtol=1e-5, atol=1e-6)
