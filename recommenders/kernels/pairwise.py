"""Training of matrix factorisation on comparisons, compiled: the descent of BPR (Rendle et al., UAI 2009).

With ``m = x_ui - x_uj``, the margin of a positive item ``i`` over a negative ``j``, and ``x_ui = w_u . h_i + b_i``, the
objective of an example is ``-ln sigmoid(m) + reg / 2 * (|w_u|^2 + |h_i|^2 + |h_j|^2 + b_i^2 + b_j^2)``. A step against
its gradient, ``learning_rate`` long, with ``pull = learning_rate * sigmoid(-m)`` and
``shrink = learning_rate * reg``, adds

- ``pull * (h_i - h_j) - shrink * w_u`` to ``w_u``;
- ``pull * w_u - shrink * h_i`` to ``h_i`` and ``pull - shrink * b_i`` to ``b_i``;
- ``-pull * w_u - shrink * h_j`` to ``h_j`` and ``-pull - shrink * b_j`` to ``b_j``.

All steps of a batch are computed from the same vectors, which are copied first; then they are added up. Everything is
float32, in one thread and in a fixed order: equal examples give equal parameters, to the last bit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.exponential import exponential
from recommenders.kernels.vectors import LANES, load, multiply_add, splat, subtract, total

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats


@inlined
def _margin(vectors: Floats) -> np.float32:
    """Return the margin of an example, without biases, from its three vectors."""
    size = vectors.shape[1]
    whole = size - size % LANES
    terms = splat(np.float32(0))
    for f in range(0, whole, LANES):
        apart = subtract(load(vectors, 1, f), load(vectors, 2, f))
        terms = multiply_add(load(vectors, 0, f), apart, terms)
    margin: np.float32 = total(terms)
    for f in range(whole, size):
        margin += vectors[0, f] * (vectors[1, f] - vectors[2, f])
    return margin


@inlined
def _copy(vector: Floats, to: Floats) -> None:
    for f in range(vector.size):
        to[f] = vector[f]


@kernel("(int32[:, ::1], int64, float32[:, ::1], float32[:, ::1], float32[::1], float64, float64)")
def descend(
    examples: Examples,
    batch_size: int,
    users: Floats,
    items: Floats,
    biases: Floats,
    learning_rate: float,
    reg: float,
) -> float:
    """Visit all examples, batch by batch.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: user, positive and negative item.
    users, items, biases
        ``(n_users, size)``, ``(n_items, size)`` and ``(n_items,)``, changed in place.

    Returns
    -------
    float
        The sum of ``-ln sigmoid(m)``, each computed before the step of its batch.
    """
    rate, shrink, one = np.float32(learning_rate), np.float32(learning_rate * reg), np.float32(1)
    longest = min(batch_size, examples.shape[0])
    vectors = np.empty((longest, 3, users.shape[1]), dtype=np.float32)
    scalars = np.empty((longest, 3), dtype=np.float32)
    losses = 0.0
    for start in range(0, examples.shape[0], batch_size):
        batch = examples[start : start + batch_size]
        for k in range(batch.shape[0]):
            u, i, j = batch[k, 0], batch[k, 1], batch[k, 2]
            _copy(users[u], vectors[k, 0])
            _copy(items[i], vectors[k, 1])
            _copy(items[j], vectors[k, 2])
            scalars[k, 1], scalars[k, 2] = biases[i], biases[j]
        for k in range(batch.shape[0]):
            margin = _margin(vectors[k]) + scalars[k, 1] - scalars[k, 2]
            small = exponential(-abs(margin))
            losses += max(-margin, np.float32(0)) + math.log1p(small)
            scalars[k, 0] = rate * (small if margin >= 0 else one) / (one + small)
        for k in range(batch.shape[0]):
            u, i, j = batch[k, 0], batch[k, 1], batch[k, 2]
            user, positive, negative = users[u], items[i], items[j]
            old_user, old_positive, old_negative = vectors[k, 0], vectors[k, 1], vectors[k, 2]
            pull = scalars[k, 0]
            for f in range(user.size):
                user[f] += pull * (old_positive[f] - old_negative[f]) - shrink * old_user[f]
                positive[f] += pull * old_user[f] - shrink * old_positive[f]
                negative[f] += -pull * old_user[f] - shrink * old_negative[f]
            biases[i] += pull - shrink * scalars[k, 1]
            biases[j] += -pull - shrink * scalars[k, 2]
    return losses
