"""The gradients of BPR's loss and of its penalty in a table of users and items, compiled (Rendle et al., UAI 2009).

The table may be far larger than the processor's cache, and examples are in random order. So the vectors of an example
are fetched while the examples before it are computed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.arrays import LINE
from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.exponential import exponential
from recommenders.kernels.vectors import (
    LANES,
    add,
    load,
    multiply,
    multiply_add,
    prefetch,
    splat,
    store,
    subtract,
    total,
)

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats

AHEAD = 4
"""How many examples before it is computed the vectors of an example are fetched."""


@inlined
def _fetch(examples: Examples, k: int, n_users: int, table: Floats, slopes: Floats) -> None:
    """Fetch the vectors of an example, if there is one, and their gradients."""
    for column in range(3 if k < examples.shape[0] else 0):
        row = examples[k, column] + (n_users if column else 0)
        for f in range(0, table.shape[1], LINE):
            prefetch(table, row, f)
            prefetch(slopes, row, f)


@inlined
def _margin(table: Floats, user: int, positive: int, negative: int) -> np.float32:
    size = table.shape[1]
    whole = size - size % LANES
    terms = splat(np.float32(0))
    for f in range(0, whole, LANES):
        terms = multiply_add(load(table, user, f), subtract(load(table, positive, f), load(table, negative, f)), terms)
    margin: np.float32 = total(terms)
    for f in range(whole, size):
        margin += table[user, f] * (table[positive, f] - table[negative, f])
    return margin


@inlined
def _pull(table: Floats, slopes: Floats, u: int, i: int, j: int, pull: np.float32) -> None:
    """Add the gradients of an example whose rows are different ones."""
    size = table.shape[1]
    whole, pulls = size - size % LANES, splat(pull)
    for f in range(0, whole, LANES):
        to_user = multiply(pulls, subtract(load(table, i, f), load(table, j, f)))
        to_item = multiply(pulls, load(table, u, f))
        store(slopes, u, f, subtract(load(slopes, u, f), to_user))
        store(slopes, i, f, subtract(load(slopes, i, f), to_item))
        store(slopes, j, f, add(load(slopes, j, f), to_item))
    for f in range(whole, size):
        to_one = pull * table[u, f]
        slopes[u, f] -= pull * (table[i, f] - table[j, f])
        slopes[i, f] -= to_one
        slopes[j, f] += to_one


@kernel("(int32[:, ::1], int64, float32[:, ::1], float32[:, ::1])")
def add_slopes(examples: Examples, n_users: int, table: Floats, slopes: Floats) -> float:
    """Add the gradients of BPR's mean loss over a batch, ``-ln sigmoid(e_u . (e_i - e_j))``; return the sum of losses.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: user, positive and negative item.
    table
        Users and items, ``(n_rows, size)``.
    slopes
        The gradients, of the same shape.
    """
    losses = 0.0
    one = np.float32(1)
    share = np.float32(1 / max(1, examples.shape[0]))
    for k in range(examples.shape[0]):
        _fetch(examples, k + AHEAD, n_users, table, slopes)
        u, i, j = examples[k, 0], n_users + examples[k, 1], n_users + examples[k, 2]
        margin = _margin(table, u, i, j)
        small = exponential(-abs(margin))
        losses += float(max(-margin, np.float32(0))) + math.log1p(small)
        _pull(table, slopes, u, i, j, np.float32(share * (small if margin >= 0 else one) / (one + small)))
    return losses


@kernel("(int32[:, ::1], int64, float64, float32[:, ::1], float32[:, ::1])")
def add_shrinkage(examples: Examples, n_users: int, reg: float, table: Floats, slopes: Floats) -> None:
    """Add the gradients of ``reg / 2`` times the mean of ``|e_u|^2 + |e_i|^2 + |e_j|^2`` over a batch."""
    share = np.float32(reg / max(1, examples.shape[0]))
    for k in range(examples.shape[0]):
        _fetch(examples, k + AHEAD, n_users, table, slopes)
        for column in range(3):
            row = examples[k, column] + (n_users if column else 0)
            for f in range(table.shape[1]):
                slopes[row, f] += share * table[row, f]
