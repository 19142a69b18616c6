"""Item-based nearest neighbours with cosine similarity (Sarwar et al., WWW 2001; Deshpande & Karypis, TOIS 2004)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from recommenders.fitted import fitted
from recommenders.item_weights import BLOCK_BYTES, ItemWeights
from recommenders.limits import at_least

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions, Scores

    Sparse = csr_array[Any, tuple[int, int]]


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

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "neighbors": {"low": 5, "high": 200, "log": True},
            "shrinkage": {"low": 0.0, "high": 50.0},
        }

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random here
        """Find each item's neighbours."""
        history = train.to_csr(np.float64)
        by_item = csr_array(history.T)
        norms = np.sqrt(np.bincount(train.items, minlength=train.n_items))
        size = max(1, BLOCK_BYTES // (8 * train.n_items))
        blocks = []
        for start in range(0, train.n_items, size):
            rows = slice(start, min(start + size, train.n_items))
            similarities = (by_item[rows] @ history).toarray()
            similarities /= np.maximum(norms[rows, None] * norms + self.shrinkage, np.finfo(np.float64).tiny)
            similarities[np.arange(rows.stop - start), np.arange(start, rows.stop)] = 0.0
            blocks.append(_nearest(similarities, self.neighbors))
        self._state = ItemWeights(history, _transposed(blocks, train.n_items))
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the sums of similarities, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)


def _nearest(similarities: npt.NDArray[np.float64], neighbors: int) -> Sparse:
    """Keep the highest ``neighbors`` values of each row, of equal ones the first, and no zeros."""
    n_items = similarities.shape[1]
    if neighbors < n_items:
        least = np.partition(similarities, n_items - neighbors, axis=1)[:, n_items - neighbors, None]
        above, equal = similarities > least, similarities == least
        room = neighbors - np.count_nonzero(above, axis=1)
        kept = above | (equal & (np.cumsum(equal, axis=1) <= room[:, None]))
        similarities = np.where(kept, similarities, 0.0)
    return csr_array(similarities)


def _transposed(blocks: list[Sparse], n_items: int) -> Sparse:
    """Return the blocks of rows, one per scored item, as weights from item in the history to scored item."""
    from scipy.sparse import vstack

    stacked = csr_array(vstack(blocks)) if blocks else csr_array((n_items, n_items), dtype=np.float64)
    return csr_array(stacked.T)
