"""P3alpha: random walks of three steps (Cooper, Lee, Radzik & Siantos, WWW 2014 Companion)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import at_least, one_of
from recommenders.parts.model import DeterministicModel
from recommenders.parts.random_walk import KERNELS, NeighborsOf, walk_bytes, walk_weights

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class P3Alpha(DeterministicModel):
    """The probability that a random walk from the user ends at the item after three steps, each to the power of alpha.

    "Random Walks in Recommender Systems: Exact Computation and Simulations". The walk goes from user ``u`` to one of
    the user's ``n_u`` items, from there to one of the item's ``n_i`` users, from there to one of that user's items.
    With ``alpha = 1`` the score is proportional to the probability::

        score(u, j) = sum over the items i of u of w_ij,
        w_ij = sum over the users v of i and j of (1 / (n_i n_v)) ** alpha

    The factor of the first step, ``(1 / n_u) ** alpha``, is left out, because it is the same for all items of a user.
    `recommenders.parts.random_walk` says which weights are kept, and in what order they are normalised.

    Parameters
    ----------
    neighbors
        Weights that each item keeps, at least 1.
    alpha
        Exponent of the probabilities of steps, at least 0.
    normalize
        Whether the weights from each item are divided by their sum.
    neighbors_of
        ``"target"``: each item keeps the highest weights to it, and ``normalize`` comes after. ``"both"``: first each
        item keeps the highest weights from it; then, after ``normalize``, the highest of those left to it, as in the
        code of the published figures (Ferrari Dacrema et al., TOIS 2021).
    """

    neighbors: int = 74
    alpha: float = 0.57
    normalize: bool = True
    neighbors_of: NeighborsOf = "target"

    slow_imports: ClassVar[tuple[str, ...]] = KERNELS

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors")
        at_least(0, self, "alpha")
        one_of(("target", "both"), self, "neighbors_of")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "neighbors": {"low": 5, "high": 800, "log": True},
            "alpha": {"low": 0.0, "high": 2.0},
            "normalize": [True, False],
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        return walk_bytes(facts, self.neighbors)

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Compute the weights from item to item."""
        history = train.to_csr(np.float64)
        weights = walk_weights(
            history, self.alpha, 0.0, self.neighbors, neighbors_of=self.neighbors_of, normalize=self.normalize
        )
        return ItemWeights(history, weights)
