"""The weights of an elastic net that are above zero, minimised by turns until they settle, compiled.

What is minimised, and what the names mean, is in `recommenders.kernels.elastic_net`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]
    Gram = npt.NDArray[np.uint16] | npt.NDArray[np.float32]
    Slopes = npt.NDArray[np.float32]
    Indices = npt.NDArray[np.int64]

RELAXED = 0.5
"""The share of the way to its minimiser that a weight goes.

Items that occur together pull at each other. If each went the whole way, a sweep would overshoot, and it would take
twice as many.
"""

ROUNDING = 1e-5
"""A change so small, relative to the highest weight, may be an error of single precision."""


@inlined
def _gather(gram: Gram, active: Indices, part: Gram) -> None:
    """Write the part of ``G`` that belongs to some items, ``(n, n)``."""
    # Without a sign, an index needs no check for counting from the end.
    places = active.astype(np.uint32)
    for k in range(active.size):
        of_k, to_k = gram[active[k]], part[k]
        for i in range(active.size):
            to_k[i] = of_k[places[i]]


@inlined
def settle(
    gram: Gram, target: int, active: Indices, weights: Vector, l1: float, l2: float, tol: float, least: float,
    max_iter: int, changes: Vector, room: Gram,
) -> tuple[int, float]:  # fmt: skip
    """Sweep over the weights above zero until they no longer change; return the number of sweeps and the highest.

    They may still change by ``least``, or by ``tol`` relative to the highest. By how much they have changed is written
    to ``changes``; ``room`` has place for their part of ``G``.
    """
    n = active.size
    part = room[: n * n].reshape((n, n))
    _gather(gram, active, part)
    own, left = weights[active], np.empty(n, np.float32)
    n_sweeps, most, highest = 0, np.inf, 0.0
    while n_sweeps < max_iter and most > max(least, tol * highest):
        _refresh(gram[target], active, part, own, l1, l2, left)
        most, highest = _sweep(part, own, left, l2)
        n_sweeps, latest = n_sweeps + 1, most
        while n_sweeps < max_iter and latest > max(least, max(tol, ROUNDING) * highest):
            latest, highest = _sweep(part, own, left, l2)
            n_sweeps += 1
        if tol >= ROUNDING:
            most = latest
    for k in range(n):
        changes[k] = own[k] - weights[active[k]]
        weights[active[k]] = own[k]
    return n_sweeps, highest


@inlined
def _refresh(of_target: Gram, active: Indices, part: Gram, own: Vector, l1: float, l2: float, left: Slopes) -> None:
    """Write what is left of the slopes of weights above zero, with both penalties."""
    exact = np.empty(active.size)
    for i in range(active.size):
        exact[i] = of_target[active[i]] - l1 - l2 * own[i]
    for k in range(active.size):
        weight, of_k = own[k], part[k]
        for i in range(active.size):
            exact[i] -= weight * of_k[i]
    left[:] = exact


@inlined
def _sweep(part: Gram, own: Vector, left: Slopes, l2: float) -> tuple[float, float]:
    """Bring each weight nearer to its minimiser; return how far the farthest was from it, and the highest weight."""
    most, highest = 0.0, 0.0
    for k in range(own.size):
        away = left[k] / (part[k, k] + l2)
        change = max(-own[k], RELAXED * away)
        if change != 0.0:
            own[k] += change
            single, of_k = np.float32(change), part[k]
            for i in range(own.size):
                left[i] -= single * np.float32(of_k[i])
            left[k] -= np.float32(l2 * change)
        most, highest = max(most, min(abs(away), abs(change) / RELAXED)), max(highest, own[k])
    return most, highest
