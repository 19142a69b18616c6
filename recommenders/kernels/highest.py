"""The highest entries of sparse rows, compiled: the nearest neighbours of each row's user or item.

Of equal entries, those of lower column are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from protocol.quickselect import nth_largest
from recommenders.kernels.compiled import READ_ONLY, inlined, kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    Values = npt.NDArray[np.float64]
    Columns = npt.NDArray[np.int32]
    Offsets = npt.NDArray[np.int64]
    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

SCAN = 20
"""To remember a column that was met, and to sort it, takes about as long as to look at this many columns in turn."""

_OFFSETS = READ_ONLY.format("int64")


@inlined
def keep_highest(values: Values, columns: Columns, room: Values, n: int, most: int) -> float:
    """Move the ``most`` highest of ``n`` values to the front, in their order; of equal ones, the first.

    Return the lowest of them; ``room`` is overwritten.
    """
    for k in range(n):
        room[k] = values[k]
    least = nth_largest(room[:n], most)
    n_equal, kept = most, 0
    for k in range(n):
        n_equal -= values[k] > least
    for k in range(n):
        is_equal = values[k] == least
        if values[k] > least or (is_equal and n_equal > 0):
            values[kept], columns[kept] = values[k], columns[k]
            kept += 1
            n_equal -= is_equal
    return least


def highest(matrix: Sparse, most: int) -> Sparse:
    """Keep the ``most`` highest entries above zero of each row.

    Parameters
    ----------
    matrix
        float64, with no entry stored twice. Its indices are sorted in place.
    most
        1 or more.
    """
    matrix.sort_indices()
    offsets, n_found = matrix.indptr.astype(np.int64), np.empty(matrix.shape[0], np.int64)
    columns, values = matrix.indices.astype(np.int32), matrix.data.copy()
    _cut(offsets, most, columns, values, n_found)
    return closed_up(offsets, n_found, columns, values, matrix.shape)


def closed_up(places: Offsets, n_found: Offsets, columns: Columns, values: Values, shape: tuple[int, int]) -> Sparse:
    """Return a sparse matrix of rows that are written with gaps between them.

    Parameters
    ----------
    places
        ``(n_rows + 1,)``: row ``r`` begins at ``places[r]``.
    n_found
        ``(n_rows,)``: entries of each row.
    columns, values
        The entries; overwritten.
    """
    _close_up(places, n_found, columns, values)
    ends = np.concatenate(([0], np.cumsum(n_found)))
    if ends[-1] <= np.iinfo(np.int32).max:
        ends = ends.astype(np.int32)
    return csr_array((values[: ends[-1]].copy(), columns[: ends[-1]].copy(), ends), shape=shape)


@kernel(f"({_OFFSETS}, int64, int32[::1], float64[::1], int64[::1])")
def _cut(offsets: Offsets, most: int, columns: Columns, values: Values, n_found: Offsets) -> None:
    """Move the highest entries of each row to its front, and write how many these are."""
    longest = 0
    for row in range(n_found.size):
        longest = max(longest, offsets[row + 1] - offsets[row])
    room = np.empty(longest)
    for row in range(n_found.size):
        first, n = offsets[row], 0
        for k in range(first, offsets[row + 1]):
            if values[k] > 0.0:
                values[first + n], columns[first + n] = values[k], columns[k]
                n += 1
        if n > most:
            keep_highest(values[first:], columns[first:], room, n, most)
            n = most
        n_found[row] = n


@kernel(f"({_OFFSETS}, {_OFFSETS}, int32[::1], float64[::1])")
def _close_up(places: Offsets, n_found: Offsets, columns: Columns, values: Values) -> None:
    """Move the entries to the front, so that there is no gap between the rows."""
    end = 0
    for row in range(n_found.size):
        for k in range(places[row], places[row] + n_found[row]):
            columns[end], values[end] = columns[k], values[k]
            end += 1
