"""P3alpha: random walks of three steps (Cooper, Lee, Radzik & Siantos, WWW 2014 Companion)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import at_least
from recommenders.parts.model import DeterministicModel
from recommenders.parts.random_walk import walk_weights

if TYPE_CHECKING:
    from protocol.types import Interactions


@dataclass
class P3Alpha(DeterministicModel):
    """The chance that a walk from the user ends at the item after three steps, each to the power of alpha.

    "Random Walks in Recommender Systems: Exact Computation and Simulations": from user ``u`` to one of the ``n_u``
    items, from there to one of the item's ``n_i`` users, from there to one of that user's items. With ``alpha = 1`` it
    is the chance itself::

        score(u, j) = sum over the items i of u of w_ij,
        w_ij = sum over the users v of i and j of (1 / (n_i n_v)) ** alpha

    The first step's factor, ``(1 / n_u) ** alpha``, is the same for all items of a user, and left out. Which weights
    are kept, and in what order they are normalised, is in `recommenders.parts.random_walk`.

    Parameters
    ----------
    neighbors
        Weights that are kept of each item, at least 1.
    alpha
        At least 0.
    normalize
        Whether the weights from each item are divided by their sum.
    """

    neighbors: int = 367
    alpha: float = 0.483
    normalize: bool = True

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors")
        at_least(0, self, "alpha")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "neighbors": {"low": 5, "high": 800, "log": True},
            "alpha": {"low": 0.0, "high": 2.0},
            "normalize": [True, False],
        }

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Multiply out the steps from item to item."""
        history = train.to_csr(np.float64)
        weights = walk_weights(history, self.alpha, 0.0, self.neighbors, normalize=self.normalize)
        return ItemWeights(history, weights)
