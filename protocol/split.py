"""Leave-last-out: each user's latest interaction is held out (clauses P5 to P8 of ``protocol/README.md``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.types import IndexArray, Interactions, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.dataset import Dataset

MIN_ITEMS = 3
"""Users with fewer items than this are never evaluated; all their interactions are trained on."""


@dataclass(frozen=True, eq=False)
class Split:
    """What is learnt from and what is held out.

    Parameters
    ----------
    train
        All interactions but the held-out ones, in the index spaces of the whole dataset.
    users, items
        int32, ``(n_eval,)``: the evaluated users, ascending, and the one item held out of each.
    n_tied_users
        How many of the evaluated users have more than one item at their latest time, so that the tie key decided.
    n_short_users
        How many users have fewer than `MIN_ITEMS` items: they train whole and are not evaluated.
    """

    train: Interactions
    users: IndexArray
    items: IndexArray
    n_tied_users: int
    n_short_users: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "users", frozen(self.users, np.int32))
        object.__setattr__(self, "items", frozen(self.items, np.int32))


def leave_last_out(dataset: Dataset, protocol_seed: int) -> Split:
    """Hold out the latest interaction of every user with at least `MIN_ITEMS` items.

    Interactions of one user at one time are ordered by a keyed hash of (protocol seed, raw user id, raw item id):
    neither the order of rows in a file nor the order of ids has a say.

    Raises
    ------
    ProtocolError
        If no user can be evaluated.
    """
    interactions = order_ties(dataset, protocol_seed)
    counts = np.diff(interactions.offsets)
    users = np.flatnonzero(counts >= MIN_ITEMS)
    if users.size == 0:
        raise ProtocolError(
            f"{dataset.name}: none of its {dataset.interactions.n_users} users has {MIN_ITEMS} or more items "
            f"(the most is {counts.max(initial=0)}), so nobody can be evaluated; use a dataset with longer histories"
        )
    last = interactions.offsets[users + 1] - 1
    kept = np.ones(len(interactions), dtype=np.bool_)
    kept[last] = False
    return Split(
        train=interactions.where(kept),
        users=users.astype(np.int32),
        items=interactions.items[last],
        n_tied_users=int(np.sum(interactions.timestamps[last] == interactions.timestamps[last - 1])),
        n_short_users=int(np.sum((counts > 0) & (counts < MIN_ITEMS))),
    )


def order_ties(dataset: Dataset, protocol_seed: int) -> Interactions:
    """Return the dataset's interactions with those of one user at one time in the order of their tie keys."""
    interactions = dataset.interactions
    tied = np.flatnonzero(_tied(interactions))
    users, items = interactions.users[tied], interactions.items[tied]
    user_keys = derive(root_key(protocol_seed, "ties"), id_keys(dataset.user_ids))
    tie_keys = derive(user_keys[users], id_keys(dataset.item_ids)[items])
    # Tied rows keep, as a set, the positions that they have: only their order among themselves changes.
    order = np.lexsort((tie_keys, interactions.timestamps[tied], users))
    reordered = interactions.items.copy()
    reordered[tied] = items[order]
    return Interactions(
        interactions.users, reordered, interactions.timestamps, interactions.n_users, interactions.n_items
    )


def _tied(interactions: Interactions) -> npt.NDArray[np.bool_]:
    """Return which rows share user and time with a neighbour."""
    same = (interactions.users[1:] == interactions.users[:-1]) & (
        interactions.timestamps[1:] == interactions.timestamps[:-1]
    )
    tied = np.zeros(len(interactions), dtype=np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    return tied
