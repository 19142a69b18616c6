"""SLIM: sparse linear item-to-item weights (Ning & Karypis, ICDM 2011), as an elastic net (Levy & Jack, LSRS 2013)."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from protocol.errors import RecommenderError
from recommenders.parts.fitted import fitted
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import above, at_least
from recommenders.parts.neighbors import strongest_by_blocks

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions, Scores

    Sparse = csr_array[Any, tuple[int, int]]


@dataclass
class SLIM:
    """Sparse regression from a user's items to each other item, with weights of zero or more (Ning & Karypis 2011).

    For each item ``j``, over ``w >= 0`` with ``w_j = 0``, in the scaling of scikit-learn's ``ElasticNet`` and of the
    published figures (Ferrari Dacrema et al., TOIS 2021)::

        |x_j - X w|^2 / (2 n_users) + reg * l1_ratio * |w|_1 + reg * (1 - l1_ratio) / 2 * |w|^2

    by coordinate descent on the Gram matrix (see `recommenders.kernels.elastic_net`). The paper's penalties are
    ``lambda = n_users * reg * l1_ratio`` and ``beta = n_users * reg * (1 - l1_ratio)``. Memory grows with the square of
    the number of items.

    Parameters
    ----------
    reg
        Weight of both penalties, above 0.
    l1_ratio
        Share of the absolute penalty, 0 to 1: the higher, the fewer weights.
    neighbors
        Highest weights that are kept of each item, at least 1.
    tol
        An item is done when no weight changes by more than this, relative to its highest, in one round.
    max_iter
        Most rounds for each item.
    """

    reg: float = 0.1
    l1_ratio: float = 0.03
    neighbors: int = 200
    tol: float = 1e-3
    max_iter: int = 1000

    deterministic: ClassVar[bool] = True

    _state: ItemWeights | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors", "max_iter")
        at_least(0, self, "l1_ratio", "tol")
        if self.l1_ratio > 1:
            raise RecommenderError(f"SLIM: l1_ratio is {self.l1_ratio}, expected 0 to 1")
        above(0, self, "reg")
        # Numba takes seconds to load, and more to compile for the first time: here, because `fit` is timed.
        for module in ("recommenders.kernels.gram", "recommenders.kernels.elastic_net"):
            importlib.import_module(module)

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "reg": {"low": 0.001, "high": 1.0, "log": True},
            "l1_ratio": {"low": 1e-5, "high": 1.0, "log": True},
            "neighbors": {"low": 5, "high": 800, "log": True},
        }

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random here
        """Solve one regression per item."""
        from recommenders.kernels.gram import upper_gram

        history = train.to_csr(np.float64)
        upper = upper_gram(history)
        gram = upper + np.triu(upper, 1).T
        targets = partial(self._weights_to, gram, train.n_users)
        weights = strongest_by_blocks(targets, gram.shape, self.neighbors)
        self._state = ItemWeights(history, csr_array(weights.T))
        return self

    def _weights_to(self, gram: npt.NDArray[np.float64], n_users: int, targets: slice) -> Sparse:
        """Return the weights of some items, a row for each."""
        from recommenders.kernels.elastic_net import descend
        from recommenders.kernels.threads import share_out

        weights = np.empty((targets.stop - targets.start, gram.shape[0]))
        l1, l2 = (n_users * self.reg * share for share in (self.l1_ratio, 1 - self.l1_ratio))
        share_out(
            partial(descend, gram, l1, l2, self.tol, self.max_iter, targets.start, weights),
            np.arange(1, len(weights) + 1),
        )
        return csr_array(weights)

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the sums of weights from the user's items, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)
