"""How often users and items stand in the training interactions: counts alone, never who touched what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
        int64, ``(n_eval,)``: of each evaluated user, who is the more active the higher it is.
    heldout
        int64, ``(n_eval,)``: of each user's held-out item; 0 is a cold one (P7).
    items
        int64, ``(n_items,)``: of each item.

    Raises
    ------
    ValueError
        If the shapes are others, or a held-out item has more interactions than any item.
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
    """Count what was trained on, for the users and held-out items of some candidates."""
    items = np.bincount(train.items, minlength=train.n_items)
    users = train.offsets[candidates.users + 1] - train.offsets[candidates.users]
    return TrainCounts(users, items[candidates.heldout], items)
