"""Scoring with a multi-layer perceptron over a user's and an item's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.tower import all_scores, halves, some_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from protocol.types import IndexArray, Scores
    from recommenders.kernels.arrays import Sizes

    Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Tower:
    """A fitted perceptron: concatenated vectors as input, layers with ReLU between them, one number as output.

    Training may still write to the arrays. `score` and `score_all` agree to the last bit (see
    `recommenders.kernels.tower`).

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
        """Return the scores of candidates, ``(n, n_candidates)``, float32."""
        distinct, places = np.unique(items, return_inverse=True)
        own = np.ascontiguousarray(self._item_halves(self.items[distinct]).T)
        return some_scores(self._user_halves(users), own, places.reshape(items.shape).astype(np.int32), *self._rest())

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float32."""
        return all_scores(self._user_halves(users), self._item_halves(self.items), *self._rest(), len(self.items))

    def _user_halves(self, users: IndexArray) -> Vectors:
        found = halves(self.users[users], self.weights[0][:, : self.users.shape[1]], self.biases[0])
        return np.ascontiguousarray(found.T[: users.size])

    def _item_halves(self, items: Vectors) -> Vectors:
        return halves(items, self.weights[0][:, self.users.shape[1] :])

    def _rest(self) -> tuple[Vectors, Sizes]:
        """Return the layers after the first one as one array, and all widths but that of the input."""
        flat = [np.zeros(0, dtype=np.float32)]
        for weights, biases in zip(self.weights[1:], self.biases[1:], strict=True):
            flat += [weights.ravel(), biases]
        return np.concatenate(flat), np.array([biases.size for biases in self.biases], dtype=np.int64)
