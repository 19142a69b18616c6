"""EASE: the linear item-to-item autoencoder with a closed form (Steck, WWW 2019, arXiv:1905.03375)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import above
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

MIRRORED_SQUARE = 128
"""Rows and columns of a square that is mirrored at once: 128 KiB."""


@dataclass
class EASE(DeterministicModel):
    """Ridge regression from a user's items to each other item, in closed form (Steck 2019).

    It minimises ``|X - XB|^2 + reg |B|^2`` with ``diag(B) = 0``. With ``P = (X'X + reg I)^-1`` the solution is
    ``B_ij = -P_ij / P_jj``. Time grows with the cube of the number of items, memory with its square.

    Parameters
    ----------
    reg
        Weight of the penalty, above 0. It is added to counts of interactions, so useful values are in the hundreds.
    """

    reg: float = 200.0

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.gram",)

    def __post_init__(self) -> None:
        above(0, self, "reg")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "reg": {"low": 10.0, "high": 5000.0, "log": True},
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        weights = footprint.DOUBLE * facts.n_items**2
        counting = 2 * footprint.history(facts, footprint.DOUBLE) + 6 * footprint.DOUBLE * facts.n_interactions
        scoring = footprint.history(facts, footprint.DOUBLE) + footprint.DOUBLE * facts.n_scores
        return weights + max(counting, scoring)

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Invert the regularised Gram matrix of the items."""
        from recommenders.kernels.gram import upper_gram

        history = train.to_csr(np.float64)
        gram = upper_gram(history)
        gram[np.diag_indices_from(gram)] += self.reg
        return ItemWeights(history, _weights_from(_inverse(gram)))


def _inverse(gram: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the inverse of a symmetric positive definite matrix; only its upper triangle is read.

    Cholesky's factorisation needs half the work of a general inversion. The matrix is overwritten.
    """
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, failed = dpotrf(gram.T, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the regularised Gram matrix is not positive definite; choose a higher reg")
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    return _mirrored(inverse.T)


def _mirrored(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Copy the upper triangle to the lower one, in place, and return the matrix.

    It goes square by square: a large matrix transposed at once is read against its order in memory.
    """
    n = matrix.shape[0]
    for start in range(0, n, MIRRORED_SQUARE):
        rows = slice(start, min(start + MIRRORED_SQUARE, n))
        square = matrix[rows, rows]
        square[:] = np.triu(square) + np.triu(square, 1).T
        for after in range(rows.stop, n, MIRRORED_SQUARE):
            columns = slice(after, min(after + MIRRORED_SQUARE, n))
            matrix[columns, rows] = matrix[rows, columns].T
    return matrix


def _weights_from(inverse: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return ``-P_ij / P_jj``, and zeros on the diagonal; the inverse is overwritten."""
    inverse /= -inverse.diagonal()
    np.fill_diagonal(inverse, 0.0)
    return inverse
