"""User-based nearest neighbours with cosine similarity (Resnick et al., CSCW 1994; Breese et al., UAI 1998)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import at_least
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class UserKNN(DeterministicModel):
    """The sum of cosine similarities between the user and those nearest neighbours who touched the item.

    The similarity of two users is ``c / (sqrt(n_u * n_v) + shrinkage)``, with ``c`` items of both users, ``n_u`` items
    of one and ``n_v`` of the other. The score is ``sum over the neighbours v of u who touched i of similarity(u, v)``
    (the form of Ferrari Dacrema et al., TOIS 2021). Each user has as neighbours the ``neighbors`` most similar users;
    of equally similar ones, those of lower index.

    Parameters
    ----------
    neighbors
        Neighbours of each user, at least 1.
    shrinkage
        At least 0. The higher it is, the less weight has a similarity between users with few items.
    """

    neighbors: int = 24
    shrinkage: float = 35.8

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.cosine",)

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors")
        at_least(0, self, "shrinkage")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "neighbors": {"low": 5, "high": 800, "log": True},
            "shrinkage": {"low": 0.0, "high": 100.0},
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        n_found = footprint.neighbours(facts.n_users, self.neighbors, facts.user_pairs)
        made = footprint.nearest_made(facts, n_found, facts.n_users)
        kept = footprint.history(facts, footprint.DOUBLE) + (footprint.DOUBLE + footprint.FLOAT) * n_found
        given = footprint.history(facts, footprint.DOUBLE)
        return max(given + made, kept + footprint.scored_by_sparse_weights(facts, n_found, facts.n_users))

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Find each user's neighbours."""
        from recommenders.kernels.cosine import nearest

        history = train.to_csr(np.float64)
        similar = nearest(history, self.neighbors, self.shrinkage)
        # `ItemWeights` sums rows of a matrix over a history. Here it sums the neighbours' rows of items.
        return ItemWeights(similar, history)
