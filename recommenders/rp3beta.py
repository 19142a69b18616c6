"""RP3beta: random walks of three steps, popularity discounted (Paudel, Christoffel, Newell & Bernstein, TiiS 2016)."""

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
class RP3Beta(DeterministicModel):
    """P3alpha's probability of a walk, divided by a power of the item's popularity.

    "Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications" (ACM TiiS 7(1), 2016)
    re-ranks the walks of `recommenders.p3alpha.P3Alpha`, because most of them end at popular items::

        score(u, j) = sum over the items i of u of w_ij,
        w_ij = (sum over the users v of i and j of (1 / (n_i n_v)) ** alpha) / n_j ** beta

    with ``n_i`` users of item ``i`` and ``n_v`` items of user ``v``. The paper has ``alpha = 1``; Ferrari Dacrema et
    al., TOIS 2021, tune both exponents. `recommenders.parts.random_walk` says which weights are kept, and in what
    order they are normalised.

    Parameters
    ----------
    neighbors
        Weights that each item keeps, at least 1.
    alpha
        Exponent of the probabilities of steps, at least 0.
    beta
        Exponent of the item's popularity, at least 0; with 0 the model is P3alpha.
    normalize
        Whether the weights from each item are divided by their sum.
    neighbors_of
        ``"target"``: each item keeps the highest weights to it, and ``normalize`` comes after. ``"both"``: first each
        item keeps the highest weights from it; then, after ``normalize``, the highest of those left to it, as in the
        code of the published figures (Ferrari Dacrema et al., TOIS 2021).
    """

    neighbors: int = 65
    alpha: float = 0.642
    beta: float = 0.257
    normalize: bool = True
    neighbors_of: NeighborsOf = "target"

    slow_imports: ClassVar[tuple[str, ...]] = KERNELS

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors")
        at_least(0, self, "alpha", "beta")
        one_of(("target", "both"), self, "neighbors_of")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "neighbors": {"low": 5, "high": 800, "log": True},
            "alpha": {"low": 0.0, "high": 2.0},
            "beta": {"low": 0.0, "high": 2.0},
            "normalize": [True, False],
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        return walk_bytes(facts, self.neighbors)

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Compute the weights from item to item, divided by powers of popularity."""
        history = train.to_csr(np.float64)
        weights = walk_weights(
            history, self.alpha, self.beta, self.neighbors, neighbors_of=self.neighbors_of, normalize=self.normalize
        )
        return ItemWeights(history, weights)
