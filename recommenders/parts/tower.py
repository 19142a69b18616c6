"""Scoring with a multi-layer perceptron over a user's and an item's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import equal_blocks
from recommenders.parts.factors import BLOCK_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from protocol.types import IndexArray, Scores

    Vectors = npt.NDArray[np.float32]
    Exact = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tower:
    """A fitted perceptron: concatenated vectors as input, layers with ReLU between them, one number as output.

    Training may still write to the arrays. They are float32; everything is computed in float64, so that `score` and
    `score_all` agree. The first layer is linear in the concatenated vectors, so its two halves are computed once per
    user and once per item, and only added for each pair.

    Parameters
    ----------
    users, items
        ``(n_users, embedding_size)`` and ``(n_items, embedding_size)``.
    weights, biases
        Per layer ``(width, width before)`` and ``(width,)``; the last layer's width is 1.
    """

    users: Vectors
    items: Vectors
    weights: Sequence[Vectors]
    biases: Sequence[Vectors]

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64."""
        distinct, places = np.unique(items, return_inverse=True)
        item_halves = self._item_halves(distinct)
        places = places.reshape(items.shape)
        scores = np.empty(items.shape, dtype=np.float64)
        for block in self._blocks(users.size, items.shape[1]):
            scores[block] = self._rest(self._user_halves(users[block])[:, None, :] + item_halves[places[block]])
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64."""
        n_items = self.items.shape[0]
        item_halves = self._item_halves(np.arange(n_items, dtype=np.int32))
        scores = np.empty((users.size, n_items), dtype=np.float64)
        for block in self._blocks(users.size, n_items):
            scores[block] = self._rest(self._user_halves(users[block])[:, None, :] + item_halves)
        return scores

    def _blocks(self, n_users: int, n_columns: int) -> Sequence[slice]:
        return list(equal_blocks(n_users, 8 * n_columns * max(bias.size for bias in self.biases), BLOCK_BYTES))

    def _user_halves(self, users: IndexArray) -> Exact:
        weights = self.weights[0][:, : self.users.shape[1]].astype(np.float64)
        return self.users[users].astype(np.float64) @ weights.T + self.biases[0]

    def _item_halves(self, items: IndexArray) -> Exact:
        weights = self.weights[0][:, self.users.shape[1] :].astype(np.float64)
        return np.asarray(self.items[items].astype(np.float64) @ weights.T)

    def _rest(self, values: Exact) -> Exact:
        """Run the layers after the first: ``(n, n_columns, width)`` -> ``(n, n_columns)``."""
        for weights, biases in zip(self.weights[1:], self.biases[1:], strict=True):
            np.maximum(values, 0.0, out=values)
            # As one matrix: NumPy multiplies the matrices of a stack one by one.
            flat = values.reshape(-1, values.shape[-1]) @ weights.T.astype(np.float64) + biases
            values = flat.reshape(*values.shape[:-1], -1)
        return values[..., 0]
