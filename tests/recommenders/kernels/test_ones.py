"""Products of matrices of ones, against dense ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recommenders.kernels.ones import operator_of


@given(arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 14))))
def test_products_from_either_side(matrix: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    operator = operator_of(csr_array(7.0 * matrix))
    for vector, product, expected in (
        (rng.standard_normal(matrix.shape[1]), operator.matvec, matrix.astype(float)),
        (rng.standard_normal(matrix.shape[0]), operator.rmatvec, matrix.T.astype(float)),
    ):
        np.testing.assert_allclose(product(vector), expected @ vector, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(product(vector[:, None])[:, 0], product(vector))


def test_several_vectors_at_once_may_lie_in_columns() -> None:
    matrix = np.random.default_rng(1).random((5, 9)) < 0.5
    vectors = np.random.default_rng(2).standard_normal((9, 3))
    np.testing.assert_allclose(operator_of(csr_array(1.0 * matrix)).matmat(vectors), matrix.astype(float) @ vectors)
