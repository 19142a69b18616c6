"""Scoring with one number for each item, the same for all users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from protocol.types import IndexArray, Scores


@dataclass(frozen=True, eq=False)
class Counts:
    """Each item's number of users, float64, ``(n_items,)``."""

    counts: Scores

    def score(self, users: IndexArray, items: IndexArray) -> Scores:  # noqa: ARG002 - the same for all users
        """Return the counts of candidates, ``(n, n_candidates)``."""
        return self.counts[items]

    def score_all(self, users: IndexArray) -> Scores:
        """Return the counts of all items, ``(n, n_items)``: one read-only row, seen ``n`` times."""
        return np.broadcast_to(self.counts, (users.size, self.counts.size))
