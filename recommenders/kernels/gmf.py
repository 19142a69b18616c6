"""Generalised matrix factorisation, forward and backward (see `recommenders.kernels.pointwise` for the equations).

Users' and items' vectors are ``(n_users, size)`` and ``(n_items, size)``; ``output``, ``(1, size + 1)``, holds the
weights, then the bias. Eight elements of a vector are processed at once, the remaining ones one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined
from recommenders.kernels.prefetching import AHEAD, prefetch_row
from recommenders.kernels.vectors import LANES, load, multiply, multiply_add, splat, store, total

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats


@inlined
def add_gmf_logits(users: Floats, items: Floats, output: Floats, examples: Examples, logits: Floats) -> None:
    """Add GMF's logits to ``logits``, ``(n,)``."""
    size = users.shape[1]
    whole = size - size % LANES
    n = examples.shape[0]
    for k in range(n):
        u, i = examples[k, 0], examples[k, 1]
        if k + AHEAD < n:
            prefetch_row(users, examples[k + AHEAD, 0])
            prefetch_row(items, examples[k + AHEAD, 1])
        terms = splat(np.float32(0))
        for j in range(0, whole, LANES):
            terms = multiply_add(load(output, 0, j), multiply(load(users, u, j), load(items, i, j)), terms)
        logit = output[0, size] + total(terms)
        for j in range(whole, size):
            logit += output[0, j] * users[u, j] * items[i, j]
        logits[k] += logit


@inlined
def add_gmf_gradients(
    users: Floats,
    items: Floats,
    output: Floats,
    examples: Examples,
    slots: Examples,
    slopes: Floats,
    decay: np.float32,
    to_users: Floats,
    to_items: Floats,
    to_output: Floats,
) -> None:
    """Add the gradients, from the slopes of the logits, to the last three arrays; ``decay`` times a vector is added.

    The gradients of ``examples[k]`` are added to the rows ``slots[k]``.
    """
    size = users.shape[1]
    whole = size - size % LANES
    decays = splat(decay)
    for k in range(examples.shape[0]):
        u, i, slope = examples[k, 0], examples[k, 1], slopes[k]
        to_u, to_i = slots[k, 0], slots[k, 1]
        for j in range(0, whole, LANES):
            user, item = load(users, u, j), load(items, i, j)
            pull = multiply(splat(slope), load(output, 0, j))
            store(to_users, to_u, j, multiply_add(pull, item, multiply_add(decays, user, load(to_users, to_u, j))))
            store(to_items, to_i, j, multiply_add(pull, user, multiply_add(decays, item, load(to_items, to_i, j))))
            store(to_output, 0, j, multiply_add(splat(slope), multiply(user, item), load(to_output, 0, j)))
        for j in range(whole, size):
            to_users[to_u, j] += slope * output[0, j] * items[i, j] + decay * users[u, j]
            to_items[to_i, j] += slope * output[0, j] * users[u, j] + decay * items[i, j]
            to_output[0, j] += slope * users[u, j] * items[i, j]
        to_output[0, size] += slope
