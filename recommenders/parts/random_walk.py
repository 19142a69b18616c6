"""Item-to-item weights by random walks on the graph of users and items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from recommenders.parts import footprint

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.train_facts import TrainFacts

    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

NeighborsOf: TypeAlias = Literal["target", "both"]
"""Which items keep only their highest weights: each target of walks, or each origin and each target."""

KERNELS = ("recommenders.kernels.highest", "recommenders.kernels.walks")
"""Modules that `walk_weights` imports, and that take long to load (see `recommenders.parts.model.Model`)."""


def walk_weights(
    history: Sparse, alpha: float, beta: float, neighbors: int, *, neighbors_of: NeighborsOf, normalize: bool
) -> Sparse:
    """Return the weights of walks from one item over a user to another, ``(n_items, n_items)``; rows are origins.

    ``w_ij = (sum over the users u of both of (1 / n_i) ** alpha * (1 / n_u) ** alpha) / n_j ** beta``, with ``n_i``
    users of item ``i`` and ``n_u`` items of user ``u``, and ``w_ii = 0``.

    With ``"target"``, each column keeps its ``neighbors`` highest weights; if ``normalize``, each row is then divided
    by its sum. With ``"both"`` come the steps of the published figures, in the order of their code (Ferrari Dacrema et
    al., TOIS 2021): each row keeps its highest weights; if ``normalize``, each row is divided by its sum; each column
    keeps its highest weights. Of equal weights, those of lower index are kept.
    """
    from recommenders.kernels.highest import highest
    from recommenders.kernels.walks import strongest_walks

    item_counts = np.bincount(history.indices, minlength=history.shape[1])
    to_users, discounts = _power(item_counts, -alpha), _power(item_counts, -beta)
    to_items = _power(np.diff(history.indptr), -alpha)
    if neighbors_of == "target":
        # A weight is a factor of each end times a sum that is the same in both directions: with the factors exchanged,
        # the kernel's rows are targets.
        weights = csr_array(strongest_walks(history, discounts, to_items, to_users, neighbors).T)
        return _shares(weights) if normalize else weights
    weights = strongest_walks(history, to_users, to_items, discounts, neighbors)
    return csr_array(highest(csr_array((_shares(weights) if normalize else weights).T), neighbors).T)


def walk_bytes(facts: TrainFacts, neighbors: int) -> int:
    """Return the most bytes that finding these weights, and scoring with them, hold at once."""
    n_found = footprint.neighbours(facts.n_items, neighbors, facts.item_pairs)
    entry = footprint.DOUBLE + footprint.FLOAT
    kept = footprint.history(facts, footprint.DOUBLE) + entry * n_found
    # The users' items and the items' users, and the indices of both for the kernel. The weights, their transpose, what
    # is cut of it if both are cut, and the shares of rows.
    given = footprint.history(facts, footprint.DOUBLE) + footprint.history(facts, 1)
    finding = 2 * footprint.FLOAT * facts.n_interactions + 4 * entry * n_found
    return max(given + finding, kept + footprint.scored_by_sparse_weights(facts, n_found, facts.n_items))


def _shares(weights: Sparse) -> Sparse:
    """Return the matrix with each row divided by its sum; rows without weights stay. Its values are overwritten."""
    sums = weights.sum(axis=1)
    weights.data *= np.repeat(np.divide(1.0, sums, out=np.zeros(sums.size), where=sums > 0), np.diff(weights.indptr))
    return weights


def _power(counts: npt.NDArray[Any], exponent: float) -> npt.NDArray[np.float64]:
    """Return powers of counts; a count of 0 gives 1, which has no effect: no walk leads there."""
    return np.asarray(np.maximum(counts, 1.0) ** exponent)
