"""Item-to-item weights by random walks on the graph of users and items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from recommenders.parts import footprint
from recommenders.parts.neighbors import BLOCK_BYTES, ENTRY_BYTES, strongest, strongest_by_blocks, without_diagonal

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.train_facts import TrainFacts

    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]


def walk_weights(history: Sparse, alpha: float, beta: float, neighbors: int, *, normalize: bool) -> Sparse:
    """Return the weights of walks from one item over a user to another, ``(n_items, n_items)``; rows are origins.

    ``w_ij = (sum over the users u of both of (1 / n_i) ** alpha * (1 / n_u) ** alpha) / n_j ** beta``, with ``n_i``
    users of item ``i`` and ``n_u`` items of user ``u``, and ``w_ii = 0``. Then come the steps of the published figures,
    in the order of their code (Ferrari Dacrema et al., TOIS 2021): each row keeps its ``neighbors`` highest weights;
    if ``normalize``, each row is divided by its sum; each column keeps its ``neighbors`` highest weights.
    """
    n_items = history.shape[1]
    item_counts = np.bincount(history.indices, minlength=n_items).astype(np.float64)
    to_items = _scaled(history, _power(np.diff(history.indptr), -alpha))
    to_users = _scaled(csr_array(history.T), _power(item_counts, -alpha))
    discounts = _power(item_counts, -beta)

    def walks(rows: slice) -> Sparse:
        block = csr_array(to_users[rows] @ to_items)
        block.data *= discounts[block.indices]
        return without_diagonal(block, rows.start)

    weights = strongest_by_blocks(walks, (n_items, n_items), neighbors)
    if normalize:
        sums = weights.sum(axis=1)
        weights = _scaled(weights, np.divide(1.0, sums, out=np.zeros(n_items), where=sums > 0))
    return csr_array(strongest(csr_array(weights.T), neighbors).T)


def walk_bytes(facts: TrainFacts, neighbors: int) -> int:
    """Return the most bytes that finding these weights, and scoring with them, hold at once."""
    n_found = footprint.neighbours(facts.n_items, neighbors, facts.item_pairs)
    entry = footprint.DOUBLE + footprint.FLOAT
    # The users' items and the items' users, each with the probabilities of a step.
    given = 2 * footprint.history(facts, footprint.DOUBLE) + 2 * footprint.DOUBLE * facts.n_interactions
    # Walks of a block, their discounts, and the row of each.
    share = min(1.0, BLOCK_BYTES / (ENTRY_BYTES * max(1, facts.n_items**2)))
    block = (entry + 2 * footprint.DOUBLE) * int(share * footprint.met(facts.n_items, facts.item_pairs))
    kept = footprint.history(facts, footprint.DOUBLE) + entry * n_found
    return max(
        given + block + 3 * entry * n_found, kept + footprint.scored_by_sparse_weights(facts, n_found, facts.n_items)
    )


def _power(counts: npt.NDArray[Any], exponent: float) -> npt.NDArray[np.float64]:
    """Return powers of counts; a count of 0 gives 1, which has no effect: no walk leads there."""
    return np.asarray(np.maximum(counts, 1.0) ** exponent)


def _scaled(matrix: Sparse, factors: npt.NDArray[np.float64]) -> Sparse:
    """Return a matrix with each row multiplied by its factor."""
    data = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
