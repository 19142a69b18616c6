"""The bytes that shared parts of models hold, from which models say what they need (see `protocol.contract`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from recommenders.parts.factors import BLOCK_BYTES

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts

FLOAT, DOUBLE = 4, 8
"""Bytes of a float32 and of a float64; those of an int32 and an int64, too."""

_SAMPLER_MADE, _SAMPLER_KEPT = 88, 8
"""Bytes for each interaction while a `recommenders.kernels.sampling.Sampler` is made, and of the finished one."""

_SAMPLER_BLOCK, _PART = 2**17, 2**24
"""`BLOCK` and `PART` of that module, which loads numba and so is not imported here."""

_EXAMPLE = 3 * FLOAT

_LEFT, _MOST_LEFT = 48, 2**26
"""Bytes for each interaction that C's allocator keeps of what making a sampler gave back; larger arrays it returns."""


def history(facts: TrainFacts, value: int) -> int:
    """Return the bytes of the users' items as a sparse matrix of ones, whose values have ``value`` bytes."""
    return (value + FLOAT) * facts.n_interactions + FLOAT * (facts.n_users + 1)


def sampler_made(facts: TrainFacts) -> int:
    """Return the bytes while a sampler of negatives is made."""
    at_once = min(facts.n_interactions, max(_SAMPLER_BLOCK, facts.longest_history))
    return _SAMPLER_MADE * at_once + sampler(facts)


def sampler(facts: TrainFacts) -> int:
    """Return the bytes of a sampler of negatives."""
    return _SAMPLER_KEPT * facts.n_interactions + DOUBLE * facts.n_users


def examples(facts: TrainFacts, for_each: int, epochs: int) -> int:
    """Return the bytes of a part of an epoch's examples; a part is given up only once the next one is there.

    Parameters
    ----------
    for_each
        Examples for each interaction.
    """
    whole = for_each * facts.n_interactions
    if whole <= _PART:
        return min(epochs, 2) * _EXAMPLE * whole
    order, chosen = FLOAT * facts.n_interactions, 2 * FLOAT * _PART // for_each
    return order + chosen + min(2, epochs * math.ceil(whole / _PART)) * _EXAMPLE * _PART


def sampled(facts: TrainFacts, for_each: int, epochs: int) -> int:
    """Return the bytes of sampling: of making the sampler, or of the sampler and its `examples`."""
    left = min(_LEFT * facts.n_interactions, _MOST_LEFT)
    return max(sampler_made(facts), sampler(facts) + left + examples(facts, for_each, epochs))


def scored_by_factors(facts: TrainFacts, size: int) -> int:
    """Return the bytes of scoring with `recommenders.parts.factors.Factors` of a size, without their own."""
    all_items = DOUBLE * facts.n_items * size if facts.ranks_all else 0
    return all_items + 2 * BLOCK_BYTES + (DOUBLE + FLOAT) * facts.n_scores


def scored_by_tower(facts: TrainFacts, size: int, layers: tuple[int, ...]) -> int:
    """Return the bytes of scoring with a `recommenders.parts.tower.Tower`, without its own.

    Parameters
    ----------
    size
        Of a vector.
    layers
        Widths of the hidden layers.
    """
    columns = facts.n_items if facts.ranks_all else facts.n_negatives + 1
    n_items = facts.n_items if facts.ranks_all else min(facts.n_items, facts.n_scores)
    # Vectors and their part of the first layer, each by rows and by columns, of the items and users of a call.
    halves = (n_items + facts.n_scores // columns) * 2 * FLOAT * (size + (*layers, 1)[0])
    return halves + (DOUBLE + FLOAT) * facts.n_scores


def scored_by_sparse_weights(facts: TrainFacts, n_found: int, n_rows: int) -> int:
    """Return the bytes of scoring with sparse `recommenders.parts.item_weights.ItemWeights`, without their own.

    Parameters
    ----------
    n_found, n_rows
        See `neighbours`.
    """
    # A user's row of the product has an entry for each of the user's items and each neighbour, at most.
    entries = facts.n_interactions / max(1, facts.n_users) * n_found / max(1, n_rows)
    share = min(1.0, entries / max(1, facts.n_items))
    return DOUBLE * facts.n_scores + int((DOUBLE + FLOAT) * share * facts.n_scores)


def neighbours(n: int, neighbors: int, pairs: int) -> int:
    """Return how many neighbours ``n`` rows have together, at most.

    Parameters
    ----------
    neighbors
        The most of one row.
    pairs
        As in `TrainFacts.item_pairs`: rows without a common member are no neighbours, and a row is none of its own.
    """
    return min(n * min(neighbors, max(0, n - 1)), met(n, pairs))


def met(n: int, pairs: int) -> int:
    """Return how many of ``n * n`` places are met by so many pairs, if each falls on a place at random."""
    return int(-math.expm1(-pairs / n**2) * n**2) if n else 0


def nearest_made(facts: TrainFacts, n_found: int, n_rows: int) -> int:
    """Return the bytes while `recommenders.kernels.cosine.nearest` finds neighbours among ``n_rows`` rows.

    Parameters
    ----------
    n_found
        See `neighbours`.
    """
    # The sets and the owners of each member, whose values have a byte; and the sums of a block's meetings.
    given = 2 * history(facts, 1)
    meeting = 3 * DOUBLE * min(facts.n_interactions, 2**20)
    found = (FLOAT + DOUBLE) * n_found
    # Counts and rows met by each thread.
    rows = facts.threads * 2 * FLOAT * n_rows + 6 * DOUBLE * n_rows
    return given + max(meeting, 2 * found) + rows
