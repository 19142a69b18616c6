"""Item-based nearest neighbours with cosine similarity (Sarwar et al., WWW 2001; Deshpande & Karypis, TOIS 2004)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from scipy.sparse import csr_array

from recommenders.parts import footprint
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import at_least, one_of
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

LEAST_NEIGHBORS, MOST_NEIGHBORS = 5, 320
"""Of ``neighbors="auto"``: the fewest and the most that were tried."""


@dataclass
class ItemKNN(DeterministicModel):
    """The sum of cosine similarities between the item's nearest neighbours and the user's items.

    The similarity of two items is ``c / (sqrt(n_i * n_j) + shrinkage)``, with ``c`` users of both items, ``n_i`` users
    of one and ``n_j`` of the other (the form of Ferrari Dacrema et al., TOIS 2021). Each item keeps its ``neighbors``
    most similar items; of equally similar ones, those of lower index.

    Parameters
    ----------
    neighbors
        Items that each item keeps, at least 1. ``"auto"`` takes .62 divided by the density of the training
        interactions, rounded, at least 5 and at most 320: 10 on MovieLens-100K, 320 on Amazon's reviews. In
        ``results/defaults.md``, rules of this form do better than constants on data that had no part in the choice of
        their factor.
    shrinkage
        At least 0. The higher it is, the less weight has a similarity between items with few users.
    """

    neighbors: int | Literal["auto"] = "auto"
    shrinkage: float = 5.0

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.cosine",)

    def __post_init__(self) -> None:
        if isinstance(self.neighbors, str):
            one_of(("auto",), self, "neighbors")
        else:
            at_least(1, self, "neighbors")
        at_least(0, self, "shrinkage")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "neighbors": {"low": LEAST_NEIGHBORS, "high": 800, "log": True, "auto": True},
            "shrinkage": {"low": 0.0, "high": 50.0},
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        neighbors = self.neighbors_for(facts.n_users, facts.n_items, facts.n_interactions)
        n_found = footprint.neighbours(facts.n_items, neighbors, facts.item_pairs)
        made = footprint.nearest_made(facts, n_found, facts.n_items)
        kept = footprint.history(facts, footprint.DOUBLE) + (footprint.DOUBLE + footprint.FLOAT) * n_found
        return max(
            footprint.history(facts, 1) + made,
            kept + footprint.scored_by_sparse_weights(facts, n_found, facts.n_items),
        )

    def neighbors_for(self, n_users: int, n_items: int, n_interactions: int) -> int:
        """Return how many items each item keeps, on training interactions of these sizes."""
        if self.neighbors != "auto":
            return self.neighbors
        inverse_density = n_users * n_items / max(1, n_interactions)
        return min(MOST_NEIGHBORS, max(LEAST_NEIGHBORS, round(0.62 * inverse_density)))

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Find each item's neighbours."""
        from recommenders.kernels.cosine import nearest

        neighbors = self.neighbors_for(train.n_users, train.n_items, len(train))
        similar = nearest(csr_array(train.to_csr(np.bool_).T), neighbors, self.shrinkage)
        # Row: an item of the history. Column: a scored item that has it as a neighbour.
        return ItemWeights(train.to_csr(np.float64), csr_array(similar.T))
