"""The strongest entries of sparse rows, against sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recommenders.parts import neighbors
from recommenders.parts.neighbors import strongest, strongest_by_blocks, without_diagonal


def by_sorting(matrix: np.ndarray, n: int) -> np.ndarray:
    kept = np.zeros_like(matrix)
    for row, values in enumerate(matrix):
        for column in sorted(range(values.size), key=lambda column: (-values[column], column))[:n]:
            kept[row, column] = max(0.0, values[column])
    return kept


MATRICES = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 7)), elements=st.integers(-1, 3).map(float))


@given(MATRICES, st.integers(1, 8))
def test_rows_keep_their_highest_of_equal_ones_the_first(matrix: np.ndarray, n: int) -> None:
    found = strongest(csr_array(matrix), n)
    np.testing.assert_array_equal(found.toarray(), by_sorting(matrix, n))
    assert (found.data > 0).all()


@given(MATRICES, st.integers(1, 8))
def test_blocks_change_nothing(matrix: np.ndarray, n: int) -> None:
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "BLOCK_BYTES", 2 * neighbors.ENTRY_BYTES * matrix.shape[1])
        found = strongest_by_blocks(lambda rows: asked.append(rows) or csr_array(matrix[rows]), matrix.shape, n)
    np.testing.assert_array_equal(found.toarray(), by_sorting(matrix, n))
    assert all(rows.stop - rows.start <= 2 for rows in asked)


def test_a_row_loses_its_entry_for_itself() -> None:
    block = csr_array(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.testing.assert_array_equal(without_diagonal(block, 1).toarray(), [[1, 0, 3], [4, 5, 0]])
