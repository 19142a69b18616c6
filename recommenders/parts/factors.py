"""Scoring with latent factors: inner products of user and item vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import equal_blocks

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Scores

    Vectors = npt.NDArray[np.float32]

BLOCK_BYTES = 2**19
"""Gathered vectors are processed in blocks of this size, so that they stay in a core's own cache."""

INITIAL_SCALE = 0.1
"""Expected length of a vector before training."""


def initial_vectors(n: int, size: int, rng: np.random.Generator) -> Vectors:
    """Return ``n`` random vectors, ``(n, size)``, normal with mean zero and about `INITIAL_SCALE` long."""
    return np.asarray(INITIAL_SCALE / np.sqrt(size) * rng.standard_normal((n, size)), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Factors:
    """Fitted factors; the score is ``sum_k weights[k] * users[u, k] * items[i, k] + biases[i]``.

    Training may still write to the arrays. They are float32; products are summed in float64, so that `score` and
    `score_all` agree.

    Parameters
    ----------
    users, items
        ``(n_users, embedding_size)`` and ``(n_items, embedding_size)``.
    biases
        ``(n_items,)``, or None for zeros.
    weights
        ``(embedding_size,)``, or None for ones.
    """

    users: Vectors
    items: Vectors
    biases: Vectors | None = None
    weights: Vectors | None = None

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64."""
        scores = np.empty(items.shape, dtype=np.float64)
        for block in equal_blocks(users.size, 8 * items.shape[1] * self.items.shape[1], BLOCK_BYTES):
            vectors = self.items[items[block]].astype(np.float64)
            scores[block] = (vectors @ self._weighted(users[block])[:, :, None])[:, :, 0]
        return scores if self.biases is None else scores + self.biases[items]

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64."""
        scores = self._weighted(users) @ self.items.astype(np.float64).T
        return np.asarray(scores if self.biases is None else scores + self.biases)

    def _weighted(self, users: IndexArray) -> npt.NDArray[np.float64]:
        vectors = self.users[users].astype(np.float64)
        return vectors if self.weights is None else vectors * self.weights
