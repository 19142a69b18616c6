"""Walks from an item over one of its users to another item, compiled: a sparse product whose rows are cut at once.

For each item, the walks to each other item are added up by going through the items of each of its users, in their
order. Only the highest sums are kept, so the product is never held. Items do not depend on each other, so the result
is the same to the last bit with any number of threads.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.highest import SCAN, closed_up, keep_highest
from recommenders.kernels.threads import share_out

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Columns = npt.NDArray[np.int32]
    Offsets = npt.NDArray[np.int64]
    # Without a sign, an index needs no check for counting from the end.
    Indices = npt.NDArray[np.uint32]
    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

_OFFSETS, _INDICES, _FLOATS = (READ_ONLY.format(name) for name in ("int64", "uint32", "float64"))


def strongest_walks(history: Sparse, to_users: Floats, to_items: Floats, discounts: Floats, neighbors: int) -> Sparse:
    """Return the highest weights above zero from each item to others, ``(n_items, n_items)``; rows are origins.

    ``w_ij = discounts_j * (sum over the users u of both of to_users_i * to_items_u)``, and ``w_ii = 0``. Of equal
    weights, those of lower column are kept.

    Parameters
    ----------
    history
        The users' items, ``(n_users, n_items)``. Each stored entry is an interaction; its value is not used.
    to_users, discounts
        float64, ``(n_items,)``.
    to_items
        float64, ``(n_users,)``.
    neighbors
        Weights that each item keeps, 1 or more.
    """
    n_items = history.shape[1]
    ones = np.ones(history.nnz, np.bool_)
    by_item = csr_array(csr_array((ones, history.indices, history.indptr), shape=history.shape).T)
    n_touched, n_users = np.diff(history.indptr), np.diff(by_item.indptr)
    met = np.bincount(history.indices, np.repeat(n_touched, n_touched), minlength=n_items).astype(np.int64)
    # An item also meets itself, once for each user. One that meets few others needs room for these only.
    places = np.concatenate(([0], np.cumsum(np.minimum(min(neighbors, max(0, n_items - 1)), met - n_users))))
    columns, weights, n_found = np.empty(places[-1], np.int32), np.empty(places[-1]), np.empty(n_items, np.int64)
    graph = *_parts(by_item), *_parts(history)
    work = partial(_find, *graph, met, to_users, to_items, discounts, places, columns, weights, n_found)
    share_out(work, np.cumsum(met + 1))
    return closed_up(places, n_found, columns, weights, (n_items, n_items))


def _parts(matrix: Sparse) -> tuple[Offsets, Indices]:
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint32)


@inlined
def _walk(
    own: Indices, n_met: int, chance: float, offsets: Offsets, items: Indices, to_items: Floats, sums: Floats,
    met: Indices,
) -> int:  # fmt: skip
    """Add up the chances of walks over the users ``own`` to each item.

    Write to ``met``, ascending, the items that may have any, and return how many these are. With many meetings these
    are all items, because remembering which were met would take longer (see `SCAN`).
    """
    is_dense, n = SCAN * n_met >= sums.size, 0
    for user in own:
        step = chance * to_items[user]
        if is_dense:
            for k in range(offsets[user], offsets[user + 1]):
                sums[items[k]] += step
        elif step > 0.0:
            for k in range(offsets[user], offsets[user + 1]):
                if sums[items[k]] == 0.0:
                    met[n] = items[k]
                    n += 1
                sums[items[k]] += step
    if is_dense:
        for item in range(sums.size):
            met[item] = item
        return sums.size
    met[:n].sort()
    return n


@inlined
def _choose(
    origin: int, met: Indices, discounts: Floats, sums: Floats, values: Floats, columns: Columns, room: Floats,
    most: int,
) -> int:  # fmt: skip
    """Write the ``most`` highest weights to the items met to the front of ``values`` and ``columns``.

    Return how many these are. ``sums`` are zeros afterwards.
    """
    n, least = 0, 0.0
    for item in met:
        value, sums[item] = sums[item] * discounts[item], 0.0
        # A weight that equals the lowest one kept comes after it, so it is not kept.
        if value > least and item != origin:
            values[n], columns[n] = value, item
            n += 1
            if n == 2 * most:
                least, n = keep_highest(values, columns, room, n, most), most
    if n > most:
        keep_highest(values, columns, room, n, most)
        n = most
    return n


@kernel(
    f"({_OFFSETS}, {_INDICES}, {_OFFSETS}, {_INDICES}, {_OFFSETS}, {_FLOATS}, {_FLOATS}, {_FLOATS}, {_OFFSETS}, "
    "int32[::1], float64[::1], int64[::1], int64, int64)"
)
def _find(
    item_offsets: Offsets,
    users: Indices,
    user_offsets: Offsets,
    items: Indices,
    n_met: Offsets,
    to_users: Floats,
    to_items: Floats,
    discounts: Floats,
    places: Offsets,
    found: Columns,
    weights: Floats,
    n_found: Offsets,
    start: int,
    stop: int,
) -> None:
    """Write the weights from the items ``start .. stop - 1``, each from its place on, in the order of the columns."""
    n_items, most = discounts.size, 1
    for row in range(start, stop):
        most = max(most, places[row + 1] - places[row])
    sums, met = np.zeros(n_items), np.empty(n_items, np.uint32)
    values, columns, room = np.empty(2 * most), np.empty(2 * most, np.int32), np.empty(2 * most)
    for row in range(start, stop):
        own = users[item_offsets[row] : item_offsets[row + 1]]
        n = _walk(own, n_met[row], to_users[row], user_offsets, items, to_items, sums, met)
        limit = places[row + 1] - places[row]
        n_found[row] = _choose(row, met[:n], discounts, sums, values, columns, room, limit)
        for k in range(n_found[row]):
            found[places[row] + k], weights[places[row] + k] = columns[k], values[k]
