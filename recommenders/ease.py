"""EASE: the linear item-to-item autoencoder with a closed form (Steck, WWW 2019, arXiv:1905.03375)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommenders.fitted import fitted
from recommenders.item_weights import ItemWeights
from recommenders.limits import above

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class EASE:
    """Ridge regression from a user's items to each other item, in closed form (Steck 2019).

    Minimises ``|X - XB|^2 + reg |B|^2`` with ``diag(B) = 0``: with ``P = (X'X + reg I)^-1`` the solution is
    ``B_ij = -P_ij / P_jj``. Time grows with the cube of the number of items, memory with its square.

    Parameters
    ----------
    reg
        Weight of the penalty, above 0. It competes with counts of interactions, so it is in the hundreds.
    """

    reg: float = 200.0

    deterministic: ClassVar[bool] = True

    _state: ItemWeights | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        above(0, self, "reg")

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "reg": {"low": 10.0, "high": 5000.0, "log": True},
        }

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random here
        """Invert the regularised Gram matrix of the items."""
        history = train.to_csr(np.float64)
        gram = (history.T @ history).toarray()
        gram[np.diag_indices_from(gram)] += self.reg
        self._state = ItemWeights(history, _weights_from(_inverse(gram)))
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the sums of weights from the user's items, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)


def _inverse(gram: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the inverse of a symmetric positive definite matrix, by Cholesky: half the work of a general one."""
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, failed = dpotrf(gram.T, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the regularised Gram matrix is not positive definite; choose a higher reg")
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse, -1)
    np.fill_diagonal(lower, 0.5 * inverse.diagonal())
    return np.asarray(lower + lower.T)


def _weights_from(inverse: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weights = inverse / -inverse.diagonal()
    np.fill_diagonal(weights, 0.0)
    return weights
