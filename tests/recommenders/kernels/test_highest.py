"""The highest entries of sparse rows, against sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recommenders.kernels.highest import closed_up, highest


def by_sorting(matrix: np.ndarray, n: int) -> np.ndarray:
    kept = np.zeros_like(matrix)
    for row, values in enumerate(matrix):
        for column in sorted(range(values.size), key=lambda column: (-values[column], column))[:n]:
            kept[row, column] = max(0.0, values[column])
    return kept


MATRICES = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 7)), elements=st.integers(-1, 3).map(float))


@given(MATRICES, st.integers(1, 8))
def test_rows_keep_their_highest_of_equal_ones_the_first(matrix: np.ndarray, n: int) -> None:
    given_to = csr_array(matrix)
    found = highest(given_to, n)
    np.testing.assert_array_equal(found.toarray(), by_sorting(matrix, n))
    assert (found.data > 0).all()
    assert found.has_canonical_format
    np.testing.assert_array_equal(given_to.toarray(), matrix)


@pytest.mark.parametrize("n", [1, 40, 199, 200])
def test_long_rows(n: int) -> None:
    matrix = np.random.default_rng(n).integers(-20, 300, (5, 200)).astype(float)
    np.testing.assert_array_equal(highest(csr_array(matrix), n).toarray(), by_sorting(matrix, n))


def test_gaps_between_rows_are_closed() -> None:
    columns, values = np.array([2, 9, 9, 0, 1, 9], np.int32), np.array([1.0, 9, 9, 2, 3, 9])
    found = closed_up(np.array([0, 3, 3, 6]), np.array([1, 0, 2]), columns, values, (3, 4))
    assert found.toarray().tolist() == [[0, 0, 1, 0], [0, 0, 0, 0], [2, 3, 0, 0]]
    assert found.indices.dtype == found.indptr.dtype == np.int32
