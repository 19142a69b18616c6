"""Products of a sparse matrix of ones with vectors, compiled: each is a sum over the entries at a row's columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from recommenders.kernels.compiled import READ_ONLY, kernel

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse.linalg import LinearOperator

    Floats = npt.NDArray[np.float64]
    Offsets = npt.NDArray[np.int64]
    # Without a sign, an index needs no check for counting from the end.
    Indices = npt.NDArray[np.uint32]


def operator_of(ones: csr_array[Any, tuple[int, int]]) -> LinearOperator[np.float64]:
    """Return a matrix of ones as what multiplies vectors, from either side; the values stored are not read."""
    from scipy.sparse.linalg import LinearOperator

    pattern = csr_array((np.ones(ones.nnz, np.bool_), ones.indices, ones.indptr), shape=ones.shape)
    there, back = (partial(_times, *_parts(matrix)) for matrix in (pattern, csr_array(pattern.T)))
    return LinearOperator(ones.shape, matvec=there, rmatvec=back, dtype=np.dtype(np.float64))


def _parts(matrix: csr_array[Any, tuple[int, int]]) -> tuple[Offsets, Indices]:
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint32)


def _times(offsets: Offsets, columns: Indices, vector: Floats) -> Floats:
    sums = np.empty(offsets.size - 1)
    _add_up(offsets, columns, np.ascontiguousarray(vector.ravel(), dtype=np.float64), sums)
    return sums


@kernel(f"({READ_ONLY.format('int64')}, {READ_ONLY.format('uint32')}, {READ_ONLY.format('float64')}, float64[::1])")
def _add_up(offsets: Offsets, columns: Indices, vector: Floats, sums: Floats) -> None:
    """Write each row's sum. Four partial sums do not wait for each other."""
    for row in range(sums.size):
        own = columns[offsets[row] : offsets[row + 1]]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        whole = own.size - own.size % 4
        for k in range(0, whole, 4):
            a += vector[own[k]]
            b += vector[own[k + 1]]
            c += vector[own[k + 2]]
            d += vector[own[k + 3]]
        for k in range(whole, own.size):
            a += vector[own[k]]
        sums[row] = (a + b) + (c + d)
