"""Sums over the neighbours in the graph of users and items, compiled: the convolution of LightGCN (He et al., 2020).

Users and items are the rows of one table. A step of propagation is the product with the normalised adjacency matrix,

    out_r = sum over the neighbours c of r of e_c / sqrt(n_r n_c),

with ``n_r`` neighbours of ``r``. The matrix is symmetric, so the gradients of the input are the same sums over the
gradients of the output. Rows do not depend on each other, so the result is the same to the last bit with any number of
threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np

from recommenders.kernels.arrays import zeros
from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.exponential import exponential
from recommenders.kernels.threads import share_out
from recommenders.kernels.vectors import LANES, load, multiply_add, splat, subtract, total

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import Interactions
    from recommenders.kernels.arrays import Examples, Floats

    Offsets = npt.NDArray[np.int64]
    Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Graph:
    """The users' items and the items' users; users are the first rows.

    Parameters
    ----------
    offsets, neighbors
        Row ``r`` has the neighbours ``neighbors[offsets[r] : offsets[r + 1]]``.
    scales
        float32, ``(n_rows,)``: ``1 / sqrt(n_r)``.
    """

    offsets: Offsets
    neighbors: Indices
    scales: Floats

    @classmethod
    def of(cls, train: Interactions) -> Self:
        """Return the graph of some interactions."""
        history = train.to_csr(np.float32)
        by_item = history.T.tocsr()
        offsets = np.concatenate((history.indptr, history.nnz + by_item.indptr[1:])).astype(np.int64)
        neighbors = np.concatenate((train.n_users + history.indices, by_item.indices)).astype(np.int32)
        scales = 1 / np.sqrt(np.maximum(np.diff(offsets), 1))
        return cls(offsets, neighbors, scales.astype(np.float32))

    def averaged(self, table: Floats, n_layers: int) -> Floats:
        """Return the mean of a table, ``(n_rows, size)``, and of the results of ``n_layers`` steps of propagation."""
        mean, given = zeros(*table.shape), table
        mean[:] = table
        for _ in range(n_layers):
            passed = np.empty_like(mean)
            work = partial(_pass_on, self.offsets, self.neighbors, self.scales, given, passed, mean)
            share_out(work, self.offsets[1:] + np.arange(1, self.scales.size + 1))
            given = passed
        mean /= np.float32(n_layers + 1)
        return mean


@kernel(
    f"({READ_ONLY.format('int64')}, {READ_ONLY.format('int32')}, {READ_ONLY.format('float32')}, "
    "float32[:, ::1], float32[:, ::1], float32[:, ::1], int64, int64)"
)
def _pass_on(
    offsets: Offsets,
    neighbors: Indices,
    scales: Floats,
    given: Floats,
    passed: Floats,
    total: Floats,
    start: int,
    stop: int,
) -> None:
    """Overwrite the rows ``start .. stop - 1`` of ``passed`` with sums over ``given``, and add them to ``total``."""
    size = given.shape[1]
    for row in range(start, stop):
        sums = passed[row]
        for f in range(size):
            sums[f] = 0.0
        for k in range(offsets[row], offsets[row + 1]):
            other = neighbors[k]
            factor, vector = scales[row] * scales[other], given[other]
            for f in range(size):
                sums[f] += factor * vector[f]
        for f in range(size):
            total[row, f] += sums[f]


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
        u, i, j = examples[k, 0], n_users + examples[k, 1], n_users + examples[k, 2]
        margin = _margin(table, u, i, j)
        small = exponential(-abs(margin))
        losses += float(max(-margin, np.float32(0))) + math.log1p(small)
        pull = np.float32(share * (small if margin >= 0 else one) / (one + small))
        for f in range(table.shape[1]):
            user, apart = table[u, f], table[i, f] - table[j, f]
            slopes[u, f] -= pull * apart
            slopes[i, f] -= pull * user
            slopes[j, f] += pull * user
    return losses


@kernel("(int32[:, ::1], int64, float64, float32[:, ::1], float32[:, ::1])")
def add_shrinkage(examples: Examples, n_users: int, reg: float, table: Floats, slopes: Floats) -> None:
    """Add the gradients of ``reg / 2`` times the mean of ``|e_u|^2 + |e_i|^2 + |e_j|^2`` over a batch."""
    share = np.float32(reg / max(1, examples.shape[0]))
    for k in range(examples.shape[0]):
        for column in range(3):
            row = examples[k, column] + (n_users if column else 0)
            for f in range(table.shape[1]):
                slopes[row, f] += share * table[row, f]
