"""The highest entries of sparse rows: the nearest neighbours of each row's user or item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from protocol.blocks import equal_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

BLOCK_BYTES = 64 * 2**20
"""Upper limit of the size of a block of rows."""

ENTRY_BYTES = 16
"""Size of an entry of a sparse row: a float64 and an index."""


def strongest(matrix: Sparse, neighbors: int) -> Sparse:
    """Keep the ``neighbors`` highest entries above zero of each row; of equal ones, those of lower column.

    Parameters
    ----------
    matrix
        float64, with no entry stored twice. Its indices are sorted in place.
    neighbors
        1 or more.
    """
    matrix.sort_indices()
    kept = matrix.data > 0
    for row in np.flatnonzero(np.diff(matrix.indptr) > neighbors):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[entries] &= _highest(matrix.data[entries], neighbors)
    offsets = np.concatenate(([0], np.cumsum(kept)))[matrix.indptr]
    return csr_array((matrix.data[kept], matrix.indices[kept], offsets), shape=matrix.shape)


def strongest_by_blocks(rows: Callable[[slice], Sparse], shape: tuple[int, int], neighbors: int) -> Sparse:
    """Return `strongest` of a matrix that is computed block by block, and never held as a whole.

    Parameters
    ----------
    rows
        Computes consecutive rows of the matrix.
    shape
        Shape of the matrix.
    neighbors
        1 or more.
    """
    from scipy.sparse import vstack

    found = [strongest(rows(block), neighbors) for block in equal_blocks(shape[0], ENTRY_BYTES * shape[1], BLOCK_BYTES)]
    return csr_array(vstack(found, format="csr"))


def without_diagonal(rows: Sparse, first: int) -> Sparse:
    """Set the entries on the diagonal to zero, in place; ``first`` is the index of the first row in the matrix."""
    own = np.repeat(np.arange(first, first + rows.shape[0]), np.diff(rows.indptr))
    rows.data[rows.indices == own] = 0.0
    return rows


def _highest(values: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.bool_]:
    """Return a mask of the ``n`` highest of more than ``n`` values; of equal ones, the first."""
    least = np.partition(values, values.size - n)[values.size - n]
    found: npt.NDArray[np.bool_] = values > least
    found[np.flatnonzero(values == least)[: n - np.count_nonzero(found)]] = True
    return found
