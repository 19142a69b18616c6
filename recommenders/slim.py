"""SLIM: sparse linear item-to-item weights (Ning & Karypis, ICDM 2011), as an elastic net (Levy & Jack, LSRS 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from protocol.blocks import equal_blocks
from recommenders.parts import footprint
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.limits import above, at_least, at_most
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

    Gram = npt.NDArray[np.uint16] | npt.NDArray[np.float32]
    Sparse = csr_array[Any, tuple[int, int]]

BLOCK_BYTES = 2**26
"""Upper limit of the size of the weights that are found before those above zero are copied together."""


@dataclass
class SLIM(DeterministicModel):
    """Sparse regression from a user's items to each other item, with weights of zero or more (Ning & Karypis 2011).

    For each item ``j`` it minimises, over ``w >= 0`` with ``w_j = 0``::

        |x_j - X w|^2 / (2 n_users) + reg * l1_ratio * |w|_1 + reg * (1 - l1_ratio) / 2 * |w|^2

    This is the scaling of scikit-learn's ``ElasticNet`` and of the published figures (Ferrari Dacrema et al., TOIS
    2021). The SLIM paper's penalties are ``lambda = n_users * reg * l1_ratio`` and
    ``beta = n_users * reg * (1 - l1_ratio)``. The method is coordinate descent on the Gram matrix (see
    `recommenders.kernels.elastic_net`). Memory grows with the square of the number of items.

    Parameters
    ----------
    reg
        Weight of both penalties, above 0.
    l1_ratio
        Share of the absolute penalty, 0 to 1. The higher it is, the more weights are zero.
    neighbors
        Weights that each item keeps, the highest ones, at least 1.
    tol
        An item is done when no weight would move farther than this, relative to its highest weight.
    max_iter
        Limit of sweeps for each item.
    """

    reg: float = 0.1
    l1_ratio: float = 0.03
    neighbors: int = 200
    tol: float = 2e-5
    max_iter: int = 1000

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = (
        "recommenders.kernels.gram",
        "recommenders.kernels.elastic_net",
        "recommenders.kernels.highest",
    )

    def __post_init__(self) -> None:
        at_least(1, self, "neighbors", "max_iter")
        at_least(0, self, "l1_ratio", "tol")
        at_most(1, self, "l1_ratio")
        above(0, self, "reg")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "reg": {"low": 0.001, "high": 1.0, "log": True},
            "l1_ratio": {"low": 1e-5, "high": 1.0, "log": True},
            "neighbors": {"low": 5, "high": 800, "log": True},
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        # The counts of the upper triangle in float64; the whole, and the part that is added to it, in float32.
        gram = 2 * footprint.DOUBLE * facts.n_items**2
        n_found = facts.n_items * min(self.neighbors, facts.n_items)
        entry = footprint.DOUBLE + footprint.FLOAT
        counting = 2 * footprint.history(facts, footprint.DOUBLE) + 6 * footprint.DOUBLE * facts.n_interactions
        finding = gram // 4 + min(BLOCK_BYTES, entry * n_found) + 2 * entry * n_found
        kept = 2 * entry * n_found + footprint.scored_by_sparse_weights(facts, n_found, facts.n_items)
        return max(gram + counting, finding, kept)

    def _fitted(self, train: Interactions) -> ItemWeights:
        """Solve one regression per item."""
        from scipy.sparse import vstack

        history = train.to_csr(np.float64)
        gram, most = _gram(history), min(self.neighbors, max(0, train.n_items - 1))
        blocks = equal_blocks(train.n_items, (footprint.DOUBLE + footprint.FLOAT) * most, BLOCK_BYTES)
        weights = [self._weights_to(gram, train.n_users, most, targets) for targets in blocks]
        return ItemWeights(history, csr_array(vstack(weights, format="csr").T))

    def _weights_to(self, gram: Gram, n_users: int, most: int, targets: slice) -> Sparse:
        """Return the weights of consecutive target items, one row for each."""
        from recommenders.kernels.elastic_net import descend
        from recommenders.kernels.highest import closed_up
        from recommenders.kernels.threads import share_out

        n_rows = targets.stop - targets.start
        places, n_found = most * np.arange(n_rows + 1), np.zeros(n_rows, np.int64)
        items, weights = np.empty(most * n_rows, np.int32), np.empty(most * n_rows)
        l1, l2 = (n_users * self.reg * share for share in (self.l1_ratio, 1 - self.l1_ratio))
        share_out(
            partial(descend, gram, l1, l2, self.tol, self.max_iter, targets.start, places, items, weights, n_found),
            np.arange(1, n_rows + 1),
        )
        return closed_up(places, n_found, items, weights, (n_rows, gram.shape[1]))


def _gram(history: Sparse) -> Gram:
    """Return ``X' X``, ``(n_items, n_items)``: short integers if they hold it, else float32 (exact up to 2 ** 24)."""
    from recommenders.kernels.gram import upper_gram

    counts = upper_gram(history)
    is_short = counts.max(initial=0) <= np.iinfo(np.uint16).max
    gram: Gram = counts.astype(np.uint16) if is_short else counts.astype(np.float32)
    gram += np.triu(gram, 1).T
    return gram
