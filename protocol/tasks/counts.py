"""Count the training interactions of users and of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from protocol.counting import occurrences
from protocol.types import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.tasks.candidates import Candidates
    from protocol.types import Interactions


@dataclass(frozen=True, eq=False)
class TrainCounts:
    """Training interactions of the evaluated users, of their held-out items, and of all items.

    Parameters
    ----------
    users
        int64, ``(n_eval,)``: the interactions of each evaluated user.
    heldout
        int64, ``(n_eval,)``: the interactions of each user's held-out item; 0 if the item is cold (P7).
    items
        int64, ``(n_items,)``: the interactions of each item.

    Raises
    ------
    ValueError
        If the shapes are wrong, a count is negative, or a held-out item has more interactions than any item.
    """

    users: npt.NDArray[np.int64]
    heldout: npt.NDArray[np.int64]
    items: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("users", "heldout", "items"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int64))
        if not self.users.shape == self.heldout.shape == (self.users.size,) or self.items.ndim != 1:
            raise ValueError(
                f"counts of users {self.users.shape}, held-out items {self.heldout.shape} and items "
                f"{self.items.shape} must be one-dimensional, the first two of one length"
            )
        if self.heldout.max(initial=0) > self.items.max(initial=0):
            raise ValueError("a held-out item has more training interactions than any item")
        if min(int(counts.min(initial=0)) for counts in (self.users, self.heldout, self.items)) < 0:
            raise ValueError("counts must not be negative")


def count_train(train: Interactions, candidates: Candidates) -> TrainCounts:
    """Return the training interactions of the users and held-out items of some candidates, and of all items."""
    items = occurrences(train.items, train.n_items)
    users = train.offsets[candidates.users + 1] - train.offsets[candidates.users]
    return TrainCounts(users, items[candidates.heldout], items)
