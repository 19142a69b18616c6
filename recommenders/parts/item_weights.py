"""Scoring with item-to-item weights: the sum of the weights from the items in the user's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse

from protocol.blocks import equal_blocks

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Scores

    Matrix: TypeAlias = npt.NDArray[np.float64] | csr_array[Any, tuple[int, int]]

BLOCK_BYTES = 2**21
"""Size of a block of full rows of scores; it has at least one row. Larger blocks are allocated anew each time."""


@dataclass(frozen=True, eq=False)
class ItemWeights:
    """A fitted item-to-item model.

    Parameters
    ----------
    history
        The users' training items as ones, ``(n_users, n_items)``, float64.
    weights
        ``(n_items, n_items)``, float64. Row: an item of the history. Column: the scored item.
    """

    history: csr_array[Any, tuple[int, int]]
    weights: Matrix

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64; full rows are computed in blocks."""
        scores = np.empty(items.shape, dtype=np.float64)
        for block in equal_blocks(users.size, 8 * self.weights.shape[1], BLOCK_BYTES):
            scores[block] = np.take_along_axis(self.score_all(users[block]), items[block], axis=1)
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64."""
        product = self.history[users] @ self.weights
        return product.toarray() if issparse(product) else np.asarray(product)
