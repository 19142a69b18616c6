"""Keeping the strongest entries of sparse rows: the nearest neighbours of whatever the rows stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

BLOCK_BYTES = 64 * 2**20
"""A block of rows takes no more than this."""

ENTRY_BYTES = 16
"""Of a sparse row: a float64 and an index."""


def strongest(matrix: Sparse, neighbors: int) -> Sparse:
    """Keep the ``neighbors`` highest entries above zero of each row; of equal ones those of lower column.

    Parameters
    ----------
    matrix
        float64, no entry stored twice. Its indices are sorted in place.
    """
    matrix.sort_indices()
    kept = matrix.data > 0
    for row in np.flatnonzero(np.diff(matrix.indptr) > neighbors):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[entries] &= _highest(matrix.data[entries], neighbors)
    offsets = np.concatenate(([0], np.cumsum(kept)))[matrix.indptr]
    return csr_array((matrix.data[kept], matrix.indices[kept], offsets), shape=matrix.shape)


def strongest_by_blocks(rows: Callable[[slice], Sparse], shape: tuple[int, int], neighbors: int) -> Sparse:
    """Return `strongest` of a matrix that is never whole in memory.

    Parameters
    ----------
    rows
        Makes some consecutive rows of it.
    shape
        Of the matrix.
    """
    from scipy.sparse import vstack

    size = max(1, BLOCK_BYTES // (ENTRY_BYTES * max(1, shape[1])))
    blocks = [
        strongest(rows(slice(start, min(start + size, shape[0]))), neighbors) for start in range(0, shape[0], size)
    ]
    return csr_array(vstack(blocks, format="csr"))


def without_diagonal(rows: Sparse, first: int) -> Sparse:
    """Set each row's entry for itself to zero, in place; ``first`` is the index of the first of the rows."""
    own = np.repeat(np.arange(first, first + rows.shape[0]), np.diff(rows.indptr))
    rows.data[rows.indices == own] = 0.0
    return rows


def _highest(values: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.bool_]:
    """Return which are the ``n`` highest of more values than that; of equal ones the first."""
    least = np.partition(values, values.size - n)[values.size - n]
    found: npt.NDArray[np.bool_] = values > least
    found[np.flatnonzero(values == least)[: n - np.count_nonzero(found)]] = True
    return found
