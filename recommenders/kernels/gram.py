"""Counts, for each pair of items, the users who touched both; compiled.

Row ``i`` of ``X' X``, for a matrix ``X`` of ones, users x items, is the sum of the rows of ``X`` whose users touched
``i``: each of these users adds one at each of their items ``j >= i``. Counts are exact, and rows do not depend on each
other.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from recommenders.kernels.compiled import READ_ONLY, kernel
from recommenders.kernels.threads import share_out

if TYPE_CHECKING:
    import numpy.typing as npt

    Places = npt.NDArray[np.int64]
    Indices = npt.NDArray[np.int32]

_PLACES, _INDICES = READ_ONLY.format("int64"), READ_ONLY.format("int32")


def upper_gram(ones: csr_array[Any, tuple[int, int]]) -> npt.NDArray[np.float64]:
    """Return the upper triangle of ``X' X``, and zeros below it; float64, ``(n_items, n_items)``.

    Parameters
    ----------
    ones
        ``X``, ``(n_users, n_items)``; the indices of each row are sorted and distinct.
    """
    places = csr_array((np.arange(ones.nnz), ones.indices, ones.indptr), shape=ones.shape).T.tocsr()
    user_ends = ones.indptr[1:].astype(np.int64)
    ends_of = np.repeat(user_ends, np.diff(ones.indptr))[places.data]
    counts = np.zeros((ones.shape[1], ones.shape[1]))
    item_offsets = places.indptr.astype(np.int64)
    work = partial(_count, item_offsets, places.data, ends_of, ones.indices.astype(np.int32), counts)
    share_out(work, np.concatenate(([0], np.cumsum(ends_of - places.data)))[item_offsets[1:]])
    return counts


@kernel(f"({_PLACES}, {_PLACES}, {_PLACES}, {_INDICES}, float64[:, ::1], int64, int64)")
def _count(
    item_offsets: Places,
    begins: Places,
    ends: Places,
    items: Indices,
    counts: npt.NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Fill the rows ``start .. stop - 1`` of ``counts``, from the diagonal on.

    Parameters
    ----------
    item_offsets
        ``(n_items + 1,)``: item ``i`` has the interactions ``item_offsets[i] .. item_offsets[i + 1] - 1``.
    begins, ends
        ``(n_ones,)``: for each interaction, its position in ``items``, and the end of its user's row.
    items
        ``(n_ones,)``: the items of all users, ascending for each user.
    """
    row = np.zeros(counts.shape[1], dtype=np.int32)
    for item in range(start, stop):
        for k in range(item_offsets[item], item_offsets[item + 1]):
            for place in range(begins[k], ends[k]):
                row[items[place]] += 1
        for j in range(item, row.size):
            counts[item, j] = row[j]
            row[j] = 0
