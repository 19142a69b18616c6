"""Scores of a perceptron over a user's and an item's vectors, compiled.

The first layer is linear in the concatenated vectors: its part of a user and its part of an item are computed once, and
only added for a pair. Everything is float32. The terms of each sum are added in the same order for every pair, so a
score is the same to the last bit however pairs are put together, and with any number of threads.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.arrays import LINE, zeros
from recommenders.kernels.columns import gather
from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.perceptron import add_product, forward
from recommenders.kernels.threads import share_out

if TYPE_CHECKING:
    from protocol.types import IndexArray
    from recommenders.kernels.arrays import Examples, Floats, Sizes

TILE = 256
"""Pairs that are scored at once, at most: their values stay in the cache."""

STRIDE = TILE + 16
"""Distance of two rows of a tile (see `recommenders.kernels.pointwise`)."""


def halves(vectors: Floats, weights: Floats, biases: Floats | None = None) -> Floats:
    """Return the part of the first layer that some vectors have, ``(width, n)`` and columns up to a multiple of `LINE`.

    Parameters
    ----------
    vectors
        ``(n, size)``.
    weights
        ``(width, size)``: the columns of the layer's weights that belong to these vectors.
    biases
        ``(width,)``, or None for zeros.
    """
    n = -(-len(vectors) // LINE) * LINE
    columns, found = zeros(vectors.shape[1], n), zeros(len(weights), n)
    columns[:, : len(vectors)] = vectors.T
    if biases is not None:
        found += biases[:, None]
    _add_halves(np.ascontiguousarray(weights), columns, found)
    return found


def all_scores(user_halves: Floats, item_halves: Floats, layers: Floats, widths: Sizes, n_items: int) -> Floats:
    """Return the scores of all items for some users, ``(n, n_items)``.

    Parameters
    ----------
    user_halves
        ``(n, width)``, with the first layer's biases.
    item_halves
        See `halves`.
    layers
        The layers after the first (see `recommenders.kernels.layout.layer`).
    widths
        int64: of the first layer, of the others, and 1.
    """
    scores = np.empty((len(user_halves), n_items), dtype=np.float32)
    work = partial(_score_all, user_halves, item_halves, layers, widths, scores)
    share_out(work, np.arange(1, len(user_halves) + 1))
    return scores


def some_scores(user_halves: Floats, item_halves: Floats, places: IndexArray, layers: Floats, widths: Sizes) -> Floats:
    """Return the scores of some items for each of some users, ``(n, n_columns)``.

    Parameters
    ----------
    item_halves
        ``(n_distinct, width)``.
    places
        int32, ``(n, n_columns)``: rows of ``item_halves``.
    """
    scores = np.empty(places.shape, dtype=np.float32)
    work = partial(_score_some, user_halves, item_halves, places, layers, widths, scores)
    share_out(work, np.arange(1, len(user_halves) + 1))
    return scores


@kernel("(float32[:, ::1], float32[:, ::1], float32[:, ::1])")
def _add_halves(weights: Floats, columns: Floats, found: Floats) -> None:
    add_product(weights, columns, found, columns.shape[1])


@inlined
def _finish(half: Floats, given: Floats, start: int, layers: Floats, widths: Sizes, values: Floats, n: int) -> Floats:
    """Return scores, at least ``(n,)``, of the items whose halves are the columns of ``given`` from ``start`` on."""
    for unit in range(widths[0]):
        row, own = values[unit], half[unit]
        for k in range(n):
            x = own + given[unit, start + k]
            # ReLU, without a condition (see `recommenders.kernels.perceptron`); a single layer is the output.
            row[k] = np.float32(0.5) * (x + abs(x)) if widths.size > 1 else x
    forward(layers, widths, values, n)
    logits: Floats = values[values.shape[0] - 1]
    return logits


@kernel("(float32[:, ::1], float32[:, ::1], float32[::1], int64[::1], float32[:, ::1], int64, int64)")
def _score_all(
    user_halves: Floats, item_halves: Floats, layers: Floats, widths: Sizes, scores: Floats, first: int, last: int
) -> None:
    values = np.zeros((widths.sum(), STRIDE), dtype=np.float32)
    for user in range(first, last):
        for start in range(0, scores.shape[1], TILE):
            n = min(TILE, scores.shape[1] - start)
            found = _finish(user_halves[user], item_halves, start, layers, widths, values, n)
            for k in range(n):
                scores[user, start + k] = found[k]


@kernel("(float32[:, ::1], float32[:, ::1], int32[:, ::1], float32[::1], int64[::1], float32[:, ::1], int64, int64)")
def _score_some(
    user_halves: Floats,
    item_halves: Floats,
    places: Examples,
    layers: Floats,
    widths: Sizes,
    scores: Floats,
    first: int,
    last: int,
) -> None:
    values = np.zeros((widths.sum(), STRIDE), dtype=np.float32)
    given = np.zeros((widths[0], STRIDE), dtype=np.float32)
    for user in range(first, last):
        for start in range(0, scores.shape[1], TILE):
            n = min(TILE, scores.shape[1] - start)
            gather(item_halves, places[user, start : start + n].reshape((n, 1)), 0, given)
            found = _finish(user_halves[user], given, 0, layers, widths, values, n)
            for k in range(n):
                scores[user, start + k] = found[k]
