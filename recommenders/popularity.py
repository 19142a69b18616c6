"""Item popularity: what everybody likes, for everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from recommenders.parts.fitted import fitted

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class Popularity:
    """How many users touched the item: the same for everybody."""

    deterministic: ClassVar[bool] = True
    personalised: ClassVar[bool] = False

    _counts: Scores | None = field(default=None, init=False, repr=False, compare=False)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random here
        """Count."""
        self._counts = np.bincount(train.items, minlength=train.n_items).astype(np.float64)
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:  # noqa: ARG002 - the same for all users
        """Return each item's number of users, ``(n, n_candidates)``, float64."""
        return fitted(self, self._counts)[items]

    def score_all(self, users: IndexArray) -> Scores:
        """Return all items' numbers of users, ``(n, n_items)``: one read-only row, seen ``n`` times."""
        counts = fitted(self, self._counts)
        return np.broadcast_to(counts, (users.size, counts.size))
