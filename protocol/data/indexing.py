"""Map raw ids to indices, and sort interactions into canonical order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from protocol.errors import DatasetError
from protocol.types import IndexArray, Interactions

if TYPE_CHECKING:
    RawIds = npt.NDArray[Any]

_WORD_BITS = 64


def indexed(ids: RawIds) -> tuple[RawIds, npt.NDArray[np.int64]]:
    """Return the distinct ids, ``(n_ids,)``, ascending, and the position of each row's id among them, ``(n_rows,)``.

    Raises
    ------
    DatasetError
        If the ids are neither integers nor text, or one is missing.
    """
    if np.issubdtype(ids.dtype, np.integer):
        return _indexed_integers(ids.astype(np.int64, copy=False))
    import pandas as pd

    codes, distinct = pd.factorize(np.asarray(ids, dtype=object))
    strange = next((raw_id for raw_id in distinct if not isinstance(raw_id, str)), None)
    if strange is not None or (codes < 0).any():
        found = "a missing one" if strange is None else f"{strange!r}, a {type(strange).__name__}"
        raise DatasetError(f"ids are {found}; expected an array of integers or one of text")
    order = np.argsort(distinct, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return distinct[order], place[codes]


def _indexed_integers(ids: npt.NDArray[np.int64]) -> tuple[RawIds, npt.NDArray[np.int64]]:
    if ids.size == 0:
        return ids, ids
    lowest, span = int(ids.min()), int(ids.max()) - int(ids.min()) + 1
    if span <= 4 * ids.size + 1024:
        present, indices = present_values(ids - lowest, span)
        return present + lowest, indices
    order = np.argsort(ids, kind="stable")
    ascending = ids[order]
    is_new = np.concatenate(([True], ascending[1:] != ascending[:-1]))
    indices = np.empty(ids.size, dtype=np.int64)
    indices[order] = np.cumsum(is_new) - 1
    return ascending[is_new], indices


def present_values(values: npt.NDArray[Any], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which of ``0 .. size - 1`` occur, ascending, and each value's position among them, ``(n_values,)``.

    Values 5, 2, 5 -> 2, 5 occur; positions 1, 0, 1.
    """
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[values] = True
    position = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs), position[values]


def first_interactions(
    users: npt.NDArray[np.int64],
    items: npt.NDArray[np.int64],
    timestamps: npt.NDArray[np.int64],
    n_users: int,
    n_items: int,
) -> Interactions:
    """Return each (user, item) pair once, at its first time, in canonical order.

    Parameters
    ----------
    users, items, timestamps
        ``(n_rows,)``: an interaction in each row, in any order.
    """
    interactions = canonical(users, items, timestamps, n_users, n_items)
    pairs = interactions.users.astype(np.int64) * n_items + interactions.items
    # Sorting values is much faster than sorting positions, and most data have no repeated pair.
    ascending = np.sort(pairs)
    if not (ascending[1:] == ascending[:-1]).any():
        return interactions
    by_pair = np.argsort(pairs, kind="stable")
    in_order = pairs[by_pair]
    first = np.ones(pairs.size, dtype=np.bool_)
    first[by_pair[1:][in_order[1:] == in_order[:-1]]] = False
    return interactions.where(first)


def canonical(
    users: npt.NDArray[np.int64],
    items: npt.NDArray[np.int64],
    timestamps: npt.NDArray[np.int64],
    n_users: int,
    n_items: int,
) -> Interactions:
    """Return interactions, ``(n_rows,)`` in any order, sorted by user, time and item."""
    rows = _sorted_in_words(users, items, timestamps)
    if rows is None:
        order = _canonical_order(users, items, timestamps)
        rows = users.astype(np.int32)[order], items.astype(np.int32)[order], timestamps[order]
    return Interactions(*rows, n_users, n_items)


def _sorted_in_words(
    users: npt.NDArray[np.int64], items: npt.NDArray[np.int64], timestamps: npt.NDArray[np.int64]
) -> tuple[IndexArray, IndexArray, npt.NDArray[np.int64]] | None:
    """Return the rows sorted by user, time and item, if one word of 64 bits can hold these three; else None.

    Sorting words is many times faster than sorting positions, and rows of one word are equal.
    """
    earliest = int(timestamps.min()) if timestamps.size else 0
    time_bits = (int(timestamps.max(initial=earliest)) - earliest).bit_length()
    user_bits, item_bits = (int(indices.max(initial=0)).bit_length() for indices in (users, items))
    if user_bits + time_bits + item_bits > _WORD_BITS:
        return None
    words = users.astype(np.uint64)
    words <<= np.uint64(time_bits)
    words |= (timestamps - earliest).view(np.uint64)
    words <<= np.uint64(item_bits)
    words |= items.astype(np.uint64)
    words.sort()
    sorted_items = (words & _lowest(item_bits)).astype(np.int32)
    words >>= np.uint64(item_bits)
    sorted_times = (words & _lowest(time_bits)).view(np.int64)
    sorted_times += earliest
    words >>= np.uint64(time_bits)
    return words.astype(np.int32), sorted_items, sorted_times


def _lowest(bits: int) -> np.uint64:
    """Return a word of which the lowest bits are set, so many."""
    return np.uint64(2**bits - 1)


def _canonical_order(
    users: npt.NDArray[np.int64], items: npt.NDArray[np.int64], timestamps: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return an order by user, time and item, faster than ``np.lexsort`` if one 64-bit key can hold user and time."""
    earliest = int(timestamps.min(initial=0))
    span = int(timestamps.max(initial=0)) - earliest + 1
    if (int(users.max(initial=0)) + 1) * span >= 2**63:
        return np.lexsort((items, timestamps, users))
    keys = users * span + (timestamps - earliest)
    order = np.argsort(keys)
    keys = keys[order]
    same = keys[1:] == keys[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    rows = order[tied]
    order[tied] = rows[np.lexsort((items[rows], keys[tied]))]
    return order
