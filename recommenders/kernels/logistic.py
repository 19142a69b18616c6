"""Training of biased matrix factorisation on pairs, compiled: plain stochastic gradient descent, pair by pair.

With the logit ``z = w_u . h_i + b_u + c_i + b`` of user ``u`` and item ``i`` and the label ``y``, the objective of a
pair is ``ln(1 + e^z) - y z + reg / 2 * (|w_u|^2 + |h_i|^2 + b_u^2 + c_i^2 + b^2)`` (Rendle et al., RecSys 2020,
arXiv:2005.09683). A step against its gradient, ``learning_rate`` long, with
``pull = learning_rate * (y - sigmoid(z))`` and ``shrink = learning_rate * reg``, adds

- ``pull * h_i - shrink * w_u`` to ``w_u`` and ``pull * w_u - shrink * h_i`` to ``h_i``, both from the values before;
- ``pull - shrink * b`` to each bias ``b``.

Everything is float32, in one thread and in a fixed order: equal examples give equal parameters, to the last bit. Eight
elements of a vector are processed at once, the remaining ones one by one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.exponential import exponential
from recommenders.kernels.prefetching import AHEAD, prefetch, prefetch_row
from recommenders.kernels.vectors import LANES, load, multiply, multiply_add, splat, store, total

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats


@inlined
def _product(users: Floats, items: Floats, u: int, i: int) -> np.float32:
    """Return the inner product of two vectors."""
    size = users.shape[1]
    whole = size - size % LANES
    terms = splat(np.float32(0))
    for j in range(0, whole, LANES):
        terms = multiply_add(load(users, u, j), load(items, i, j), terms)
    product: np.float32 = total(terms)
    for j in range(whole, size):
        product += users[u, j] * items[i, j]
    return product


@inlined
def _step(users: Floats, items: Floats, u: int, i: int, pull: np.float32, kept: np.float32) -> None:
    """Change two vectors; ``kept``, ``1 - shrink``, multiplies the old values of each."""
    size = users.shape[1]
    whole = size - size % LANES
    pulls, shares = splat(pull), splat(kept)
    for j in range(0, whole, LANES):
        user, item = load(users, u, j), load(items, i, j)
        store(users, u, j, multiply_add(pulls, item, multiply(shares, user)))
        store(items, i, j, multiply_add(pulls, user, multiply(shares, item)))
    for j in range(whole, size):
        old = users[u, j]
        users[u, j] = pull * items[i, j] + kept * old
        items[i, j] = pull * old + kept * items[i, j]


@kernel("(int32[:, ::1], float32[:, ::1], float32[:, ::1], float32[::1], float32[::1], float32[::1], float64, float64)")
def descend(
    examples: Examples,
    users: Floats,
    items: Floats,
    user_biases: Floats,
    item_biases: Floats,
    bias: Floats,
    learning_rate: float,
    reg: float,
) -> float:
    """Visit all examples, one after the other.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: user, item and label, 0 or 1.
    users, items, user_biases, item_biases, bias
        ``(n_users, size)``, ``(n_items, size)``, ``(n_users,)``, ``(n_items,)`` and ``(1,)``, changed in place.

    Returns
    -------
    float
        The sum of ``ln(1 + e^z) - y z``, each computed before its step.
    """
    rate, kept, one = np.float32(learning_rate), np.float32(1 - learning_rate * reg), np.float32(1)
    losses, n = 0.0, examples.shape[0]
    for k in range(n):
        if k + AHEAD < n:
            next_u, next_i = examples[k + AHEAD, 0], examples[k + AHEAD, 1]
            prefetch_row(users, next_u)
            prefetch_row(items, next_i)
            prefetch(user_biases, next_u)
            prefetch(item_biases, next_i)
        u, i, label = examples[k, 0], examples[k, 1], np.float32(examples[k, 2])
        logit = _product(users, items, u, i) + user_biases[u] + item_biases[i] + bias[0]
        small = exponential(-abs(logit))
        losses += max(logit, np.float32(0)) - label * logit + math.log1p(small)
        pull = rate * (label - (one if logit >= 0 else small) / (one + small))
        _step(users, items, u, i, pull, kept)
        user_biases[u] = kept * user_biases[u] + pull
        item_biases[i] = kept * item_biases[i] + pull
        bias[0] = kept * bias[0] + pull
    return losses
