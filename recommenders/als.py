"""Implicit alternating least squares (Hu, Koren & Volinsky, ICDM 2008), regularised by frequency (Rendle et al.)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommenders.factors import Factors, initial_vectors
from recommenders.fitted import fitted
from recommenders.limits import above, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from scipy.sparse import csr_array

    from protocol.types import IndexArray, Interactions, Scores

    Vectors = npt.NDArray[np.float32]
    Sparse = csr_array[Any, tuple[int, int]]

BLOCK_BYTES = 32 * 2**20


@dataclass
class ALS:
    """Matrix factorisation for implicit feedback by alternating least squares (Hu et al. 2008, iALS).

    Minimises, over all vectors ``w_u`` and ``h_i``::

        sum over interactions of (w_u . h_i - 1)^2  +  unobserved_weight * sum over all pairs of (w_u . h_i)^2
        + reg * (sum of f_u |w_u|^2 + sum of f_i |h_i|^2)

    with ``f_u = (n_u + unobserved_weight * n_items) ** reg_exponent`` for a user with ``n_u`` interactions, and
    likewise for items: the form and the scaling of Rendle et al., "Revisiting the Performance of iALS on Item
    Recommendation Benchmarks" (RecSys 2022, arXiv:2110.14037). In each epoch all users are solved exactly, then all
    items. The loss is the objective divided by the number of interactions.

    Parameters
    ----------
    embedding_size
        Length of the vectors.
    epochs
        Of users and items, each once.
    reg
        Above 0.
    unobserved_weight
        Weight of a pair that nobody touched, above 0, where an interaction weighs this plus 1.
    reg_exponent
        1: a frequent user's vector is held back as much, per interaction, as a rare one's. 0: all vectors alike.
    """

    embedding_size: int = 64
    epochs: int = 18
    reg: float = 0.01
    unobserved_weight: float = 0.2
    reg_exponent: float = 1.0

    deterministic: ClassVar[bool] = False

    _state: Factors | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        at_least(0, self, "epochs")
        above(0, self, "reg", "unobserved_weight")

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "reg": {"low": 0.001, "high": 0.1, "log": True},
            "unobserved_weight": {"low": 0.02, "high": 1.0, "log": True},
            "epochs": 60,
        }

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Run all epochs."""
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Solve for users, then for items, and yield the objective per interaction."""
        users = initial_vectors(train.n_users, self.embedding_size, rng)
        items = initial_vectors(train.n_items, self.embedding_size, rng)
        self._state = Factors(users, items)
        by_user = train.to_csr(np.float32)
        by_item = by_user.T.tocsr()
        penalties = self._penalties(by_user), self._penalties(by_item)
        for _ in range(self.epochs):
            self._solve(by_user, users, items, penalties[0])
            explained = self._solve(by_item, items, users, penalties[1])
            objective = len(train) - explained + float(penalties[0] @ np.sum(users**2, axis=1))
            yield objective / max(1, len(train))

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return inner products, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return inner products with all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)

    def _penalties(self, interactions: Sparse) -> Vectors:
        """Return the factor of each row's squared length in the objective, float32, ``(n_rows,)``."""
        frequencies = np.diff(interactions.indptr) + self.unobserved_weight * interactions.shape[1]
        return (self.reg * frequencies**self.reg_exponent).astype(np.float32)

    def _solve(self, interactions: Sparse, solved: Vectors, given: Vectors, penalties: Vectors) -> float:
        """Overwrite each vector in ``solved`` with the minimiser of the objective, those in ``given`` held fixed.

        The vector ``w`` of a row with the columns ``S`` solves ``(sum over S of h h' + unobserved_weight * H'H +
        penalty I) w = b`` with ``b = sum over S of h``. At the solution the row's part of the objective, its penalty
        included, is ``|S| - b . w``.

        Returns
        -------
        float
            The sum of ``b . w`` over all rows.
        """
        size = self.embedding_size
        everywhere = self.unobserved_weight * (given.T @ given)
        # One more vector of zeros fills up the rows of a block to one length.
        padded = np.concatenate((given, np.zeros((1, size), dtype=np.float32)))
        explained = 0.0
        for rows, columns in _equal_blocks(interactions, size):
            vectors = padded[columns]
            normal = vectors.transpose(0, 2, 1) @ vectors
            normal += everywhere
            normal[:, np.arange(size), np.arange(size)] += penalties[rows, None]
            totals = vectors.sum(axis=1)
            solved[rows] = np.linalg.solve(normal, totals[:, :, None])[:, :, 0]
            explained += float(np.sum(totals * solved[rows], dtype=np.float64))
        return explained


def _equal_blocks(interactions: Sparse, size: int) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]]:
    """Yield blocks of rows with similar numbers of entries, filled up to one length.

    Yields
    ------
    rows, columns
        ``(n,)`` and ``(n, length)``: the rows' column indices, filled up with the number of columns.
    """
    counts = np.diff(interactions.indptr)
    order = np.argsort(counts, kind="stable")
    start = 0
    while start < order.size:
        shortest = counts[order[start]]
        stop = start + int(np.searchsorted(counts[order[start:]], shortest + shortest // 8 + 4, side="right"))
        length = int(counts[order[stop - 1]])
        stop = min(stop, start + max(1, BLOCK_BYTES // (4 * size * (length + size))))
        rows = order[start:stop]
        places = np.arange(length)
        taken = places < counts[rows, None]
        columns = np.full((rows.size, length), interactions.shape[1], dtype=np.int32)
        columns[taken] = interactions.indices[(interactions.indptr[rows, None] + places)[taken]]
        yield rows, columns
        start = stop
