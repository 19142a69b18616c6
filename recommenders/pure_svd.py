"""PureSVD: the truncated singular value decomposition (Cremonesi, Koren & Turrin, RecSys 2010)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.factors import Factors
from recommenders.parts.limits import at_least
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_array

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

    Reals = npt.NDArray[np.float64]
    Sparse = csr_array[Any, tuple[int, int]]

TOL = 1e-5
"""How exact singular values are, relative; SciPy squares it for ARPACK. It is far below a float32's last digit."""


@dataclass
class PureSVD(DeterministicModel):
    """The best approximation of the interactions, as zeros and ones, by a matrix of low rank.

    "Performance of Recommender Algorithms on Top-N Recommendation Tasks". ``X ~ U S V'`` with the ``embedding_size``
    largest singular values, and ``score(u, i) = x_u V v_i'``; for a user ``u`` of the training set this equals
    ``(U S)_u v_i'``.

    Parameters
    ----------
    embedding_size
        Rank, at least 1. If there are fewer users or items, the rank is their number.
    """

    embedding_size: int = 32

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.ones",)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": {"low": 4, "high": 256, "log": True},
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        history = footprint.history(facts, footprint.DOUBLE)
        smaller, larger = sorted((facts.n_users, facts.n_items))
        if self.embedding_size >= smaller:
            # All is decomposed as a dense matrix: it, its copy, and the vectors of both sides.
            decomposing = 3 * footprint.DOUBLE * facts.n_users * facts.n_items
        else:
            # The Lanczos vectors, and the vectors of both sides, each twice.
            rank = self.embedding_size
            decomposing = footprint.DOUBLE * ((2 * rank + 1) * smaller + 2 * rank * (smaller + larger))
        kept = 2 * footprint.FLOAT * (smaller + larger) * self.embedding_size
        return max(2 * history + decomposing, kept + footprint.scored_by_factors(facts, self.embedding_size))

    def _fitted(self, train: Interactions) -> Factors:
        """Decompose the matrix of interactions."""
        left, values, right = _decomposed(train.to_csr(np.float64), self.embedding_size)
        users, items = left * values, right.T
        return Factors(users.astype(np.float32), items.astype(np.float32))


def _decomposed(matrix: Sparse, rank: int) -> tuple[Reals, Reals, Reals]:
    """Return left vectors, values and right vectors of the ``rank`` largest singular values, or of all if fewer."""
    from scipy.sparse.linalg import svds

    from recommenders.kernels.ones import operator_of

    smaller = min(matrix.shape)
    # ARPACK cannot compute all singular values, and fails on a matrix without entries.
    if rank >= smaller or not matrix.nnz:
        left, values, right = np.linalg.svd(matrix.toarray(), full_matrices=False)
        return left[:, :rank], values[:rank], right[:rank]
    # A start that is always the same, and is unlikely to be orthogonal to a singular vector of symmetric data.
    start = np.cos(np.arange(smaller))
    left, values, right = map(np.asarray, svds(operator_of(matrix), k=rank, v0=start, tol=TOL))
    return left, values, right
