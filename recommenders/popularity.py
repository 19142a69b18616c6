"""Item popularity: the same ranking for every user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class Popularity(DeterministicModel):
    """The number of users who touched the item: the same score for every user."""

    personalised: ClassVar[bool] = False
    processor_independent: ClassVar[bool] = True

    def _fitted(self, train: Interactions) -> _Counts:
        """Count each item's users."""
        return _Counts(np.bincount(train.items, minlength=train.n_items).astype(np.float64))


@dataclass(frozen=True, eq=False)
class _Counts:
    """Each item's number of users, float64, ``(n_items,)``."""

    counts: Scores

    def score(self, users: IndexArray, items: IndexArray) -> Scores:  # noqa: ARG002 - the same for all users
        """Return the counts of candidates, ``(n, n_candidates)``."""
        return self.counts[items]

    def score_all(self, users: IndexArray) -> Scores:
        """Return the counts of all items, ``(n, n_items)``: one read-only row, seen ``n`` times."""
        return np.broadcast_to(self.counts, (users.size, self.counts.size))
