"""Leave a random one out: one interaction of each user is held out, drawn by a seed (P27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.tasks.drawn import HELD_OUT, drawn_rows
from protocol.tasks.split import Split, long_enough, order_ties

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset


def leave_random_out(dataset: Dataset, protocol_seed: int, seed: int) -> Split:
    """Hold out one interaction, drawn uniformly, of every user with at least `protocol.tasks.split.MIN_ITEMS` items.

    Parameters
    ----------
    protocol_seed
        Orders the training interactions of one user at one time (P6).
    seed
        Decides which interaction is held out; see `protocol.tasks.drawn.drawn_rows`.

    Raises
    ------
    ProtocolError
        If no user can be evaluated.
    """
    interactions = order_ties(dataset, protocol_seed)
    users, n_short_users = long_enough(dataset)
    rows = np.flatnonzero(np.isin(interactions.users, users))
    heldout = drawn_rows(dataset, interactions, rows, seed, HELD_OUT)
    kept = np.ones(len(interactions), dtype=np.bool_)
    kept[heldout] = False
    return Split(
        train=interactions.where(kept),
        users=users,
        items=interactions.items[heldout],
        tied=np.zeros(users.size, dtype=np.bool_),
        n_short_users=n_short_users,
        later=interactions.where(np.zeros(len(interactions), dtype=np.bool_)),
    )
