"""One interaction of each user, drawn by a keyed hash (P26, P27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.keyed import derive, id_keys, root_key

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.dataset import Dataset
    from protocol.types import Interactions

HELD_OUT, TARGET = "random held-out items", "random targets"
"""The purposes of the keys: of a split that holds out random items, and of a time split with random targets."""


def drawn_rows(
    dataset: Dataset, interactions: Interactions, rows: npt.NDArray[np.int64], seed: int, purpose: str
) -> npt.NDArray[np.int64]:
    """Return one row of each user who has one: the row with the smallest key of (seed, raw user id, raw item id).

    So each of a user's rows is drawn with the same chance, and what is drawn depends neither on the order of rows, nor
    on times, nor on other users.

    Parameters
    ----------
    dataset
        Has the raw ids.
    interactions
        Of the dataset, in any order within a user.
    rows
        int64, ``(n,)``, ascending: the rows to draw from.
    seed, purpose
        See `protocol.keyed.root_key`.

    Returns
    -------
    int64, ``(n_users_with_rows,)``, by ascending user.
    """
    if rows.size == 0:
        return rows
    users = interactions.users[rows]
    keys = derive(
        derive(root_key(seed, purpose), id_keys(dataset.user_ids))[users],
        id_keys(dataset.item_ids)[interactions.items[rows]],
    )
    starts = np.flatnonzero(np.append([True], users[1:] != users[:-1]))
    smallest = np.minimum.reduceat(keys, starts)
    sizes = np.diff(np.append(starts, users.size))
    is_smallest = keys == np.repeat(smallest, sizes)
    # Of two equal keys, which nearly never happen, the first row counts.
    places = np.flatnonzero(is_smallest)
    return rows[places[np.searchsorted(places, starts)]]
