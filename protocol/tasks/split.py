"""Leave-last-out: each user's latest interaction is held out (clauses P5 to P8 of ``protocol/README.md``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import blocks
from protocol.errors import ProtocolError
from protocol.keyed import Keys, derive, id_keys, root_key
from protocol.tasks.needed_times import refuse_without_times
from protocol.types import IndexArray, Interactions, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from protocol.data.dataset import Dataset

MIN_ITEMS = 3
"""Users with fewer items are not evaluated; all their interactions are trained on."""

BLOCK_ROWS = 2**21
"""The number of interactions that are sorted at once, at some fifty bytes each."""


@dataclass(frozen=True, eq=False)
class Split:
    """The training interactions and the held-out items.

    Parameters
    ----------
    train
        The training interactions, in the index spaces of the whole dataset.
    users, items
        int32, ``(n_eval,)``: the evaluated users, ascending, and the one item held out of each.
    tied
        bool, ``(n_eval,)``: the users with another item at the time of the held-out one, so that the tie key decided.
    n_short_users
        The number of users who are not evaluated because their history is too short.
    later
        What the evaluated users did from the cut of a time split on, beside the held-out interaction, in the same index
        spaces. It is neither trained on nor ranked. Empty for the other rules.
    facts
        Further counts for the reader of a table, by name.
    """

    train: Interactions
    users: IndexArray
    items: IndexArray
    tied: npt.NDArray[np.bool_]
    n_short_users: int
    later: Interactions
    facts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, dtype in (("users", np.int32), ("items", np.int32), ("tied", np.bool_)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))


def leave_last_out(dataset: Dataset, protocol_seed: int) -> Split:
    """Hold out the latest interaction of every user with at least `MIN_ITEMS` items.

    A user's interactions at one time are ordered by a keyed hash of (protocol seed, raw user id, raw item id), not by
    the order of rows in a file or of ids.

    Raises
    ------
    ProtocolError
        If the data have no times, or no user can be evaluated.
    """
    refuse_without_times(dataset)
    interactions = order_ties(dataset, protocol_seed)
    users, n_short_users = long_enough(dataset)
    last = interactions.offsets[users + 1] - 1
    kept = np.ones(len(interactions), dtype=np.bool_)
    kept[last] = False
    return Split(
        train=interactions.where(kept),
        users=users,
        items=interactions.items[last],
        tied=interactions.timestamps[last] == interactions.timestamps[last - 1],
        n_short_users=n_short_users,
        later=interactions.where(np.zeros(len(interactions), dtype=np.bool_)),
    )


def long_enough(dataset: Dataset) -> tuple[IndexArray, int]:
    """Return the users with at least `MIN_ITEMS` items, ascending, and the number of those with fewer.

    Raises
    ------
    ProtocolError
        If no user has as many.
    """
    counts = np.diff(dataset.interactions.offsets)
    users = np.flatnonzero(counts >= MIN_ITEMS).astype(np.int32)
    if users.size == 0:
        raise ProtocolError(
            f"{dataset.name}: none of its {dataset.interactions.n_users} users has {MIN_ITEMS} or more items "
            f"(the most is {counts.max(initial=0)}), so no user can be evaluated; use a dataset with longer histories"
        )
    return users, int(np.sum((counts > 0) & (counts < MIN_ITEMS)))


def order_ties(dataset: Dataset, protocol_seed: int) -> Interactions:
    """Return the dataset's interactions; those of one user at one time are in the order of their tie keys."""
    interactions = dataset.interactions
    user_keys = derive(root_key(protocol_seed, "ties"), id_keys(dataset.user_ids))
    item_keys = id_keys(dataset.item_ids)
    items = interactions.items.copy()
    offsets = interactions.offsets
    for block in blocks(np.diff(offsets), BLOCK_ROWS):
        rows = slice(offsets[block.start], offsets[block.stop])
        _order_tied(items[rows], interactions.users[rows], interactions.timestamps[rows], user_keys, item_keys)
    return Interactions(interactions.users, items, interactions.timestamps, interactions.n_users, interactions.n_items)


def _order_tied(
    items: IndexArray, users: IndexArray, timestamps: npt.NDArray[np.int64], user_keys: Keys, item_keys: Keys
) -> None:
    """Sort the items of rows with the same user and time by their tie keys, in place."""
    repeats = np.zeros(items.size, dtype=np.bool_)
    repeats[1:] = (users[1:] == users[:-1]) & (timestamps[1:] == timestamps[:-1])
    tied = np.flatnonzero(repeats | np.append(repeats[1:], [False]))
    tie_keys = derive(user_keys[users[tied]], item_keys[items[tied]])
    # Tied rows keep their set of positions; only their order among themselves changes.
    items[tied] = items[tied][order_within(np.cumsum(~repeats[tied]), tie_keys)]


def order_within(groups: npt.NDArray[np.int64], keys: Keys) -> npt.NDArray[np.int64]:
    """Return ``np.lexsort((keys, groups))``, many times faster.

    Parameters
    ----------
    groups, keys
        ``(n_rows,)`` each. Groups are ascending and not negative.
    """
    bits = np.uint64(int(groups[-1]).bit_length() if groups.size else 0)
    # One word holds the group and the key's upper bits; if these are equal somewhere, lexsort decides.
    packed = (groups.astype(np.uint64) << (np.uint64(64) - bits)) | (keys >> bits)
    order = np.argsort(packed)
    ascending = packed[order]
    return np.lexsort((keys, groups)) if (ascending[1:] == ascending[:-1]).any() else order
