"""Item-based nearest neighbours with cosine similarity (Sarwar et al., WWW 2001; Deshpande & Karypis, TOIS 2004)."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from recommenders.parts.fitted import fitted
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import at_least

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class ItemKNN:
    """The sum of cosine similarities between the item's nearest neighbours and the user's items.

    The similarity of two items is ``c / (sqrt(n_i * n_j) + shrinkage)``, with ``c`` users of both, ``n_i`` and ``n_j``
    of either (the form of Ferrari Dacrema et al., TOIS 2021). Each item keeps its ``neighbors`` most similar ones; of
    equally similar ones those of lower index.

    Parameters
    ----------
    neighbors
        At least 1.
    shrinkage
        At least 0; the higher, the less a similarity is trusted that rests on few users.
    """

    neighbors: int = 10
    shrinkage: float = 5.0

    deterministic: ClassVar[bool] = True

    _state: ItemWeights | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors")
        at_least(0, self, "shrinkage")
        # Here, because `fit` is timed.
        importlib.import_module("recommenders.kernels.cosine")

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "neighbors": {"low": 5, "high": 200, "log": True},
            "shrinkage": {"low": 0.0, "high": 50.0},
        }

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random here
        """Find each item's neighbours."""
        from recommenders.kernels.cosine import nearest

        history = train.to_csr(np.float64)
        similar = nearest(csr_array(history.T), self.neighbors, self.shrinkage)
        # From item in the history to the item that is scored, and that chose it.
        self._state = ItemWeights(history, csr_array(similar.T))
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the sums of similarities, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)
