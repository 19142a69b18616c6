"""Counts of users of both items, against the product of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommenders.kernels import threads
from recommenders.kernels.gram import upper_gram


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 7), (40, 30), (30, 70)])
def test_the_upper_triangle_is_that_of_the_product(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], n_threads: int
) -> None:
    monkeypatch.setattr(threads, "n_threads", lambda: n_threads)
    ones = (np.random.default_rng(shape[0]).random(shape) < np.linspace(0, 1, shape[0])[:, None]).astype(float)
    np.testing.assert_array_equal(upper_gram(csr_array(ones)), np.triu(ones.T @ ones))


def test_nothing_touched_gives_zeros() -> None:
    assert not upper_gram(csr_array((3, 4), dtype=np.float64)).any()
